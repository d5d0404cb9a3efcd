"""Messages as carriers count them, and what happens to those that don't fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.dispatch.sms_text import Encoding, fit, measure, problems, render, to_gsm7

LINK = "https://svar.fjordby.dk/s/AbCdEfGhIjKlMn"
TEMPLATE = "Tak for dit besøg hos {municipality} (kode {code}). Hvordan gik det? Svar på 1 minut: {link}"


@pytest.mark.parametrize(
    ("text", "encoding", "length", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("a" * 918, "gsm7", 918, 6),
        ("a" * 919, "gsm7", 919, 7),
        ("^" * 80, "gsm7", 160, 1),
        ("^" * 81, "gsm7", 162, 2),
        ("a" * 152 + "^" + "a" * 152, "gsm7", 306, 3),  # the pair would straddle the first seam
        ("æøåÆØÅéüöä§£", "gsm7", 12, 1),
        ("€", "gsm7", 2, 1),
        ("ł" * 70, "ucs2", 70, 1),
        ("ł" * 71, "ucs2", 71, 2),
        ("ł" * 134, "ucs2", 134, 2),
        ("ł" * 135, "ucs2", 135, 3),
        ("a" * 100 + "–", "ucs2", 101, 2),
        ("👍" * 35, "ucs2", 70, 1),
        ("👍" * 36, "ucs2", 72, 2),
    ],
)
def test_length_and_parts_as_the_carrier_counts_them(text: str, encoding: str, length: int, parts: int) -> None:
    found = measure(text)
    assert (found.encoding, found.length, found.parts) == (Encoding(encoding), length, parts)


def test_a_clause_without_its_value_is_left_out() -> None:
    with_code = render(TEMPLATE, {"municipality": "Fjordby", "code": "K7RTPQ", "link": LINK})
    assert with_code == f"Tak for dit besøg hos Fjordby (kode K7RTPQ). Hvordan gik det? Svar på 1 minut: {LINK}"
    without = render(TEMPLATE, {"municipality": "Fjordby", "code": None, "link": LINK})
    assert without == f"Tak for dit besøg hos Fjordby. Hvordan gik det? Svar på 1 minut: {LINK}"


def test_a_missing_value_outside_a_clause_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        render("Kode {code}", {"code": None})
    with pytest.raises(KeyError):
        render("{unknown}", {"code": "K7RTPQ"})


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Fjordby” – kommune’s…", '"Fjordby" - kommune\'s...'),
        ("Łódź áíóúêâç", "Lodz aiouêâç".replace("ê", "e").replace("â", "a").replace("ç", "c")),
        ("Þórður", "Thordur"),
        ("\u00a0x\u200b", " x"),
        ("Київ", "????"),
        ("Ærø Måløv é ü", "Ærø Måløv é ü"),
    ],
)
def test_foreign_letters_get_the_nearest_likeness(text: str, plain: str) -> None:
    assert to_gsm7(text) == plain


@pytest.mark.requirement("SK-04")
def test_the_longest_link_code_and_name_fit_into_one_segment() -> None:
    text = fit(TEMPLATE, {"municipality": "Lyngby-Taarbæk Kommune", "code": "WWWWWW", "link": LINK})
    assert measure(text).parts == 1
    assert "WWWWWW" in text
    assert LINK in text


@pytest.mark.parametrize("name", ["Fjordby " * 12, "Ł" * 90, "€" * 60, "👍" * 40])
def test_what_is_too_long_loses_the_name_first_and_never_the_link(name: str) -> None:
    text = fit(TEMPLATE, {"municipality": name, "code": "K7RTPQ", "link": LINK})
    assert measure(text).encoding is Encoding.GSM7
    assert measure(text).parts == 1
    assert text.endswith(LINK)


def test_then_the_clauses_go() -> None:
    link = f"https://{'x' * 60}.dk/s/AbCdEfGhIjKlMn"
    text = fit(TEMPLATE, {"municipality": "Fjordby Kommune", "code": "K7RTPQ", "link": link})
    assert measure(text).parts == 1
    assert text.endswith(link)
    assert "kode" not in text


@given(st.text(max_size=40), st.sampled_from(["K7RTPQ", None]))
def test_no_name_breaks_the_message(name: str, code: str | None) -> None:
    text = fit(TEMPLATE, {"municipality": name, "code": code, "link": LINK})
    assert measure(text).encoding is Encoding.GSM7
    assert measure(text).parts == 1
    assert text.endswith(LINK)


LONGEST = {"municipality": "Fjordby Kommune", "code": "WWWWWW", "link": LINK}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (TEMPLATE, []),
        ("{municipality}: {link}", []),
        ("Hej {name}: {link}", ["unknown placeholder {name}"]),
        ("Hej {municipality}", ["{link} is missing"]),
        ("{municipality} kode {code}: {link}", ["{code} must stand in parentheses"]),
        ("{municipality} – {link}", ["characters that a text message can't hold in its short form: –"]),
        ("{municipality} {link}" + "x" * 120, ["characters with the longest values; 160 fit"]),
        ("{municipality} “{link}”" + "x" * 20, ["“ ”", "70 fit into one message"]),
    ],
)
def test_a_template_is_refused_when_it_is_configured(template: str, expected: list[str]) -> None:
    found = problems("invitation", template, LONGEST)
    assert len(found) == len(expected)
    for message, part in zip(found, expected, strict=True):
        assert part in message
