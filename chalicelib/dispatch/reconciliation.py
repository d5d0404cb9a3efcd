"""The equation of I5 for a month, or some days of it.

Every completed contact is decided, and every decision has a state and a reason:

    completed = not invited (by reason) + invited (by state) + undecided

Completed contacts are counted from what dispatch does not write: the contacts that landed in the lake and those whose
landing is pending, which one transaction wrote together with the contact. No table is scanned: the lake lists a month
by its prefix, pending work is one partition per shard, and each invitation has the contact's own key.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from chalicelib.dispatch.model import FINAL, WAVE_OF, InvitationState, Wave
from chalicelib.shared.clock import local_date, month_of
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from chalicelib.dispatch.model import Invitation
    from chalicelib.shared.work import PendingWork


class LandedIds(Protocol):
    """What has landed in the lake, by id."""

    def ids(self, table: str, municipality: str, month: str) -> AbstractSet[str]:
        """The contact ids that have a landed object of a table in a month."""
        ...


class StoredInvitations(Protocol):
    """Invitations, many at once."""

    def many(
        self, municipality: str, contact_ids: Iterable[str], wave: Wave = Wave.INVITATION
    ) -> Mapping[str, Invitation]:
        """Those that exist, by contact id."""
        ...


@dataclass(frozen=True, slots=True)
class Equation:
    """One municipality's month.

    `missing` are completed contacts that nobody decided about nor will; `stuck` invitations and reminders that have
    something left to do and no pending work; `foreign` invitations without a completed contact. All three are empty
    when it adds up. `reminders` are the states of the reminders that were planned, `not_reminded` why others were not.
    """

    municipality: str
    month: str
    completed: int
    undecided: int
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    failures: Mapping[str, int]
    reminders: Mapping[str, int] = field(default_factory=dict)
    not_reminded: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = field(default=())
    stuck: tuple[str, ...] = field(default=())
    foreign: tuple[str, ...] = field(default=())

    @property
    def invited(self) -> int:
        """Decided in favour, whatever became of it."""
        return sum(self.states.values()) - self.not_invited

    @property
    def not_invited(self) -> int:
        """Decided against."""
        return self.states.get(InvitationState.NOT_INVITED, 0)

    @property
    def adds_up(self) -> bool:
        """True when nothing is lost and nothing came from nowhere."""
        whole = self.completed == self.not_invited + self.invited + self.undecided
        return whole and not (self.missing or self.stuck or self.foreign)


class Reconciliation:
    """Computes equations from the stores."""

    def __init__(self, *, landed: LandedIds, invitations: StoredInvitations, work: PendingWork) -> None:
        self._landed = landed
        self._invitations = invitations
        self._work = work

    def equation(
        self, municipality: str, month: str, until: datetime, *, days: tuple[date, date] | None = None
    ) -> Equation:
        """The equation of a local month (`YYYY-MM`), or of the contacts that ended on some days of it, both included.

        `until` is later than any due time, so all work is seen. A contact without decision and work has no day that we
        know, so `missing` and `foreign` are the month's always.
        """
        pending = list(self._work.due(municipality, until))
        landing = _subjects(pending, WorkKind.LAND_CONTACT, month)
        completed = self._landed.ids("contacts", municipality, month) | landing
        landed_invitations = self._landed.ids("invitations", municipality, month)
        found = self._invitations.many(municipality, completed)
        # Read again: what was completed or decided meanwhile is no fault. Work is ended after its result is stored.
        pending += self._work.due(municipality, until)
        undecided = (completed - found.keys()) & _subjects(pending, WorkKind.DECIDE, month)
        missing = set(completed - found.keys() - undecided)
        late = self._invitations.many(municipality, missing)
        found = {**found, **late}
        missing -= late.keys()
        if days is not None:
            ended = {item.subject: item.due_at for item in pending if item.kind is WorkKind.DECIDE}
            undecided = {key for key in undecided if _is_within(ended[key], days)}
            found = {key: each for key, each in found.items() if _is_within(each.contact_ended_at, days)}
        planned = [key for key, each in found.items() if each.reminder_planned_at is not None]
        reminders = self._invitations.many(municipality, planned, Wave.REMINDER)
        pending += self._work.due(municipality, until)
        return Equation(
            municipality=municipality,
            month=month,
            completed=len(completed) if days is None else len(found) + len(undecided) + len(missing),
            undecided=len(undecided),
            states=Counter(str(each.state) for each in found.values()),
            reasons=Counter(str(each.reason) for each in found.values() if each.reason is not None),
            failures=Counter(str(each.failure) for each in found.values() if each.failure is not None),
            reminders=Counter(str(each.state) for each in reminders.values()),
            not_reminded=Counter(str(e.no_reminder_reason) for e in found.values() if e.no_reminder_reason is not None),
            missing=tuple(sorted(missing)),
            stuck=tuple(
                sorted(
                    _stuck(found, pending, Wave.INVITATION)
                    | _stuck(reminders, pending, Wave.REMINDER)
                    | (set(planned) - set(reminders))
                )
            ),
            foreign=tuple(sorted(landed_invitations - completed)),
        )


def _is_within(moment: datetime, days: tuple[date, date]) -> bool:
    return days[0] <= local_date(moment) <= days[1]


def _subjects(pending: Iterable[WorkItem], kind: WorkKind, month: str) -> set[str]:
    """Deciding and landing are due when the contact ended, so their month is the contact's."""
    return {item.subject for item in pending if item.kind is kind and month_of(item.due_at) == month}


def _stuck(found: Mapping[str, Invitation], pending: Iterable[WorkItem], wave: Wave) -> set[str]:
    """Those with something left to do and no pending work of their wave."""
    waiting = {item.subject for item in pending if WAVE_OF.get(item.kind) is wave}
    return {key for key, each in found.items() if each.state not in FINAL and key not in waiting}
