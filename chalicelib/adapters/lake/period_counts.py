"""From query rows to `PeriodCounts`, one per municipality and month. Pure."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.reporting.crossing_views import pair_of
from chalicelib.reporting.model import (
    BOOKED_BY,
    Asked,
    Booked,
    Called,
    Comment,
    Group,
    Pattern,
    PeriodCounts,
    QuestionDefinition,
    Resolution,
)
from chalicelib.reporting.noted import NOTED_BY, Noted
from chalicelib.surveys.model import Questionnaire
from chalicelib.surveys.questionnaire import (
    ShippedQuestionnaires,
    distribution_definitions,
    question_definitions,
    wordings_in,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from chalicelib.reporting.noted import NotedFacts, Paths
    from chalicelib.surveys.questionnaire import Questionnaires

Row = dict[str, str]
Results = dict[str, list[Row]]
"""Rows by the name of their statement."""

_SHIPPED = ShippedQuestionnaires()
_FUNNEL = ("completed", "offered", "consented", "sent", "delivered", "started", "finished")


def by_period(results: Mapping[str, Iterable[Row]]) -> dict[tuple[str, str], Results]:
    """The same rows, sorted by municipality and month."""
    periods: dict[tuple[str, str], Results] = defaultdict(lambda: defaultdict(list))
    for name, rows in results.items():
        for row in rows:
            periods[row["municipality"], row["month"]][name].append(row)
    return dict(periods)


def period_counts(
    municipality: str,
    period: str,
    rows: Mapping[str, Sequence[Row]],
    *,
    asked: str,
    generated_at: str,
    departments: Mapping[str, str] | None = None,
    sub_departments: Mapping[str, str] | None = None,
    alternatives: Mapping[str, Asked] | None = None,
    questionnaires: Questionnaires | None = None,
) -> PeriodCounts:
    """A period's counts; zeros where there are no rows.

    `asked` is the questionnaire in force, `departments` the path of each enquiry reason's department, `sub_departments`
    the department of each sub-department, `alternatives` what is counted outside the lake; without `questionnaires`
    only the product's are known.
    """
    known = questionnaires or _SHIPPED
    groups = _groups(rows.get("answers", ()))
    funnel = next(iter(rows.get("funnel", ())), {})
    waiting: dict[int, int] = defaultdict(int)
    for row in rows.get("waiting", ()):
        waiting[int(row["minute"])] += int(row["contacts"])
    everything = _asked(asked, {(g.question, g.question_version) for g in groups}, municipality, known)
    scored = question_definitions(everything)
    served: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows.get("served", ()):
        served[row["dimension"]][row["dimension_value"]] = int(row["contacts"])
    return PeriodCounts(
        municipality=municipality,
        period=period,
        generated_at=generated_at,
        questions=tuple(QuestionDefinition(**definition) for definition in scored),
        groups=groups,
        crossed=_crossed(rows.get("crossed", ()), {(q["id"], q["version"]) for q in scored}),
        funnel={step: int(funnel.get(step) or 0) for step in _FUNNEL},
        not_invited={row["not_invited_reason"]: int(row["contacts"]) for row in rows.get("not_invited", ())},
        served={dimension: dict(sorted(values.items())) for dimension, values in sorted(served.items())},
        waiting={str(minute): waiting[minute] for minute in sorted(waiting)},
        comments=_comments(rows.get("comments", ())),
        consents=_consents(rows.get("consents", ())),
        delays=_histogram(rows.get("booked_times", ()), "delay"),
        lead_days=_histogram(rows.get("booked_times", ()), "lead"),
        resolution={
            row["channel"]: Resolution(int(row["contacts"]), int(row["known"]), int(row["resolved"]))
            for row in sorted(rows.get("resolution", ()), key=lambda row: row["channel"])
        },
        patterns=_patterns(rows.get("patterns", ())),
        endings=_endings(rows.get("endings", ())),
        bookings=_bookings(rows.get("bookings", ())),
        alternatives=dict(alternatives or {}),
        called_soon=_called_soon(rows.get("waiting_kinds", ())),
        waiting_from=_waiting_from(rows.get("waiting_kinds", ())),
        noted=_noted(rows.get("noted", ())),
        paths=_paths(rows.get("paths", ())),
        departments=dict(departments or {}),
        sub_departments=dict(sub_departments or {}),
        with_text=int(funnel.get("with_text") or 0),
        listed=tuple(QuestionDefinition(**definition) for definition in distribution_definitions(everything)),
        respondents={
            f"{row['question']}@{row['question_version']}": int(row["respondents"])
            for row in sorted(rows.get("respondents", ()), key=lambda row: (row["question"], row["question_version"]))
        },
    )


def definitions(
    asked: str,
    wordings: Iterable[tuple[str, str]],
    municipality: str = "",
    known: Questionnaires = _SHIPPED,
) -> tuple[QuestionDefinition, ...]:
    """The questions in force in their order, then other wordings that were answered in the period."""
    everything = _asked(asked, set(wordings), municipality, known)
    return tuple(QuestionDefinition(**definition) for definition in question_definitions(everything))


def _asked(asked: str, wordings: set[tuple[str, str]], municipality: str, known: Questionnaires) -> Questionnaire:
    """The questionnaire in force, and after it what else was answered."""
    current = known.find(municipality, asked)
    in_force = {(str(item.id), item.version) for item in current.items}
    older = wordings_in(known.wordings(municipality), wordings - in_force)
    return Questionnaire(current.id, current.version, current.items + older)


def _groups(rows: Iterable[Row]) -> tuple[Group, ...]:
    counts: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(dict)
    for row in rows:
        key = (row["dimension"], row["dimension_value"], row["question"], row["question_version"])
        counts[key][row["answer"]] = int(row["answers"])
    return tuple(Group(*key, counts=dict(sorted(counts[key].items()))) for key in sorted(counts))


def _crossed(rows: Iterable[Row], scored: Collection[tuple[str, str]]) -> tuple[Group, ...]:
    """Scores by two fields at once; a pair of which nobody has the second field tells nothing."""
    counts: dict[tuple[str, str, str, str], dict[str, int]] = defaultdict(dict)
    told: set[str] = set()
    for row in rows:
        wording = row["question"], row["question_version"]
        if wording in scored:
            pair = pair_of(row["row_field"], row["column_field"])
            told |= {pair} if row["column_value"] else set()
            counts[pair, pair_of(row["row_value"], row["column_value"]), *wording][row["answer"]] = int(row["answers"])
    return tuple(Group(*key, counts=dict(sorted(counts[key].items()))) for key in sorted(counts) if key[0] in told)


def _consents(rows: Iterable[Row]) -> dict[str, dict[str, Asked]]:
    consents: dict[str, dict[str, Asked]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row["dimension"], row["dimension_value"])):
        consents[row["dimension"]][row["dimension_value"]] = Asked(int(row["offered"]), int(row["granted"]))
    return dict(consents)


def _bookings(rows: Iterable[Row]) -> dict[str, dict[str, Booked]]:
    """By what is shown: everyone, where one comes, and where it was booked."""
    booked: dict[str, dict[str, Booked]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row["dimension"], row["dimension_value"])):
        if row["dimension"] in BOOKED_BY:
            booked[row["dimension"]][row["dimension_value"]] = Booked(int(row["bookings"]), int(row["cancelled"]))
    return dict(booked)


def _noted(rows: Iterable[Row]) -> NotedFacts:
    """What is noted of contacts, by what is shown of it."""
    found: NotedFacts = {}
    for row in sorted(rows, key=lambda row: (row["fact"], row["dimension"], row["dimension_value"])):
        fact, by = row["fact"], row["dimension"]
        if by in NOTED_BY[fact]:
            noted = Noted(int(row["known"]), int(row["yes"]))
            found.setdefault(fact, {}).setdefault(by, {})[row["dimension_value"]] = noted
    return found


def _paths(rows: Iterable[Row]) -> Paths:
    found: Paths = {}
    for row in sorted(rows, key=lambda row: (row["channel"], row["department"])):
        found.setdefault(row["channel"], {})[row["department"]] = int(row["contacts"])
    return found


def _called_soon(rows: Iterable[Row]) -> dict[str, Called]:
    found: dict[str, Called] = {}
    for row in sorted(rows, key=lambda row: row["outage"]):
        known = found.get(row["outage"], Called(0, 0))
        found[row["outage"]] = Called(known.measured + int(row["contacts"]), known.soon + int(row["soon"]))
    return found


def _waiting_from(rows: Iterable[Row]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in sorted(rows, key=lambda row: row["waiting_from"]):
        found[row["waiting_from"]] += int(row["contacts"])
    return dict(found)


def _endings(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    endings: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in sorted(rows, key=lambda row: (row["office"], row["ending"])):
        endings[row["office"]][row["ending"]] += int(row["contacts"])
    return {office: dict(counts) for office, counts in endings.items()}


def _histogram(rows: Iterable[Row], measure: str) -> dict[str, int]:
    found = {int(row["measured"]): int(row["contacts"]) for row in rows if row["measure"] == measure}
    return {str(value): found[value] for value in sorted(found)}


def _patterns(rows: Iterable[Row]) -> tuple[Pattern, ...]:
    ordered = sorted(rows, key=lambda row: (row["pattern"], row["waiting_band"]))
    return tuple(Pattern(_given(row["pattern"]), row["waiting_band"] or None, int(row["responses"])) for row in ordered)


def _given(pattern: str) -> dict[str, tuple[str, str]]:
    """`question@wording=answer;…` as question → (wording, answer)."""
    given = {}
    for part in pattern.split(";"):
        question, answer = part.split("=", 1)
        name, version = question.split("@", 1)
        given[name] = (version, answer)
    return given


def _comments(rows: Iterable[Row]) -> tuple[Comment, ...]:
    """Latest week first; within a week by their text, which tells nothing about the order in which they came."""
    comments = [
        Comment(
            text=row["text"],
            language=row["language"],
            office=row["office"] or None,
            reason=row["reason"],
            channel=row["channel"],
            week=_week(row["week_start"]),
            score=row["score"] or None,
            may_be_quoted=_flag(row["may_be_quoted"]),
            score_wording=row["score_wording"],
            nominees=tuple(row["nominees"].split()),
            id=f"{row['month']}.{row['comment_id']}" if row["comment_id"] else "",
        )
        for row in rows
    ]
    comments.sort(key=lambda comment: comment.text)
    comments.sort(key=lambda comment: comment.week, reverse=True)
    return tuple(comments)


def _flag(text: str) -> bool | None:
    """True, false, or nothing known."""
    return text == "true" if text else None


def _week(monday: str) -> str:
    year, week, _ = date.fromisoformat(monday[:10]).isocalendar()
    return f"{year}-W{week:02d}"
