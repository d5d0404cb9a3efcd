"""What the invented history is like: volumes, rates, habits, and the two changes that the report is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality

MONTHS: Final = 24
SEED: Final = 20_261_122


@dataclass(frozen=True, slots=True)
class Scenario:
    """One municipality's habits. Shares are of in-person visits; `accept_rate` is accepted of offered (SK-11)."""

    visits_per_year: int
    phone_share: float = 0.25
    e_mail_share: float = 0.12
    booked_share: float = 0.62
    english_share: float = 0.12
    accept_rate: float = 0.070
    changes: bool = False


SCENARIOS: Final = {
    "fjordby": Scenario(visits_per_year=35_000, changes=True),
    "sandholm": Scenario(visits_per_year=2_600),
}
"""The demo municipalities; another one gets visits by its desks' hours."""


def scenario_of(municipality: Municipality) -> Scenario:
    """The municipality's habits."""
    if municipality.id in SCENARIOS:
        return SCENARIOS[municipality.id]
    hours = sum(
        len(period.weekdays) * period.desks * (period.closes.hour - period.opens.hour)
        for office in municipality.offices
        for group in office.desk_groups
        for period in group.opening
    )
    return Scenario(visits_per_year=max(100, 40 * hours))


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of one question at one office, from one day to another, in standard deviations of its answers."""

    office: str
    question: str
    size: float
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Changes:
    """`real` began with the last closed month and stays; the report must find it. `chance` is a ripple of that month.

    The ripple is as large as a month's luck often is: visible to the eye, and not to be called a change (GL-50).
    """

    real: Shift
    chance: Shift

    @property
    def all(self) -> tuple[Shift, Shift]:
        """Both."""
        return self.real, self.chance


def changes_of(municipality: Municipality, now: datetime) -> Changes | None:
    """The planted changes, at the office with the most desks; None where the scenario has none."""
    if not scenario_of(municipality).changes:
        return None
    office = max(municipality.offices, key=lambda candidate: len(candidate.desks)).id
    today = local_date(now)
    closed = months_before(today, 1)
    end = today.replace(day=1)
    return Changes(
        real=Shift(office, "clear-information", 1.0, closed, today),
        chance=Shift(office, "friendliness", 0.22, closed, end),
    )


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return day.replace(year=index // 12, month=index % 12 + 1, day=1)
