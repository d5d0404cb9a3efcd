"""The notice board: outages that citizens are told of (BF-14) and changes that colleagues must know (BF-15).

An outage has a window, from when the thing stopped working to when it worked again. The window is kept for the reports:
contacts inside it carry a flag. How long it took from the event to the notice is kept as well (BF-15).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.errors import InvalidInput, NotFound, Outrun
from chalicelib.shared.personal import plain_note
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.languages import Text

LONGEST_TEXT: Final = 240
LONGEST_WINDOW: Final = timedelta(days=60)
_LONGEST_PAST: Final = timedelta(days=7)


class NoticeKind(StrEnum):
    """An outage is announced to citizens; a change is for colleagues."""

    OUTAGE = "outage"
    CHANGE = "change"


class Level(StrEnum):
    """How loudly it is said."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `offices` and `reasons` limit it; empty means all of them.

    `event_at` is when it happened, `starts` when the notice begins to show, `ends` when it stops; None: until somebody
    ends it. `posted_at - event_at` is the time from event to notice (BF-15).
    """

    id: str
    municipality: str
    kind: NoticeKind
    level: Level
    text: Text
    event_at: datetime
    posted_at: datetime
    starts: datetime
    ends: datetime | None = None
    offices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    version: int = 1

    @property
    def is_public(self) -> bool:
        """True if citizens are told."""
        return self.kind is NoticeKind.OUTAGE

    @property
    def minutes_to_notice(self) -> int:
        """Whole minutes from the event to the notice."""
        return max(0, int((self.posted_at - self.event_at).total_seconds() // 60))

    def shows(self, now: datetime, office: str | None) -> bool:
        """True if it is in force now, at that office; None: at any."""
        in_force = self.starts <= now and (self.ends is None or now < self.ends)
        return in_force and (office is None or not self.offices or office in self.offices)

    def touches(self, office: str | None, reasons: Iterable[str], first: datetime, last: datetime) -> bool:
        """True if it is an outage during which somebody was at that office for one of those reasons."""
        overlaps = self.event_at <= last and (self.ends is None or first < self.ends)
        here = not self.offices or office in self.offices
        concerned = not self.reasons or not set(self.reasons).isdisjoint(reasons)
        return self.kind is NoticeKind.OUTAGE and overlaps and here and concerned


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What a desk or a leader posts. Without `event_at` it happened now; without `starts` it shows at once."""

    kind: NoticeKind
    level: Level
    text: Text
    event_at: datetime | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    offices: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class NoticeStore(Protocol):
    """Where notices are kept: those that have not ended apart from those that have."""

    def open(self, municipality: str) -> Sequence[Notice]:
        """Those that have not been put away, whether they show already or not."""
        ...

    def past(self, municipality: str, since: datetime) -> Sequence[Notice]:
        """Those put away that ended at `since` or later."""
        ...

    def add(self, notice: Notice) -> None:
        """Store a new one.

        Raises:
            Outrun: that id is known.
        """
        ...

    def put_away(self, before: Notice, after: Notice) -> None:
        """Keep `after` among the past, if the open one still is `before`; both or neither.

        Raises:
            Outrun: it has changed.
        """
        ...


class NoticeBoard:
    """The use cases of the notice board."""

    def __init__(self, *, store: NoticeStore, clock: Callable[[], Clock], retry: Retry | None = None) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry or Retry()

    def announcements(self, municipality: Municipality, office: str | None = None) -> tuple[Notice, ...]:
        """What citizens are told now, warnings first: on booking pages (no office), kiosk and display (BF-14)."""
        return tuple(notice for notice in self.board(municipality, office) if notice.is_public)

    def board(self, municipality: Municipality, office: str | None = None) -> tuple[Notice, ...]:
        """What colleagues are told now: outages and changes, warnings first, the newest before older ones."""
        now = self._now()
        showing = [notice for notice in self._store.open(municipality.id) if notice.shows(now, office)]
        newest_first = sorted(showing, key=lambda notice: (notice.posted_at, notice.id), reverse=True)
        return tuple(sorted(newest_first, key=lambda notice: notice.level is not Level.WARNING))

    def post(self, municipality: Municipality, new: NewNotice, *, idempotency_key: str | None = None) -> Notice:
        """The notice, shown from `starts` on; the same key posts it once.

        Raises:
            InvalidInput: a text is missing, too long or names somebody; times that contradict each other; an unknown
                office or reason.
        """
        now = self._now()
        notice = Notice(
            id=_id_of(municipality.id, idempotency_key),
            municipality=municipality.id,
            kind=new.kind,
            level=new.level,
            text=_checked_text(new),
            event_at=new.event_at or min(now, new.starts or now),
            posted_at=now,
            starts=new.starts or now,
            ends=new.ends,
            offices=_known(new.offices, {office.id for office in municipality.offices}, "offices"),
            reasons=_known(new.reasons, {reason.id for reason in municipality.reasons}, "reasons"),
        )
        _check_times(notice, now)

        def attempt() -> Notice:
            known = next((other for other in self._store.open(municipality.id) if other.id == notice.id), None)
            if known is None:
                self._store.add(notice)
            return known or notice

        return self._retry.run(attempt)

    def end(self, municipality: Municipality, notice_id: str) -> Notice:
        """The notice shows no more, from now on; ending twice is ending once.

        Raises:
            NotFound: there is no such notice.
        """

        def attempt() -> Notice:
            now = self._now()
            notice = next((n for n in self._store.open(municipality.id) if n.id == notice_id), None)
            if notice is None:
                return self._ended(municipality, notice_id, now)
            ends = now if notice.ends is None else min(now, notice.ends)
            after = replace(notice, ends=max(ends, notice.starts), version=notice.version + 1)
            self._store.put_away(notice, after)
            return after

        return self._retry.run(attempt)

    def windows(self, municipality: str, first: datetime, last: datetime) -> tuple[Notice, ...]:
        """The outages between two moments, by their beginning: what the reports count with."""
        known = (*self._store.open(municipality), *self._store.past(municipality, first))
        outages = [n for n in known if n.kind is NoticeKind.OUTAGE and n.event_at <= last]
        return tuple(sorted((n for n in outages if n.ends is None or first < n.ends), key=lambda n: n.event_at))

    def was_out(self, municipality: str, office: str | None, reasons: Iterable[str], *when: datetime) -> bool:
        """True if an outage touched whoever was at the office, for those reasons, from the first to the last moment."""
        wanted, first, last = tuple(reasons), min(when), max(when)
        return any(n.touches(office, wanted, first, last) for n in self.windows(municipality, first, last))

    def tidy(self, municipality: str) -> int:
        """Puts away what has ended by its own time, so that looking stays cheap; how many. Twice is once."""
        now = self._now()
        over = [notice for notice in self._store.open(municipality) if notice.ends is not None and notice.ends <= now]
        return sum(self._put_away(notice) for notice in over)

    def _put_away(self, notice: Notice) -> bool:
        try:
            self._store.put_away(notice, replace(notice, version=notice.version + 1))
        except Outrun:
            return False  # somebody ended it by hand
        return True

    def _ended(self, municipality: Municipality, notice_id: str, now: datetime) -> Notice:
        for notice in self._store.past(municipality.id, now - LONGEST_WINDOW):
            if notice.id == notice_id:
                return notice
        raise NotFound

    def _now(self) -> datetime:
        return self._clock().now().replace(microsecond=0)


def _id_of(municipality: str, key: str | None) -> str:
    return hashlib.sha256(f"{municipality}|notice|{key}".encode()).hexdigest()[:16] if key else secrets.token_hex(8)


def _checked_text(new: NewNotice) -> Text:
    """Danish always; English too where citizens read it."""
    needed = {"da", "en"} if new.kind is NoticeKind.OUTAGE else {"da"}
    missing = sorted(language for language in needed if not new.text.get(language, "").strip())
    if missing:
        raise InvalidInput(fields={f"text.{language}": "required" for language in missing})
    return {
        language: plain_note(text, field=f"text.{language}", longest=LONGEST_TEXT)
        for language, text in new.text.items()
        if text.strip()
    }


def _known(given: Sequence[str], known: set[str], field: str) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(given))
    if not known.issuperset(unique):
        raise InvalidInput(fields={field: "unknown"})
    return unique


def _check_times(notice: Notice, now: datetime) -> None:
    if notice.ends is not None and not max(now, notice.starts) < notice.ends <= notice.starts + LONGEST_WINDOW:
        raise InvalidInput(fields={"ends": "after the start and now, and within 60 days"})
    if notice.starts > now + LONGEST_WINDOW:
        raise InvalidInput(fields={"starts": "within 60 days"})
    if not now - _LONGEST_PAST <= notice.event_at <= notice.starts:
        raise InvalidInput(fields={"event_at": "at most a week ago, and not after the notice begins"})
