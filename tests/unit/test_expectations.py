"""Estimates of contacts: what they expect, how earlier ones correct them, letters in batches, a year in a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.expectations.shown_traffic import ShownTraffic
from chalicelib.entrypoints.expectations.forms import content_from, values_of
from chalicelib.entrypoints.expectations.words import Words
from chalicelib.expectations.bias import Spread, bias_of, per_hundred_of, settled, spread_of, weekly_of
from chalicelib.expectations.document import document_of, estimate_of
from chalicelib.expectations.history import Month, Source, proposal, usual
from chalicelib.expectations.model import Capacity, Kind
from chalicelib.expectations.outlook import outlook
from chalicelib.expectations.pacing import DoesNotFit, is_working_day, pace, stress
from chalicelib.expectations.rules import checked
from chalicelib.shared.errors import InvalidInput, NotFound, Outrun, WrongState
from chalicelib.shared.holidays import public_holidays
from tests.builders import FixedClock, a_municipality
from tests.fakes.expectations import TODAY, InMemoryEstimates, a_content, an_estimate, expectations, letters
from tests.fakes.reporting import InMemoryReportCells, counts

CHRISTMAS_EVE = date(2026, 12, 24)
LONG_AGO = TODAY - timedelta(weeks=30)


def earlier(*ratios: float, **changes):
    """Estimates that are over: of 100 contacts in two weeks, and what came by those ratios."""
    return [
        an_estimate(
            f"E{n}", {1: round(ratio * 50), 2: round(ratio * 50)}, starts=LONG_AGO, weeks=2, per_week=50, **changes
        )
        for n, ratio in enumerate(ratios)
    ]


# ---------- what an estimate expects ----------


def test_letters_and_weeks_make_a_total():
    assert letters().total == Decimal(125)
    assert a_content(per_week=60, weeks=4).total == 240
    assert a_content(per_week=60, weeks=4).weekly == 60


@pytest.mark.requirement("BF-20")
def test_minutes_are_turned_into_whole_contacts_for_planning_and_kept_for_nothing_else():
    assert Capacity(60, minutes_each=7).contacts == 8
    assert Capacity(60).contacts == 60
    kept = document_of(an_estimate(capacity=Capacity(60, 7)))
    assert not {"employee", "desk", "target"} & kept.keys()


@pytest.mark.requirement("BF-18")
def test_actual_is_held_against_what_was_expected_of_the_weeks_counted():
    estimate = an_estimate(counts={1: 90, 3: 60})
    assert (estimate.actual, estimate.expected, estimate.ratio) == (150, 120, Decimal("1.25"))
    assert an_estimate().ratio is None


@pytest.mark.requirement("BF-19")
@pytest.mark.parametrize(("came", "passed"), [(90, False), (91, True), (0, False)])
def test_the_alarm_is_due_above_the_limit_and_not_on_it(came, passed):
    assert an_estimate(counts={1: came}, limit_percent=150).has_passed is passed


def test_a_document_gives_the_same_estimate_again():
    for estimate in (an_estimate(counts={1: 5, 12: 7}), an_estimate(content=letters(reasons=("passport",)))):
        assert estimate_of(estimate.id, "fjordby", document_of(estimate), 1) == estimate


# ---------- how earlier ones correct it ----------


@pytest.mark.requirement("BF-18")
def test_the_correction_is_the_middle_of_the_earlier_ratios_as_by_hand():
    """Ratios 0.8, 1.4 and 2.0: the middle one is 1.4; 240 becomes 336, from 192 to 480; (3-1)/(3+1) is a half."""
    bias = bias_of(earlier(2.0, 0.8, 1.4))
    assert bias is not None
    corrected = bias.of(Decimal(240))
    assert (corrected.middle, corrected.low, corrected.high, corrected.n) == (336, 192, 480, 3)
    assert corrected.chance == Decimal("0.5")


def test_of_an_even_number_the_middle_lies_between_two():
    found = spread_of([Decimal(1), Decimal(4), Decimal(2), Decimal(3)])
    assert found is not None
    assert found.middle == Decimal("2.5")
    assert spread_of([]) is None


def test_one_earlier_estimate_says_nothing_about_uncertainty():
    bias = bias_of(earlier(1.8))
    assert bias is not None
    assert bias.chance == 0


@given(st.lists(st.decimals("0.1", "9", places=2), min_size=1, max_size=12), st.integers(1, 10_000))
def test_the_correction_lies_within_its_range_and_grows_with_the_estimate(ratios, total):
    bias = spread_of(ratios)
    assert bias is not None
    corrected, more = bias.of(Decimal(total)), bias.of(Decimal(total + 1))
    assert corrected.low <= corrected.middle <= corrected.high
    assert corrected.middle < more.middle
    assert 0 <= corrected.chance < 1


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=7, unique=True))
def test_the_next_of_the_same_sort_falls_into_the_range_as_often_as_is_said(values):
    """Each of the n + 1 is the next one as likely as another: it falls between the others n - 1 times."""
    inside = 0
    for last in values:
        others = spread_of(Decimal(each) for each in values if each != last)
        assert others is not None
        inside += others.low <= last <= others.high
    known = spread_of(map(Decimal, values[1:]))
    assert known is not None
    assert Decimal(inside) / len(values) == known.chance


def test_only_what_is_over_and_was_counted_corrects():
    running = an_estimate("E7", {1: 500}, starts=TODAY)
    uncounted = an_estimate("E8", starts=LONG_AGO)
    assert settled([running, uncounted, *earlier(1.2)], TODAY) == earlier(1.2)
    assert settled(earlier(1.2), TODAY, before=LONG_AGO + timedelta(days=13)) == []


# ---------- what history proposes ----------


@pytest.mark.requirement("BF-17")
def test_earlier_ones_of_the_kind_propose_what_they_brought():
    campaigns, mailings = earlier(1.0, 3.0), [an_estimate("L", {1: 50}, content=letters(starts=LONG_AGO, weeks=1))]
    assert per_hundred_of(mailings) == spread_of([Decimal(5)])  # 1000 letters brought 50
    weekly = weekly_of(campaigns, Kind.CAMPAIGN)
    assert weekly is not None
    assert (weekly.middle, weekly.n) == (100, 2)  # 50 and 150 a week
    found = proposal(Kind.CAMPAIGN, [*campaigns, *mailings], None)
    assert found is not None
    assert (found.found, found.source) == (weekly, Source.EARLIER)


@pytest.mark.requirement("BF-17")
def test_without_earlier_ones_the_busiest_month_says_how_much_is_usual():
    """October 2026 has 22 working days, September too, November 21: 220 contacts are 50 a week, 440 are 100."""
    months = [Month("2026-08", 210), Month("2026-09", 220), Month("2026-10", 440)]
    normal = usual(months, before=date(2026, 11, 23))
    assert normal is not None
    assert (normal.middle, normal.low, normal.high, normal.n) == (50, 50, 100, 3)
    found = proposal(Kind.SERVICE, [], normal)
    assert found is not None
    assert (found.found.middle, found.source) == (50, Source.TRAFFIC)
    assert proposal(Kind.LETTERS, [], normal) is None
    assert proposal(Kind.SERVICE, [], usual(months[1:], before=date(2026, 11, 23))) is None


def test_a_usual_week_is_of_the_twelve_months_before():
    months = [Month(f"{2025 + n // 12}-{n % 12 + 1:02d}", 100 * n) for n in range(23)]
    normal = usual(months, before=date(2026, 6, 15))
    assert normal is not None
    assert normal.n == 12
    assert usual(months, before=date(2025, 1, 1)) is None


# ---------- letters in batches ----------


@pytest.mark.requirement("BF-16")
def test_letters_go_out_in_equal_batches_that_can_be_answered():
    """1000 letters, one contact for each eight, 20 contacts a day: 160 letters a day at most, so seven days of 143."""
    plan = pace(letters(starts=date(2026, 11, 26)), Decimal("0.125"))
    assert [batch.letters for batch in plan.batches] == [143] * 6 + [142]
    assert [str(batch.day) for batch in plan.batches][:3] == ["2026-11-26", "2026-11-27", "2026-11-30"]
    assert [(str(week.monday), week.days, week.letters) for week in plan.weeks] == [
        ("2026-11-23", 2, 286),
        ("2026-11-30", 5, 714),
    ]


@pytest.mark.requirement("BF-16")
def test_holidays_weekends_and_closing_days_are_skipped():
    plan = pace(letters(starts=CHRISTMAS_EVE, letters=300), Decimal("0.125"), {CHRISTMAS_EVE})
    assert [str(batch.day) for batch in plan.batches] == ["2026-12-28", "2026-12-29"]


@given(
    st.integers(1, 20_000),
    st.decimals("0.01", "1000", places=2),
    st.integers(1, 500),
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
)
@pytest.mark.requirement("BF-16")
def test_batches_add_up_stay_within_capacity_and_are_always_the_same(number, per_hundred, capacity, starts):
    content, each = letters(letters=number, capacity=Capacity(capacity), starts=starts), per_hundred / 100
    try:
        plan = pace(content, each)
    except DoesNotFit:
        assert number / max(1, capacity // each) > 520
        return
    assert sum(batch.letters for batch in plan.batches) == number == sum(week.letters for week in plan.weeks)
    assert all(batch.letters >= 1 and is_working_day(batch.day) for batch in plan.batches)
    assert plan.is_over is any(batch.contacts > capacity for batch in plan.batches)
    assert all(one.day < other.day for one, other in pairwise(plan.batches))
    assert plan == pace(content, each)


def test_letters_without_contacts_go_on_one_day():
    assert [batch.letters for batch in pace(letters(), Decimal(0)).batches] == [1000]


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_no_public_holiday_is_a_working_day(day):
    assert is_working_day(day) is (day.weekday() < 5 and day not in public_holidays(day.year))


# ---------- a year in a week ----------


@pytest.mark.requirement("BF-19")
def test_the_first_week_may_bring_52_weeks():
    service = a_content(kind=Kind.SERVICE, weeks=52, per_week=30, capacity=Capacity(20))
    found = stress(service, service.total)
    assert (found.contacts, found.weeks, found.working_days) == (52 * 30, 52, 5)
    assert found.share_of_capacity == Decimal("15.6")  # 1,560 contacts where 100 can be taken
    assert stress(replace(service, starts=date(2026, 12, 24)), service.total).working_days == 4


# ---------- all of it ----------


def test_an_outlook_knows_what_could_be_known_when_it_begins():
    later = an_estimate("E9", {1: 900}, starts=TODAY - timedelta(weeks=5), weeks=4)
    before, after = (
        outlook(letters(starts=starts), [*earlier(2.0), later], [], TODAY)
        for starts in (TODAY - timedelta(weeks=3), TODAY)
    )
    assert before.bias is not None
    assert after.bias is not None
    assert (before.bias.n, after.bias.n) == (1, 2)
    assert before.planned == 250
    assert before.plan is not None
    assert [batch.letters for batch in before.plan.batches] == [77] * 12 + [
        76
    ]  # 80 a day at one contact for four letters
    assert outlook(a_content(), [], [], TODAY).plan is None
    assert outlook(letters(letters=100_000, capacity=Capacity(1)), [], [], TODAY).plan is None


def test_what_an_estimate_may_say():
    municipality = a_municipality()
    wrong = replace(
        letters(letters=0, per_hundred=Decimal(0), weeks=53, capacity=Capacity(5, 10), limit_percent=99),
        title=" ",
        owner="Ring 20 12 34 56",
        reasons=("unknown",),
    )
    with pytest.raises(InvalidInput) as refused:
        checked(wrong, municipality)
    named = {"letters", "per_hundred", "weeks", "capacity", "limit_percent", "title", "owner", "reasons"}
    assert refused.value.fields.keys() == named
    with pytest.raises(InvalidInput) as refused:
        checked(a_content(per_week=0, capacity=Capacity(60, 121)), municipality)
    assert refused.value.fields.keys() == {"per_week", "minutes_each"}
    assert checked(a_content(title="  To   ord "), municipality).title == "To ord"


# ---------- the use cases ----------


@pytest.mark.requirement("BF-17")
def test_an_estimate_is_kept_with_its_owner_and_assumptions_once():
    service, municipality = expectations(), a_municipality()
    made = service.create(municipality, "E1", a_content())
    assert service.create(municipality, "E1", a_content(title="Sendt igen")) == made
    assert service.one(municipality, "E1").content.owner == "Leder af kontaktcentret"
    with pytest.raises(NotFound):
        service.one(municipality, "E2")


@pytest.mark.requirement("BF-18")
def test_what_has_begun_is_counted_and_neither_changed_nor_withdrawn():
    clock, municipality = FixedClock(), a_municipality()
    service = expectations(clock=clock)
    service.create(municipality, "E1", a_content(starts=TODAY + timedelta(days=1)))
    with pytest.raises(InvalidInput):
        service.count(municipality, "E1", 1, week=1, contacts=5)
    changed = service.change(municipality, "E1", 1, a_content(starts=TODAY + timedelta(days=1), per_week=80))
    clock.advance(minutes=24 * 60)
    for attempt in (
        lambda: service.change(municipality, "E1", 2, changed.content),
        lambda: service.withdraw(municipality, "E1", 2),
    ):
        with pytest.raises(WrongState):
            attempt()
    counted = service.count(municipality, "E1", 2, week=1, contacts=100)
    assert counted.ratio == Decimal("1.25")
    with pytest.raises(InvalidInput):
        service.count(municipality, "E1", 3, week=2, contacts=5)
    with pytest.raises(Outrun):
        service.count(municipality, "E1", 2, week=1, contacts=5)
    assert service.count(municipality, "E1", 3, week=1, contacts=40).counts == {1: 40}


def test_what_has_not_begun_can_be_withdrawn():
    service, municipality = expectations(), a_municipality()
    service.create(municipality, "E1", a_content(starts=TODAY + timedelta(days=1)))
    service.withdraw(municipality, "E1", 1)
    assert service.shelf(municipality).coming == ()


def test_the_shelf_sorts_by_time_and_knows_the_bias():
    store = InMemoryEstimates()
    for each in (
        *earlier(1.6, 2.0),
        an_estimate("NOW", starts=TODAY),
        an_estimate("LATER", starts=TODAY + timedelta(days=40)),
        an_estimate("SOON", starts=TODAY + timedelta(days=4)),
    ):
        store.add(each)
    shelf = expectations(store=store).shelf(a_municipality())
    assert [each.id for each in shelf.running] == ["NOW"]
    assert [each.id for each in shelf.coming] == ["SOON", "LATER"]
    assert [each.id for each in shelf.over] == ["E1", "E0"]
    assert shelf.bias is not None
    assert shelf.bias.middle == Decimal("1.8")


def test_an_estimate_does_not_correct_itself():
    store = InMemoryEstimates()
    own = earlier(3.0)[0]
    store.add(own)
    later = replace(own.content, starts=TODAY)
    service = expectations(store=store)
    assert service.outlook(a_municipality(), later, own.id).bias is None
    assert service.outlook(a_municipality(), later).bias is not None


# ---------- the reports' history ----------


def month_of_traffic(period: str, **channels: int):
    return counts(period=period, served={"all": {"all": sum(channels.values())}, "channel": channels})


@pytest.mark.requirement("BF-17")
def test_history_is_what_reports_show_and_nothing_else():
    """November still runs; in September three wrote letters, and who knew the phone's number would know theirs."""
    cells = InMemoryReportCells(
        month_of_traffic("2026-08", phone=210, letter=40),
        month_of_traffic("2026-09", phone=220, letter=3),
        month_of_traffic("2026-10", phone=440),
        month_of_traffic("2026-11", phone=90),
    )
    traffic, municipality = ShownTraffic(cells=cells, clock=FixedClock), a_municipality()
    assert list(traffic.months(municipality, "letter")) == [Month("2026-08", 40)]
    phone = traffic.months(municipality, "phone")
    assert [month.month for month in phone] == ["2026-08", "2026-10"]
    assert phone[-1].per_week == 100


# ---------- words ----------


@pytest.mark.parametrize(
    ("value", "told"), [("0", "0"), ("7.6", "8"), ("99.4", "99"), ("125", "120"), ("1238", "1.200"), ("9960", "10.000")]
)
def test_an_estimate_is_told_in_two_figures(value, told):
    assert Words("da").about(Decimal(value)) == told


def test_a_range_of_one_number_is_told_as_that_number():
    assert Words("da").between(Spread(Decimal(50), Decimal(20), Decimal(300), 3)) == "20 til 300"
    assert Words("en").between(Spread(Decimal(50), Decimal("49.7"), Decimal(50), 3)) == "50"


def test_every_problem_has_words():
    wrong = {"title", "owner", "assumptions", "weeks", "letters", "per_hundred", "per_week", "capacity", "minutes_each"}
    wrong |= {"limit_percent", "reasons", "week", "contacts", "kind", "channel", "starts"}
    assert all(Words("en").problems(dict.fromkeys(wrong, "")).values())


@pytest.mark.parametrize("text", ["1e3", "NaN", "", "12,5,", "1000000000000", "-"])
def test_what_is_no_number_is_refused(text):
    fields = {"kind": "letters", "channel": "phone", "starts": "2026-11-30", "per_hundred": text}
    with pytest.raises(InvalidInput) as refused:
        content_from(fields, [])
    assert {"per_hundred", "letters", "weeks", "capacity", "limit_percent"} == refused.value.fields.keys()


@given(st.builds(letters, per_hundred=st.decimals("0.01", "1000", places=2), letters=st.integers(1, 10**6)))
def test_what_a_form_is_filled_with_is_the_same_estimate_again(content):
    for language in ("da", "en"):
        assert content_from(values_of(content, language), content.reasons) == content
