from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.surveys.redaction import Redactor, normalised

redact = Redactor(["Birthe Kvist"])


@given(
    st.dates(date(1900, 1, 1), date(2030, 12, 31)), st.integers(0, 9999), st.sampled_from(["", "-", " ", " - ", "–"])
)
def test_every_cpr_number_goes_in_every_usual_form(born, serial, separator):
    """By shape and date alone: modulus 11 is not asked, because valid numbers since 2007 fail it."""
    cpr = f"{born:%d%m%y}{separator}{serial:04d}"
    assert redact(f"Mit nummer er {cpr}, tak.") == "Mit nummer er [cpr], tak."


@given(
    st.integers(20_000_000, 99_999_999), st.sampled_from(["", "+45", "+45 ", "0045 "]), st.sampled_from(["", " ", "-"])
)
def test_every_danish_phone_number_goes(number, country, separator):
    digits = str(number)
    grouped = separator.join(digits[i : i + 2] for i in range(0, 8, 2))
    assert redact(f"Ring {country}{grouped} i dag") == "Ring [telefon] i dag"


@given(
    st.dates(date(1990, 1, 1), date(2040, 12, 31)), st.sampled_from(["%d.%m.%Y", "%d/%m-%Y", "%d-%m-%Y", "%Y-%m-%d"])
)
def test_dates_stay(day, form):
    text = f"Det var den {day:{form}} kl. 14.30"
    assert redact(text) == text


@pytest.mark.parametrize("text", ["310285-1234", "000185-1234", "121385-1234"])
def test_ten_digits_without_a_date_are_no_cpr_unless_said_to_be(text):
    assert "[cpr]" not in redact(f"Sag {text}")
    assert redact(f"cpr {text}") == "cpr [cpr]"


@given(st.text(max_size=300))
def test_any_text_comes_through_and_a_second_time_changes_nothing_that_is_shaped(text):
    once = redact(text)
    assert "\x00" not in once
    assert normalised(once) == once


@given(st.lists(st.sampled_from(["120385-1234", "20 12 34 56", "a@b.dk", "Vestergade 12", "Birthe", "hej", ",", "og"])))
def test_redacting_twice_is_redacting_once(words):
    once = redact(" ".join(words))
    assert redact(once) == once


@pytest.mark.parametrize("family", ["👨‍👩‍👧", "👍🏽", "🇩🇰", "❤️", "🏳️‍🌈"])
def test_emoji_stay_whole(family):
    assert redact(f"Fint {family}") == f"Fint {family}"


def test_arabic_digits_and_direction_marks_hide_nothing():
    assert redact("رقمي ٢٠١٢٣٤٥٦") == "رقمي [telefon]"
    assert redact("\u202e120385\u202c-1234") == "[cpr]"


def test_line_ends_stay():
    assert redact("Hej\n\nDet gik fint") == "Hej\n\nDet gik fint"


def test_without_staff_names_the_rest_is_still_found():
    assert Redactor()("Ring 20 12 34 56, kvist") == "Ring [telefon], kvist"


def test_staff_names_go_whole_by_part_and_in_the_genitive():
    redactor = Redactor(["Ngozi Okafor", "Per Omann"])
    assert (
        redactor("ngozi var sød, og Okafors hjælp var god. NGOZI OKAFOR!")
        == "[navn] var sød, og [navn] hjælp var god. [navn]!"
    )
    assert redactor("Per person tog det ti minutter") == "Per person tog det ti minutter"


@pytest.mark.parametrize(
    "hard", ["1 " * 1000, "a" * 2000, "A b" * 600, "12" * 1000, "@." * 1000, "Aa " * 660, "(+45" * 500]
)
def test_hostile_text_takes_no_time(hard):
    began = time.perf_counter()
    redact(hard)
    assert time.perf_counter() - began < 0.5
