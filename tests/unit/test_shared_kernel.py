"""The kernel: time across both clock changes, numbers that mask themselves, tokens, ids, the exception tree."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared import errors
from chalicelib.shared.clock import (
    at_local,
    local_date,
    local_day_bounds,
    month_of,
    parse_moment,
    rfc3339,
    to_local,
    utc_text,
)
from chalicelib.shared.hashing import Keys, is_token, link_token, phone_hash, token_hash
from chalicelib.shared.identifiers import is_slug, new_booking_code, new_ulid, normalise_booking_code
from chalicelib.shared.languages import as_language, in_language
from chalicelib.shared.phone import PhoneNumber
from tests.builders import KEYS, MONDAY

SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


class TestClock:
    @pytest.mark.parametrize(
        ("day", "wall", "expected"),
        [
            (date(2026, 11, 23), time(10), "2026-11-23T09:00:00Z"),
            (date(2026, 7, 1), time(10), "2026-07-01T08:00:00Z"),
            (SPRING, time(1, 59), "2027-03-28T00:59:00Z"),
            (SPRING, time(3), "2027-03-28T01:00:00Z"),
            (AUTUMN, time(2, 30), "2026-10-25T00:30:00Z"),
            (date(2028, 2, 29), time(9), "2028-02-29T08:00:00Z"),
        ],
    )
    def test_wall_time_becomes_utc(self, day, wall, expected):
        moment = at_local(day, wall)
        assert moment is not None
        assert utc_text(moment) == expected

    def test_the_hour_that_spring_skips_does_not_exist(self):
        assert at_local(SPRING, time(2, 30)) is None

    @pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 11, 23), 24)])
    def test_a_local_day_has_its_true_length(self, day, hours):
        start, end = local_day_bounds(day)
        assert end - start == timedelta(hours=hours)

    @given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
    def test_written_time_reads_back_to_the_second(self, moment):
        whole = moment.replace(microsecond=0)
        assert parse_moment(rfc3339(moment)) == whole
        assert parse_moment(utc_text(moment)) == whole

    def test_month_and_day_are_local(self):
        last_hour = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
        assert month_of(last_hour) == "2026-11"
        assert local_date(last_hour) == date(2026, 11, 1)
        assert to_local(last_hour).hour == 0

    def test_times_of_any_year_sort_as_text_and_read_back(self):
        moments = [datetime(year, 1, 2, tzinfo=UTC) for year in (1, 999, 2026, 9999)]
        written = [utc_text(moment) for moment in moments]
        assert sorted(written) == written
        assert [parse_moment(text) for text in written] == moments

    @pytest.mark.parametrize("text", ["2026-11-23T10:00:00", "tomorrow", "", "9999-12-31T23:59:59Z"])
    def test_a_time_without_offset_or_beyond_the_calendar_is_refused(self, text):
        with pytest.raises(ValueError, match=r"."):
            parse_moment(text)

    def test_a_naive_time_is_never_written(self):
        with pytest.raises(ValueError, match="naive"):
            rfc3339(datetime(2026, 1, 1))


class TestPhoneNumber:
    @given(st.from_regex(r"\+[1-9]\d{6,14}", fullmatch=True))
    def test_no_way_of_printing_it_shows_it(self, text):
        number = PhoneNumber(text)
        shown = f"{number} {number!r} {[number]} { ({'n': number}) }"
        assert text not in shown
        assert text[3:-2] not in shown or len(text[3:-2]) < 4
        assert number.reveal() == text

    def test_a_log_line_shows_the_mask(self, caplog):
        logging.getLogger("test").warning("sending to %s", PhoneNumber("+4520123456"))
        assert "20123456" not in caplog.text

    @pytest.mark.parametrize("text", ["20123456", "+0123456789", "+45", "+45 20 12 34 56", ""])
    def test_anything_but_e164_is_refused_without_repeating_it(self, text):
        with pytest.raises(ValueError, match=r"^not an E\.164 phone number$"):
            PhoneNumber(text)


class TestHashing:
    def test_the_same_subject_gives_the_same_link_and_another_purpose_another(self):
        token = link_token(KEYS, "survey", "fjordby|01X")
        assert token == link_token(KEYS, "survey", "fjordby|01X")
        assert token != link_token(KEYS, "appointment", "fjordby|01X")
        assert is_token(token)
        assert token not in token_hash(token)

    def test_an_old_key_version_still_makes_its_links(self):
        rotated = Keys(phone=KEYS.phone, links={**KEYS.links, "2": b"n" * 32}, link_version="2")
        assert link_token(rotated, "survey", "a", version="1") == link_token(KEYS, "survey", "a")
        assert link_token(rotated, "survey", "a") != link_token(KEYS, "survey", "a")

    def test_a_phone_hash_means_nothing_in_another_municipality(self):
        phone = PhoneNumber("+4520123456")
        assert phone_hash(KEYS, "fjordby", phone) != phone_hash(KEYS, "sandholm", phone)

    def test_keys_are_never_printed(self):
        assert "pppp" not in repr(KEYS)
        assert "llll" not in repr(KEYS)

    @pytest.mark.parametrize("text", ["", "short", "has-hyphen-123", "æøåæøåæøåæøåæø", "x" * 15])
    def test_what_cannot_be_a_token_is_refused_before_any_look_up(self, text):
        assert not is_token(text)


class TestIdentifiers:
    def test_ulids_sort_by_time_and_differ(self):
        ids = [new_ulid(MONDAY + timedelta(seconds=n)) for n in range(50)]
        assert ids == sorted(ids)
        assert len({new_ulid(MONDAY) for _ in range(1000)}) == 1000
        assert all(len(ulid) == 26 for ulid in ids)

    @given(st.text(alphabet=" .-", max_size=3))
    def test_a_code_is_found_however_it_is_typed(self, noise):
        code = new_booking_code()
        assert normalise_booking_code(noise.join(code.lower())) == code

    @pytest.mark.parametrize(
        ("text", "good"), [("fjordby", True), ("a-1", True), ("1a", False), ("Å", False), ("", False)]
    )
    def test_slugs(self, text, good):
        assert is_slug(text) is good


def test_languages_fall_back_to_english_then_danish():
    assert in_language({"da": "Pas", "en": "Passport"}, "uk") == "Passport"
    assert in_language({"da": "Pas"}, "en") == "Pas"
    assert as_language("en-GB") == "en"
    assert as_language("tlh") is None


def test_the_exception_tree_is_drawn_in_its_docstring():
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.BorgerpulsError)]
    drawing = errors.__doc__ or ""
    for error in classes:
        assert error.__name__ in drawing
        if error is not errors.BorgerpulsError:
            line = next(line for line in drawing.splitlines() if f" {error.__name__} " in f"{line} ")
            assert f"{error.status} {error.code}" in line, error.__name__
