"""The register of actions: kept, changed without losing anybody's edit, followed up, told to citizens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.actions import rules
from chalicelib.actions.document import changes, content_before
from chalicelib.actions.model import (
    Action,
    Conclusion,
    Entry,
    PublicText,
    Status,
)
from chalicelib.actions.ports import Overtaken
from chalicelib.actions.rules import Due, Problem
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound, Outrun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from chalicelib.actions.model import Author, Content, Span
    from chalicelib.actions.ports import ActionStore, Figures
    from chalicelib.actions.rules import FollowUp
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

MOST_TOLD: Final = 3
_MOST_PEOPLE: Final = 9999
_ORDER: Final = {status: place for place, status in enumerate(Status)}
Pins = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the register. An empty one lets all pass; `status` may also be `due`."""

    channel: str = ""
    department: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An action, and how it stands with its follow-up."""

    action: Action
    follow_up: FollowUp | None

    @property
    def is_due(self) -> bool:
        """True while a follow-up waits for somebody."""
        return self.follow_up is not None and self.follow_up.state is Due.DUE


class Register:
    """The use cases."""

    def __init__(self, *, store: ActionStore, figures: Callable[[], Figures], clock: Callable[[], Clock]) -> None:
        self._store = store
        self._figures = figures
        self._clock = clock

    def all(self, municipality: Municipality, wanted: Wanted | None = None) -> list[Standing]:
        """The actions that pass the filter: what is due first, then by status, the newest first."""
        today, asked = self._today(), wanted or Wanted()
        standing = [Standing(each, rules.follow_up(each, today)) for each in self._store.all(municipality.id)]
        found = [each for each in standing if passes(each, asked, municipality)]
        found.sort(key=lambda each: each.action.created, reverse=True)
        return sorted(found, key=lambda each: (not each.is_due, _ORDER[each.action.content.status]))

    def one(self, municipality: Municipality, action: str) -> Standing:
        """An action. What its figures rest on is pinned as soon as it is final.

        Raises:
            NotFound: there is none.
        """
        found = self._get(municipality, action)
        due = rules.follow_up(found, self._today())
        for span in _spans(found, due):
            if span.first not in found.pins and (names := self._figures().settled(municipality, span.first, span.last)):
                self._store.pin(found, span.first, names)
                found = replace(found, pins={**found.pins, span.first: names})
        return Standing(found, due)

    def create(self, municipality: Municipality, content: Content, author: Author, *, key: str | None = None) -> Action:
        """A new action; the same key keeps it once and gives the one that was kept.

        Raises:
            InvalidInput: what is wrong with which field, as a `Problem`.
        """
        today = self._today()
        self._check(municipality, content, rules.problems(content, municipality, today))
        said = f"{municipality.id}|action|{key or secrets.token_hex(16)}"
        new = Action(hashlib.sha256(said.encode()).hexdigest()[:16], municipality.id, self._clock().now(), content)
        action = replace(rules.settled(new, content, today), pins=self._pins(municipality, content))
        try:
            self._store.add(action, self._entry(None, action, author))
        except Outrun:
            return self._get(municipality, action.id)
        return action

    def change(self, municipality: Municipality, action: str, version: int, content: Content, author: Author) -> Action:
        """The action with other content, written on top of that version.

        Raises:
            NotFound: there is none.
            InvalidInput: what is wrong with which field, as a `Problem`.
            Overtaken: there is a newer version; nothing was saved.
        """
        before = self._get(municipality, action)
        if before.version != version:
            raise self._overtaken(before, version, content)
        if content == before.content:
            return before
        today = self._today()
        self._check(municipality, content, rules.problems(content, municipality, today, before), before.content)
        after = rules.settled(before, content, today)
        pins = before.pins if content.baseline == before.content.baseline else self._pins(municipality, content)
        return self._replace(municipality, before, replace(after, pins=pins), author)

    def conclude(self, municipality: Municipality, action: str, version: int, text: str, author: Author) -> Action:
        """Ends the follow-up that is due, with what was concluded.

        Raises:
            NotFound, Overtaken: see `change`.
            InvalidInput: no text, or nothing is due.
        """
        before = self._current(municipality, action, version)
        today = self._today()
        due = rules.follow_up(before, today)
        if due is None or due.state is not Due.DUE:
            raise InvalidInput(fields={"conclusion": Problem.NOT_DUE})
        said = self._text(text, "conclusion", rules.LONGEST_TEXT)
        conclusion = Conclusion(today, said, due.span)
        return self._replace(
            municipality, before, replace(before, conclusions=(*before.conclusions, conclusion)), author
        )

    def take_back(self, municipality: Municipality, action: str, version: int, number: int, author: Author) -> Action:
        """Without one of its conclusions: what was followed up by it is due again.

        Raises:
            NotFound: there is no such action or conclusion.
            Overtaken: see `change`.
        """
        before = self._current(municipality, action, version)
        if not 0 <= number < len(before.conclusions):
            raise NotFound(fields={"conclusion": "there is none"})
        kept = before.conclusions[:number] + before.conclusions[number + 1 :]
        return self._replace(municipality, before, replace(before, conclusions=kept), author)

    def publish(
        self,
        municipality: Municipality,
        action: str,
        version: int,
        texts: Mapping[str, str] | None,
        author: Author,
    ) -> Action:
        """Tells citizens “you said, we did” (`said_da`, `did_da`, `said_en`, `did_en`), or with None no longer.

        Raises:
            NotFound, Overtaken: see `change`.
            InvalidInput: a text is missing or won't do, or nothing has been done yet.
        """
        before = self._current(municipality, action, version)
        public = None
        if texts is not None:
            if before.content.status not in rules.TOLD:
                raise InvalidInput(fields={"said_da": Problem.NOTHING_DONE})
            wrong, kept = {}, {}
            for name in ("said_da", "did_da", "said_en", "did_en"):
                kept[name] = rules.plain_text(texts.get(name, ""))
                problem = rules.problem_of(kept[name], rules.LONGEST_PUBLIC) if kept[name] else Problem.MISSING
                if problem:
                    wrong[name] = problem
            _refuse(wrong)
            said, did = ({tag: kept[f"{part}_{tag}"] for tag in ("da", "en")} for part in ("said", "did"))
            since = before.public.since if before.public else self._today()
            public = PublicText(said, did, since)
        if public == before.public:
            return before
        return self._replace(municipality, before, replace(before, public=public), author)

    def told(self, municipality: str) -> list[PublicText]:
        """What citizens are told: the newest few."""
        return list(self._store.published(municipality))[:MOST_TOLD]

    def next_statuses(self, action: Action) -> tuple[Status, ...]:
        """Its status and those that may follow."""
        return rules.next_statuses(action)

    def _get(self, municipality: Municipality, action: str) -> Action:
        found = self._store.get(municipality.id, action)
        if found is None:
            raise NotFound(fields={"action": "there is none"})
        return found

    def _current(self, municipality: Municipality, action: str, version: int) -> Action:
        found = self._get(municipality, action)
        if found.version != version:
            raise self._overtaken(found, version, found.content)
        return found

    def _overtaken(self, now: Action, version: int, mine: Content) -> Overtaken:
        """What the writer of `mine` began with is the present, less the steps since."""
        since = [each for each in self._store.file(now.municipality, now.id).history if each.version > max(version, 1)]
        undone = [change for entry in sorted(since, key=lambda e: e.version, reverse=True) for change in entry.changes]
        return Overtaken(now, rules.merged(content_before(now.content, undone), mine, now.content))

    def _check(
        self,
        municipality: Municipality,
        content: Content,
        problems: Mapping[str, Problem],
        old: Content | None = None,
    ) -> None:
        wrong, figures = dict(problems), self._figures()
        baseline, guard = content.baseline, content.guard
        if baseline and baseline != (old.baseline if old else None):
            span = baseline.span
            if span.is_over_on > self._today():
                wrong["finding"] = Problem.RUNNING
            elif not figures.is_shown(municipality, baseline.place, span.first, span.last):
                wrong["finding"] = Problem.HIDDEN
        if guard and guard != (old.guard if old else None) and not figures.is_asked(municipality, guard.place):
            wrong.setdefault("guard_question", Problem.UNKNOWN)
        _refuse(wrong)

    def _pins(self, municipality: Municipality, content: Content) -> Pins:
        if content.baseline is None:
            return {}
        span = content.baseline.span
        names = self._figures().settled(municipality, span.first, span.last)
        return {span.first: names} if names else {}

    def _replace(self, municipality: Municipality, before: Action, after: Action, author: Author) -> Action:
        next_one = replace(after, version=before.version + 1)
        try:
            self._store.replace(before, next_one, self._entry(before, next_one, author))
        except Outrun as outrun:
            raise self._overtaken(self._get(municipality, before.id), before.version, after.content) from outrun
        return next_one

    def _entry(self, before: Action | None, after: Action, author: Author) -> Entry:
        return Entry(after.version, self._clock().now(), author.subject, author.role, changes(before, after))

    def _text(self, text: str, field: str, longest: int) -> str:
        said = rules.plain_text(text)
        problem = rules.problem_of(said, longest) if said else Problem.MISSING
        _refuse({field: problem} if problem else {})
        return said

    def _today(self) -> date:
        return local_date(self._clock().now())


def _refuse(wrong: Mapping[str, Problem]) -> None:
    if wrong:
        raise InvalidInput(fields=dict(wrong))


def _spans(action: Action, due: FollowUp | None) -> Iterable[Span]:
    """The periods whose figures the action rests on."""
    if action.content.baseline:
        yield action.content.baseline.span
    if due and due.span and due.state is not Due.PLANNED:
        yield due.span
    yield from (each.span for each in action.conclusions if each.span)


def passes(standing: Standing, wanted: Wanted, municipality: Municipality) -> bool:
    """Whether an action is among those that a filter lets pass; a department's are also those of its parts."""
    content = standing.action.content
    units = {content.department, municipality.sub_departments.get(content.department, "")}
    return (
        wanted.channel in {"", content.channel}
        and (not wanted.department or wanted.department in units)
        and (standing.is_due if wanted.status == Due.DUE else wanted.status in {"", content.status})
    )
