"""What is held about one contact, and what becomes of it when its citizen asks (I9).

The plan is data: each row of the contact gets a fate by the rules below, with the reason for what stays. The order of
the steps is the safety: tombstones first, so that nothing that lands late can come back; then landed objects and rows;
last, in one transaction, the rows that lead from a code or a link to the contact. Whatever crashes, the next run finds
the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.shared.clock import local_date, month_of, parse_moment, utc_text
from chalicelib.shared.errors import Busy, WrongState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.shared.clock import Clock

_ROUNDS: Final = 3
_ENDED: Final = frozenset({"completed", "no_show", "cancelled", "moved", "unclosed"})


class Fate(StrEnum):
    """What becomes of a row."""

    REMOVED = "removed"
    UNLINKED = "unlinked"  # stays, but no longer says whose it is
    LAST = "last"  # leads to the others, so it is removed when they are gone
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Record:
    """A row about the contact, by its table's suffix. Keys and content hold codes and numbers: neither is printed."""

    table: str
    pk: str = field(repr=False)
    sk: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """The fate of the rows of a table whose sort key and partition match."""

    table: str
    sort_key: str
    fate: Fate
    why: str = ""
    until: str = ""
    partition: str = ".*"

    def matches(self, record: Record) -> bool:
        """True for a row that it decides about."""
        keys = ((self.partition, record.pk), (self.sort_key, record.sk))
        return self.table == record.table and all(re.fullmatch(pattern, key) for pattern, key in keys)


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays, why and until when."""

    what: str
    why: str
    until: str


RULES: Final = (
    Rule("consents", r"contact#.*", Fate.LAST, "leads from the number to the contact"),
    Rule("consents", r"[a-z_]+#.*", Fate.KEPT, "the proof of what was agreed to, under a keyed hash", "2 years"),
    Rule("consents", "opted_out", Fate.KEPT, "the wish for no more messages, under a keyed hash", "taken back"),
    Rule("consents", "quarantine", Fate.UNLINKED, "the pause before the number is asked again, without the contact"),
    Rule("capacity", ".*", Fate.UNLINKED, "the time at the office, released"),
    Rule("appointments", "appointment|code", Fate.LAST, "leads from the code to the contact"),
    Rule("links", "link", Fate.REMOVED, "whose message it was; found by the invitation alone", partition="sms#.*"),
    Rule("links", "link", Fate.LAST, "leads from the link to the contact"),
    Rule("work", r".*#erase#.*", Fate.LAST, "the citizen's own wish, until it is done"),
)
"""The first that matches decides; every other row is removed."""

ELSEWHERE: Final = (
    Kept("idempotency records and holds", "they say that a request was answered; no number, no name", "24 hours"),
    Kept("tombstones of the lake", "the opaque id alone, so that nothing landing late comes back", "the lake's life"),
    Kept("bulk-loaded landing objects (demo)", "every compaction passes over the contact's lines", "the lake's life"),
    Kept("published counts of settled months", "one of at least five in a number (ADR 31)", "the lake's life"),
    Kept("older versions of the lake's files", "to restore after a mistake; no query reads them", "30 days"),
    Kept("backups of the tables", "point-in-time recovery; after a restore, erase again", "35 days"),
    Kept("results of queries", "redacted comments, under a keyed name", "7 days"),
    Kept("logs", "the opaque id", "30 days"),
    Kept("AWS's SMS delivery logs", "the number, under a key of their own", "14 days"),
)
"""What no erasure reaches and time removes: rows with a time to live, backups and logs."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The contact's rows by fate."""

    by_fate: Mapping[Fate, tuple[Record, ...]]

    def of(self, *fates: Fate) -> tuple[Record, ...]:
        """The rows with one of the fates."""
        return tuple(record for fate in fates for record in self.by_fate[fate])


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done, in numbers."""

    removed: Mapping[str, int]
    unlinked: Mapping[str, int]
    tombstones: int
    objects: int
    months: tuple[str, ...]
    kept: tuple[Kept, ...]

    @property
    def found_nothing(self) -> bool:
        """True when nothing was left to erase."""
        return not (self.removed or self.unlinked or self.tombstones or self.objects)


def rule_of(record: Record) -> Rule:
    """What decides about the row."""
    return next((rule for rule in RULES if rule.matches(record)), Rule(record.table, ".*", Fate.REMOVED))


def plan_of(records: Iterable[Record]) -> Plan:
    """The fate of every row."""
    sorted_out: dict[Fate, list[Record]] = {fate: [] for fate in Fate}
    for record in records:
        sorted_out[rule_of(record).fate].append(record)
    return Plan({fate: tuple(found) for fate, found in sorted_out.items()})


def kept_of(records: Iterable[Record]) -> tuple[Kept, ...]:
    """The rows that stay in the tables, and then what stays elsewhere."""
    counts = Counter((record.table, rule_of(record)) for record in plan_of(records).of(Fate.KEPT))
    rows = (Kept(f"{table}: {number} rows", rule.why, rule.until) for (table, rule), number in counts.items())
    return (*rows, *ELSEWHERE)


def months_of(records: Sequence[Record], now: datetime) -> frozenset[str]:
    """The months of the lake in which the facts of these rows lie: those of the contact's end, and of a booked time.

    A time to come is not in the lake yet, and its month must not come into being because of an erasure.
    """
    ended = {"contacts": "ended_at", "invitations": "contact_ended_at", "responses": "contact_ended_at"}
    facts = [_document(record).get(ended.get(record.table, "")) for record in records]
    booked = [_document(record).get("start") for record in records if record.table == "appointments"]
    past = (moment for moment in map(parse_moment, filter(None, booked)) if moment <= now)
    return frozenset(map(month_of, (*map(parse_moment, filter(None, facts)), *past)))


def _document(record: Record) -> Mapping[str, Any]:
    """Keys in rows that only point elsewhere are none of a fact's."""
    document: Mapping[str, Any] = record.content.get("document") or {}
    return document


def is_under_way(records: Iterable[Record], today: date) -> bool:
    """True while the citizen is at the office: completing the visit would write the contact anew."""
    states = (record.content.get("state") for record in records if _is_visit_of(record, today))
    return any(state is not None and state not in _ENDED for state in states)


def _is_visit_of(record: Record, day: date) -> bool:
    return record.table == "visits" and record.pk.endswith(f"#{day.isoformat()}")


class SubjectRows(Protocol):
    """The tables, by contact."""

    def contact_of(self, municipality: str, code: str) -> str | None:
        """The contact that a booking code or a link's token leads to, in this municipality."""
        ...

    def of(self, municipality: str, contact_id: str) -> Sequence[Record]:
        """Every row about the contact, read strongly."""
        ...

    def unlink(self, contact_id: str, records: Sequence[Record]) -> None:
        """The rows no longer name the contact; twice is once."""
        ...

    def remove(self, records: Sequence[Record]) -> None:
        """All of the rows are gone, or none."""
        ...


class SubjectLake(Protocol):
    """The lake, by contact."""

    def months(self, municipality: str, contact_id: str, hinted: frozenset[str]) -> frozenset[str]:
        """The hinted months and those with the contact's tombstone; if there are none, those with its lines."""
        ...

    def bury(self, municipality: str, month: str, contact_id: str) -> int:
        """Every table's next file is without the contact, whatever lands; how many tombstones are new."""
        ...

    def remove(self, municipality: str, month: str, contact_id: str) -> int:
        """The contact's landed objects are gone; how many there were."""
        ...

    def rows(self, municipality: str, month: str, contact_id: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The contact's landed lines by table."""
        ...


class Standing(Protocol):
    """What is still promised to the citizen, or by the citizen."""

    def take_back(self, municipality: str, contact_id: str) -> None:
        """An appointment to come is cancelled and every consent withdrawn, where there is one; twice is once."""
        ...


class ErasureService:
    """Erasing a contact, and telling what is held about it."""

    def __init__(self, *, rows: SubjectRows, lake: SubjectLake, standing: Standing, clock: Callable[[], Clock]) -> None:
        self._rows = rows
        self._lake = lake
        self._standing = standing
        self._clock = clock

    def contact_of(self, municipality: str, code: str) -> str | None:
        """The contact that a booking code, or a link from a text message, leads to; None if it leads nowhere (I8)."""
        return self._rows.contact_of(municipality, code)

    def erase(self, municipality: str, contact_id: str) -> Erasure:
        """Nothing about the contact is left but what the answer names; the lake's files follow with their compaction.

        Running it again is harmless, and completes what was interrupted. What a function had in hand meanwhile may
        still land once: the tombstones keep it out of every file and figure, and another run removes it.

        Raises:
            WrongState: the citizen is being served; complete the visit first.
            Busy: others keep writing about the contact, or the tables did not answer; run it again.
        """
        held = self._rows.of(municipality, contact_id)
        if is_under_way(held, local_date(self._clock().now())):
            raise WrongState("The visit is under way: complete it first, then erase.")
        months = self._lake.months(municipality, contact_id, months_of(held, self._clock().now()))
        self._standing.take_back(municipality, contact_id)
        tombstones = sum(self._lake.bury(municipality, month, contact_id) for month in months)
        objects = self._remove_landed(municipality, months, contact_id)
        done, left = self._remove_rows(municipality, contact_id)
        objects += self._remove_landed(municipality, months, contact_id)  # what landed meanwhile
        last = plan_of(left).of(Fate.LAST)
        self._rows.remove(last)
        return Erasure(
            removed=Counter(record.table for record in (*plan_of(done).of(Fate.REMOVED), *last)),
            unlinked=Counter(record.table for record in plan_of(done).of(Fate.UNLINKED)),
            tombstones=tombstones,
            objects=objects,
            months=tuple(sorted(months)),
            kept=kept_of(left),
        )

    def export(self, municipality: str, contact_id: str) -> dict[str, Any]:
        """Everything held about the contact, as JSON; and what is kept elsewhere, and how long."""
        held = self._rows.of(municipality, contact_id)
        tables: dict[str, list[dict[str, Any]]] = {}
        for record in held:
            tables.setdefault(record.table, []).append({"pk": record.pk, "sk": record.sk, **record.content})
        months = sorted(self._lake.months(municipality, contact_id, months_of(held, self._clock().now())))
        return {
            "municipality": municipality,
            "contact_id": contact_id,
            "exported_at": utc_text(self._clock().now()),
            "tables": tables,
            "lake": {month: dict(self._lake.rows(municipality, month, contact_id)) for month in months},
            "elsewhere": [{"what": kept.what, "why": kept.why, "until": kept.until} for kept in ELSEWHERE],
        }

    def _remove_landed(self, municipality: str, months: Iterable[str], contact_id: str) -> int:
        return sum(self._lake.remove(municipality, month, contact_id) for month in months)

    def _remove_rows(self, municipality: str, contact_id: str) -> tuple[list[Record], Sequence[Record]]:
        """The rows that were removed or unlinked, and those that are left; looked at again, as others may write."""
        done: list[Record] = []
        for _ in range(_ROUNDS):
            left = self._rows.of(municipality, contact_id)
            plan = plan_of(left)
            if not plan.of(Fate.REMOVED, Fate.UNLINKED):
                return done, left
            self._rows.unlink(contact_id, plan.of(Fate.UNLINKED))
            self._rows.remove(plan.of(Fate.REMOVED))
            done += plan.of(Fate.REMOVED, Fate.UNLINKED)
        raise Busy("Something keeps being written about this contact; run it again.")
