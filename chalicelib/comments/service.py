"""Marking comments, and finding those that were picked for others to see. Two colleagues at once lose nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.comments.model import (
    Mark,
    Use,
    changed,
    may_repeat,
    may_use,
    month_of_comment,
    months_of_comments,
    units,
    without_consent,
)
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.errors import Conflict, InvalidInput, NotFound
from chalicelib.shared.personal import plain_note
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.comments.model import Change, Comment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

LONGEST_NOTE: Final = 240
LONGEST_ANSWER: Final = 400
RECENT: Final = 6
"""Months whose picked comments are shown outside the page of all comments."""
_REMEMBERED: Final = timedelta(seconds=60)


class Source(Protocol):
    """The comments that may be read at all: redacted, and from groups that are large enough."""

    def periods(self, municipality: str) -> Sequence[str]:
        """Every month with counts, oldest first."""
        ...

    def readable(self, municipality: Municipality, period: str) -> Sequence[Comment]:
        """The comments of a period; latest week first.

        Raises:
            InvalidInput: no such period.
            NotFound: it has no counts.
        """
        ...


class MarkStore(Protocol):
    """Where marks are kept, until their comment's month is forgotten."""

    def between(self, municipality: str, first: str, last: str) -> Mapping[str, Mark]:
        """The marks on comments of the months from `first` to `last`, by id."""
        ...

    def get(self, municipality: str, comment_id: str) -> Mark | None:
        """The mark as it is now; None when nobody has put one."""
        ...

    def save(self, municipality: str, mark: Mark) -> None:
        """It is there, in place of the version before it.

        Raises:
            Outrun: that version is not the one that stands.
        """
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A picked comment. Without `words` only the office's answer may be shown."""

    comment: Comment
    mark: Mark
    words: bool = True


class CommentDesk:
    """What leaders and coordinators do with comments (SK-21)."""

    def __init__(self, *, store: MarkStore, source: Source, retry: Retry | None = None) -> None:
        self._store = store
        self._source = source
        self._retry = retry or Retry()

    def marks(self, municipality: str, comments: Iterable[Comment]) -> Mapping[str, Mark]:
        """The marks of these comments; one that has none is new."""
        comments = list(comments)
        months = months_of_comments(comments)
        known = self._store.between(municipality, months[0], months[-1]) if months else {}
        return {each.id: known.get(each.id) or Mark(each.id) for each in comments}

    def change(
        self, municipality: Municipality, period: str, comment_id: str, change: Change, *, seen: int | None = None
    ) -> Mark:
        """The mark with the change. What others changed meanwhile stays.

        `seen` is the version that stood on the page, given where texts are written over.

        Raises:
            NotFound: no such comment may be read in the period.
            InvalidInput: an unknown theme or department; a text that is too long or names somebody; a comment that may
                not be shown there.
            Conflict: a colleague has changed it since it was `seen`; nothing was written.
            Busy: others keep writing.
        """
        comment = self._found(municipality, period, comment_id)
        if change.show:
            self._demand_readable(municipality, comment_id)
        clean = _checked(municipality, change)

        def attempt() -> Mark:
            before = self._store.get(municipality.id, comment_id) or Mark(comment_id)
            after = changed(before, clean)
            if clean.show and not may_use(comment, after, clean.show, asked=asks(municipality)):
                raise InvalidInput(fields={"show": "its writer has not agreed"})
            if after == before:
                return before
            if seen is not None and seen != before.version:
                raise Conflict
            after = replace(after, version=before.version + 1)
            self._store.save(municipality.id, after)
            return after

        return self._retry.run(attempt)

    def take_back(self, municipality: str, comment_ids: Iterable[str]) -> None:
        """From now on the words of these comments stand on no page but that of all comments. Twice is once."""
        for comment_id in comment_ids:

            def attempt(comment_id: str = comment_id) -> None:
                before = self._store.get(municipality, comment_id) or Mark(comment_id)
                after = without_consent(before)
                if after != before:
                    self._store.save(municipality, replace(after, version=before.version + 1))

            self._retry.run(attempt)

    def _found(self, municipality: Municipality, period: str, comment_id: str) -> Comment:
        month_of_comment(comment_id)
        for comment in self._source.readable(municipality, period):
            if comment.id == comment_id:
                return comment
        raise NotFound

    def _demand_readable(self, municipality: Municipality, comment_id: str) -> None:
        """What others are shown is read in its own month: a year may tell of a group that a month hides."""
        try:
            self._found(municipality, month_of_comment(comment_id), comment_id)
        except NotFound as exc:
            raise InvalidInput(fields={"show": "too few answers in its month"}) from exc


class PickedComments:
    """The comments that were picked for others to see, as far as they may be shown now."""

    def __init__(self, *, store: MarkStore, source: Source, clock: Callable[[], Clock]) -> None:
        self._store = store
        self._source = Remembered(source, clock)

    def of(
        self, municipality: Municipality, use: Use, *, first: str | None = None, last: str | None = None
    ) -> list[Shown]:
        """Those of the months from `first` to `last`, else of the recent ones; newest first."""
        known = self._source.periods(municipality.id)
        months = [m for m in known if first <= m <= last] if first and last else list(known[-RECENT:])
        if not months:
            return []
        marks = self._store.between(municipality.id, months[0], months[-1])
        picked = {name: mark for name, mark in marks.items() if use in mark.uses}
        wanted = {month_of_comment(name) for name in picked}
        asked = asks(municipality)
        return [
            Shown(comment, picked[comment.id], words=may_repeat(comment, picked[comment.id], asked=asked))
            for month in reversed(months)
            if month in wanted
            for comment in self._source.readable(municipality, month)
            if comment.id in picked and may_use(comment, picked[comment.id], use, asked=asked)
        ]


class Remembered:
    """`Source` that asks again after a minute: screens ask every few seconds. Marks are always read anew."""

    def __init__(self, source: Source, clock: Callable[[], Clock]) -> None:
        self._source = source
        self._clock = clock
        self._periods: dict[str, tuple[datetime, Sequence[str]]] = {}
        self._readable: dict[tuple[str, str], tuple[datetime, Sequence[Comment]]] = {}

    def periods(self, municipality: str) -> Sequence[str]:
        """As the source's."""
        known = self._periods.get(municipality)
        if known is None or not self._is_fresh(known[0]):
            known = self._periods[municipality] = self._clock().now(), self._source.periods(municipality)
        return known[1]

    def readable(self, municipality: Municipality, period: str) -> Sequence[Comment]:
        """As the source's."""
        what = municipality.id, period
        known = self._readable.get(what)
        if known is None or not self._is_fresh(known[0]):
            known = self._readable[what] = self._clock().now(), self._source.readable(municipality, period)
        return known[1]

    def _is_fresh(self, at: datetime) -> bool:
        return at <= self._clock().now() < at + _REMEMBERED


def asks(municipality: Municipality) -> bool:
    """True where citizens are asked whether they may be quoted."""
    return COMMENT_USE in municipality.consent_texts


def _checked(municipality: Municipality, change: Change) -> Change:
    if change.theme and change.theme not in municipality.comments.themes:
        raise InvalidInput(fields={"theme": "unknown"})
    if change.department and change.department not in units(municipality):
        raise InvalidInput(fields={"department": "unknown"})
    return replace(
        change, note=_text(change.note, "note", LONGEST_NOTE), answer=_text(change.answer, "answer", LONGEST_ANSWER)
    )


def _text(text: str | None, field: str, longest: int) -> str | None:
    """An empty one clears what stands there."""
    return plain_note(text, field=field, longest=longest) if text else text
