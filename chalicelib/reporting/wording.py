"""Findings in words, Danish and English: what the figures allow, and nothing more.

Direction comes from the data (GL-61). Only `development` says that something rose or fell, and it refuses every change
that is not significant on full bases (GL-50, GL-53, I7). Everything else is stated as a level with its base, or as "no
certain change".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.developments import certain_developments
from chalicelib.reporting.sentences import SAID_OF, SENTENCES
from chalicelib.reporting.statistics import BaseStatus, ChangeStatus
from chalicelib.reporting.views import shown_proportions
from chalicelib.shared.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.service import Overview

_NEAR: Final = 0.02
_LARGEST_ONE_IN: Final = 20
_WHOLE_POINTS: Final = 0.01


class Formats(Protocol):
    """How numbers and months are written; `chalicelib.web.formats` is one."""

    def percent(self, share: float, language: str, *, decimals: int = 0) -> str:
        """`84 %`."""
        ...

    def number(self, value: float, language: str, *, decimals: int = 0) -> str:
        """`1.234,5`."""
        ...

    def month_name(self, month: str, language: str) -> str:
        """`oktober 2026`."""
        ...


class NotADevelopment(ValueError):
    """A sentence about a change was asked for that the figures do not carry."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The report's first lines: what was found, what may be said of the change, and what the words mean."""

    statement: str
    change: str
    definition: str
    complement: str


class Wording:
    """The sentences of one report in one language. `name` turns (dimension, value) into the reader's name for it."""

    def __init__(self, overview: Overview, language: str, *, formats: Formats, name: Callable[[str, str], str]) -> None:
        self._overview = overview
        self._language = language if language in SENTENCES else "da"
        self._formats = formats
        self._name = name

    def finding(self, question: QuestionDefinition) -> Finding:
        """What the report opens with: the question's total, its change and its definition."""
        cell = self._overview.total(question)
        if cell is None or cell.share is None:
            limit = str(self._overview.thresholds.suppress_below)
            statement = self._say("too_few", month=self._month(self._overview.period), limit=limit)
            return Finding(statement, "", self._definition(question), "")
        return Finding(
            statement=self._statement(cell, question),
            change=self.change(cell, question),
            definition=self._definition(question),
            complement=self._complement(cell, question),
        )

    def change(self, cell: Cell, question: QuestionDefinition) -> str:
        """What may be said of a figure against the earlier period; nothing when there is none."""
        before = self._overview.compare
        if before is None or cell.base_status is BaseStatus.SUPPRESSED:
            return ""
        if cell.change_status is ChangeStatus.SIGNIFICANT:
            return self._say("certain", sentence=self.development(cell))
        previous = "" if cell.previous is None else self._value(cell, cell.previous)
        month, n = self._month(before), self._count(cell.previous_n)
        return self._say(self._said_of_no_development(cell, question), month=month, previous=previous, n=n)

    def _said_of_no_development(self, cell: Cell, question: QuestionDefinition) -> str:
        """The sentence for a change that is none, was not tested, or can't be compared."""
        if not self._overview.closed:
            return "running"
        if cell.previous is None:
            return "other_wording" if question.id in self._overview.changed_questions else "nothing_before"
        if cell.change is None:
            return "small_to_compare"
        return "indication" if cell.change_status is ChangeStatus.INDICATION else "no_change"

    def development(self, cell: Cell) -> str:
        """How far a figure rose or fell, and from what.

        Raises:
            NotADevelopment: the change is not significant, was not tested, or rests on a small or hidden base.
        """
        full = cell.base_status is BaseStatus.OK and (cell.previous_n or 0) > self._overview.thresholds.small_base
        if not (cell.significant and full and cell.change and self._overview.closed):
            raise NotADevelopment(f"{cell.dimension} {cell.value} {cell.question}")
        return self._say(
            "rise" if cell.change > 0 else "fall",
            size=self._distance(cell),
            previous=self._value(cell, cell.previous or 0.0),
            n=self._count(cell.previous_n),
            month=self._month(self._overview.compare or ""),
        )

    def developments(self) -> list[str]:
        """The changes that are certain, clearest first, at most three (GL-50)."""
        questions = {question.id: question for question in self._overview.questions}
        return [self._development_of(cell, questions[cell.question]) for cell in certain_developments(self._overview)]

    def developments_note(self) -> str:
        """How many more changes carry an asterisk, and what to make of them."""
        many = self._overview.multiplicity
        month = self._month(self._overview.compare) if self._overview.compare else ""
        if not many.tested:
            return self._say("nothing_tested", month=month)
        if not many.significant:
            return self._say("none_certain", month=month, tested=self._count(many.tested))
        numbers = {"tested": self._count(many.tested), "significant": self._count(many.significant)}
        key = "some_certain" if many.adjusted else "star_by_chance"
        return self._say(key, adjusted=self._count(len(many.adjusted)), **numbers)

    def notes(self) -> list[str]:
        """How the figures were made, from the data that they were made of."""
        overview, language = self._overview, self._language
        limits = overview.thresholds
        numbers = {
            "suppress": str(limits.suppress_below),
            "small": str(limits.small_base),
            "month": self._month(overview.period),
        }
        made = [self._say("note_base", **numbers), self._say("note_interval"), self._say("note_dont_know")]
        if overview.compare and overview.closed:
            made.append(self._say("note_test", before=self._month(overview.compare)))
            made += self._note_on_many_tests()
        elif not overview.closed:
            made.append(self._say("note_running", **numbers))
        made += self._note_on_editions()
        made += [self._say("note_thresholds", **numbers), self._say("note_average"), *self._note_on_modes()]
        made.append(self._say("note_mix"))
        made += [
            self._say("note_other_wording", question=in_language(question.short, language))
            for question in overview.questions
            if question.id in overview.changed_questions
        ]
        made += [
            self._say("note_two_ways", question=in_language(question.short, language))
            for question in overview.questions
            if question.id in overview.asked_in_two_ways
        ]
        return made

    def _note_on_editions(self) -> list[str]:
        """Whether the figures may still change, and whether a change waits (ADR 31)."""
        source = self._overview.source
        if source is None or not source.closed:
            return []
        held = any(month.held_back for month in source.now.months)
        return [self._say("note_preliminary")] * (not source.settled) + [self._say("note_held_back")] * held

    def _note_on_modes(self) -> list[str]:
        """How the answers came, where they came in more than one way: never pooled silently (GL-04, GL-06)."""
        source, questions = self._overview.source, self._overview.questions
        if source is None or not questions:
            return []
        modes = shown_proportions(source.published, questions[0], "mode")
        if len(modes) < 2:  # noqa: PLR2004 - one way is no mixture
            return []
        parts = [f"{self._name('mode', mode)} ({each.n})" for mode, each in sorted(modes.items())]
        return [self._say("note_modes", modes=", ".join(parts))]

    def definitions(self) -> list[tuple[str, str, str]]:
        """(short name, question as asked, which answers count) of every question (GL-24)."""
        return [
            (
                in_language(question.short, self._language),
                in_language(question.text, self._language),
                in_language(question.favourable_text, self._language),
            )
            for question in self._overview.questions
        ]

    def _statement(self, cell: Cell, question: QuestionDefinition) -> str:
        phrase = SAID_OF.get(question.id, {}).get(self._language) or self._say(
            "answered", answer=in_language(question.favourable_text, self._language)
        )
        share = self._value(cell, cell.share or 0.0)
        month = self._month(self._overview.period)
        statement = self._say("statement", share=share, said=phrase, month=month, n=self._count(cell.n))
        if cell.base_status is BaseStatus.SMALL:
            statement += " " + self._say("small", small=str(self._overview.thresholds.small_base))
        return statement

    def _complement(self, cell: Cell, question: QuestionDefinition) -> str:
        """The others, in plain words (GL-45)."""
        others = (cell.n or 0) - (cell.count or 0)
        return self._say(
            "complement",
            others=self._count(others),
            n=self._count(cell.n),
            in_words=self._in_words(others, cell.n or 1),
            answer=in_language(question.favourable_text, self._language),
        )

    def _in_words(self, count: int, n: int) -> str:
        if not count:
            return self._say("nobody")
        one_in = round(n / count)
        nearly = abs(count / n - 1 / one_in) < _NEAR
        return self._say("one_in", number=str(one_in)) if nearly and 1 < one_in <= _LARGEST_ONE_IN else ""

    def _definition(self, question: QuestionDefinition) -> str:
        return self._say(
            "definition",
            question=in_language(question.text, self._language),
            answer=in_language(question.favourable_text, self._language),
        )

    def _development_of(self, cell: Cell, question: QuestionDefinition) -> str:
        return self._say(
            "development",
            group=self._name(cell.dimension, cell.value),
            question=in_language(question.short, self._language),
            share=self._value(cell, cell.share or 0.0),
            n=self._count(cell.n),
            sentence=self.development(cell),
        )

    def _note_on_many_tests(self) -> Iterable[str]:
        many = self._overview.multiplicity
        if many.tested:
            expected = self._formats.number(many.tested * 0.05, self._language, decimals=1)
            yield self._say(
                "note_many",
                tested=str(many.tested),
                expected=expected,
                significant=str(many.significant),
                adjusted=str(len(many.adjusted)),
                certain=str(many.certain),
            )

    def _distance(self, cell: Cell) -> str:
        change = abs(cell.change or 0.0)
        if cell.measure is Measure.MEAN:
            return self._formats.number(change, self._language, decimals=1)
        points = self._formats.number(change * 100, self._language, decimals=0 if change >= _WHOLE_POINTS else 1)
        return self._say("points", number=points)

    def _value(self, cell: Cell, value: float) -> str:
        if cell.measure is Measure.MEAN:
            return self._formats.number(value, self._language, decimals=1)
        return self._formats.percent(value, self._language)

    def _count(self, n: int | None) -> str:
        return self._formats.number(n or 0, self._language)

    def _month(self, month: str) -> str:
        return self._formats.month_name(month, self._language)

    def _say(self, key: str, **values: str) -> str:
        return SENTENCES[self._language][key].format(**values)
