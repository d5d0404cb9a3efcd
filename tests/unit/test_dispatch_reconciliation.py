"""The equation of I5, and what makes it fail."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.dispatch.policy import ConsentState
from chalicelib.dispatch.reconciliation import Equation, Reconciliation
from chalicelib.shared.identifiers import ContactId
from chalicelib.shared.work import WorkItem, WorkKind
from cli.operations import equation_lines
from tests.builders import MONDAY, a_contact
from tests.fakes.dispatch import World

FAR = MONDAY + timedelta(days=365)


class FakeLanded:
    """The lake's object names."""

    def __init__(self) -> None:
        self.names: set[tuple[str, str, str, str]] = set()

    def ids(self, table: str, municipality: str, month: str) -> frozenset[str]:
        return frozenset(name[3] for name in self.names if name[:3] == (table, municipality, month))


class Month:
    """A month with some contacts."""

    def __init__(self) -> None:
        self.world, self.landed = World(), FakeLanded()
        self.count = 0

    def contact(self, *, decided: bool = True, landed: bool = True, consent: ConsentState | None = None) -> str:
        self.count += 1
        phone = f"+452000{self.count:04d}"
        contact = a_contact(id=ContactId(f"01C{self.count:04d}"))
        self.world.complete(contact, phone=phone, consent=consent or ConsentState.GRANTED)
        if landed:
            self.landed.names.add(("contacts", "fjordby", "2026-11", contact.id))
        else:
            work = WorkItem("fjordby", WorkKind.LAND_CONTACT, contact.id, contact.ended_at)
            self.world.store.work["fjordby", contact.id, WorkKind.LAND_CONTACT] = work
        if decided:
            self.world.dispatch.decide_contact(contact)
            self.landed.names.add(("invitations", "fjordby", "2026-11", contact.id))
        return contact.id

    def equation(self, month: str = "2026-11", days: tuple[date, date] | None = None) -> Equation:
        reconciliation = Reconciliation(landed=self.landed, invitations=self.world.store, work=self.world.store)
        return reconciliation.equation("fjordby", month, FAR, days=days)


@pytest.fixture
def month() -> Month:
    return Month()


def test_an_empty_month_adds_up(month: Month) -> None:
    assert month.equation().adds_up
    assert list(equation_lines(month.equation())) == [
        "fjordby 2026-11: adds up",
        "  completed 0; not invited 0 + invited 0 + undecided 0 = 0",
    ]


@pytest.mark.requirement("I5")
def test_every_contact_is_on_one_side(month: Month) -> None:
    month.contact()
    month.contact(consent=ConsentState.REFUSED)
    month.contact(landed=False)
    month.contact(decided=False)
    month.contact(decided=False, landed=False)
    equation = month.equation()
    assert equation.adds_up
    assert (equation.completed, equation.invited, equation.not_invited, equation.undecided) == (5, 2, 1, 2)
    assert equation.reasons == {"no_consent": 1}
    assert not month.equation("2026-12").completed
    assert "  reasons: no_consent 1" in list(equation_lines(equation))


def test_some_days_of_a_month_have_an_equation_of_their_own(month: Month) -> None:
    month.contact()
    month.contact(decided=False)
    day, next_day = MONDAY.date(), MONDAY.date() + timedelta(days=1)
    equation = month.equation(days=(day, day))
    assert (equation.completed, equation.invited, equation.undecided, equation.adds_up) == (2, 1, 1, True)
    assert next(equation_lines(equation, (day, day))) == "fjordby 2026-11 from 2026-11-23 to 2026-11-23: adds up"
    other = month.equation(days=(next_day, next_day))
    assert (other.completed, other.adds_up) == (0, True)


def test_a_contact_whose_decision_vanished_is_named(month: Month) -> None:
    lost = month.contact(decided=False)
    del month.world.store.work["fjordby", lost, WorkKind.DECIDE]
    equation = month.equation()
    assert not equation.adds_up
    assert equation.missing == (lost,)
    assert f"  ! missing 1: {lost}" in list(equation_lines(equation))


def test_an_invitation_that_nobody_will_send_is_named(month: Month) -> None:
    stuck = month.contact()
    del month.world.store.work["fjordby", stuck, WorkKind.SEND]
    equation = month.equation()
    assert not equation.adds_up
    assert equation.stuck == (stuck,)


def test_an_invitation_without_a_contact_is_named(month: Month) -> None:
    month.landed.names.add(("invitations", "fjordby", "2026-11", "01NOBODY"))
    equation = month.equation()
    assert not equation.adds_up
    assert equation.foreign == ("01NOBODY",)
