"""What the invented history is like: volumes, rates, habits, and the two changes that the report is measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date, when_clocks_show

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality

MONTHS: Final = 24
SEED: Final = 20_261_122
_TUESDAY: Final = 2
FIELDWORK_MONTHS: Final = 13
"""From the month of the earlier wave to the last closed one."""


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
    self_service_share: float = 0.0
    months: int = MONTHS
    fieldwork: bool = False
    """Once a year many more are asked than those who said yes to a message: in the last closed month, and the same
    month a year before (`fieldwork.py`)."""


SCENARIOS: Final = {
    "fjordby": Scenario(visits_per_year=35_000, changes=True),
    "lindeby": Scenario(
        visits_per_year=5_200,
        phone_share=0.6,
        e_mail_share=0.3,
        self_service_share=0.5,
        months=FIELDWORK_MONTHS,
        fieldwork=True,
    ),
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
    """A change of one question in one group, from one day to another, in standard deviations of its answers."""

    dimension: str
    value: str
    question: str
    size: float
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Changes:
    """`real` began with the last closed month and stays; the report must find each. `chance` are ripples of that month.

    A ripple is as large as a month's luck often is: visible to the eye, and not to be called a change (GL-50).
    """

    real: tuple[Shift, ...]
    chance: tuple[Shift, ...]

    @property
    def all(self) -> tuple[Shift, ...]:
        """Both."""
        return self.real + self.chance


def changes_of(municipality: Municipality, now: datetime) -> Changes | None:
    """The planted changes, at the office with the most desks or where fieldwork asks; None if the scenario has none."""
    scenario, today = scenario_of(municipality), local_date(now)
    closed, end = months_before(today, 1), today.replace(day=1)
    if scenario.fieldwork:
        return Changes(
            real=(
                Shift("sub_department", "building", "satisfaction", -1.1, closed, today),
                Shift("channel", "e_mail", "e-mail-quick", 0.9, closed, today),
            ),
            chance=(
                Shift("sub_department", "environment", "satisfaction", 0.15, closed, end),
                Shift("department", "job-centre", "satisfaction", 0.12, closed, end),
                Shift("channel", "phone", "phone-friendly", -0.15, closed, end),
            ),
        )
    if not scenario.changes:
        return None
    office = max(municipality.offices, key=lambda candidate: len(candidate.desks)).id
    return Changes(
        real=(Shift("office", office, "clear-information", 1.0, closed, today),),
        chance=(Shift("office", office, "friendliness", 0.22, closed, end),),
    )


def outages(today: date) -> list[tuple[datetime, datetime]]:
    """When something was down: three hours of the second Tuesday of the last closed month, and of one a year earlier.

    Whoever came then waited longer, which the reports show.
    """
    found = []
    for months in (15, 1):
        first = months_before(today, months)
        day = first + timedelta(days=(_TUESDAY - first.isoweekday()) % 7 + 7)
        found.append((when_clocks_show(day, time(10)), when_clocks_show(day, time(13))))
    return found


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return day.replace(year=index // 12, month=index % 12 + 1, day=1)
