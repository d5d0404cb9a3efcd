"""Reporting without S3, and plausible counts of a month: seeded, so that every run sees the same figures."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.reporting.findings import digest_of, frozen
from chalicelib.reporting.model import Comment, Group, PeriodCounts, QuestionDefinition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.reporting.waves import Wave

SATISFACTION = QuestionDefinition(
    id="satisfaction",
    version="0-10.1",
    text={
        "da": "Hvor tilfreds er du alt i alt med den hjælp, du fik?",
        "en": "Overall, how satisfied are you with the help you got?",
    },
    short={"da": "Tilfredshed", "en": "Satisfaction"},
    favourable=("8", "9", "10"),
    favourable_text={"da": "8, 9 eller 10 på en skala fra 0 til 10", "en": "8, 9 or 10 on a scale from 0 to 10"},
    minimum=0,
    maximum=10,
    unfavourable=("0", "1", "2", "3", "4"),
    unfavourable_text={"da": "0 til 4 på en skala fra 0 til 10", "en": "0 to 4 on a scale from 0 to 10"},
)
FRIENDLINESS = replace(
    SATISFACTION,
    id="friendliness",
    text={"da": "Hvor venligt og imødekommende blev du mødt?", "en": "How friendly and welcoming were we?"},
    short={"da": "Venlighed", "en": "Friendliness"},
    unfavourable=(),
    unfavourable_text={},
)
GOT_ANSWER = QuestionDefinition(
    id="got-answer",
    version="1",
    text={"da": "Fik du svar på din henvendelse?", "en": "Did you get an answer to your enquiry?"},
    short={"da": "Fik svar", "en": "Got an answer"},
    favourable=("yes",),
    favourable_text={"da": "Ja", "en": "Yes"},
    options={"yes": {"da": "Ja", "en": "Yes"}, "no": {"da": "Nej", "en": "No"}},
)
CLEAR = QuestionDefinition(
    id="clear-information",
    version="1",
    text={"da": "Var informationen klar og forståelig?", "en": "Was the information clear?"},
    short={"da": "Klar information", "en": "Clear information"},
    favourable=("high", "some"),
    favourable_text={"da": "I høj grad eller i nogen grad", "en": "To a high degree or to some degree"},
    options={
        "high": {"da": "I høj grad", "en": "To a high degree"},
        "some": {"da": "I nogen grad", "en": "To some degree"},
        "low": {"da": "I mindre grad", "en": "To a low degree"},
        "none": {"da": "Slet ikke", "en": "Not at all"},
    },
)
QUESTIONS = (SATISFACTION, FRIENDLINESS, GOT_ANSWER, CLEAR)

_ANSWERS: Mapping[str, tuple[Sequence[str], Sequence[float]]] = {
    "satisfaction": (["10", "9", "8", "7", "6", "5", "4", "3", "1", "0"], [34, 27, 22, 8, 4, 2, 1, 1, 0.5, 0.5]),
    "friendliness": (["10", "9", "8", "7", "6", "5", "dont_know"], [48, 26, 14, 6, 3, 2, 1]),
    "got-answer": (["yes", "no"], [94, 6]),
    "clear-information": (["high", "some", "low", "none", "dont_know"], [58, 28, 8, 4, 2]),
}
_COMMENTS = (
    ("Hurtig og venlig hjælp, og jeg fik forklaret, hvad der sker nu.", "da", "10"),
    ("Jeg ventede længe, selv om jeg havde en tid. Men hun var sød.", "da", "7"),
    ("Very helpful. It would be nice to read more in English before the visit.", "en", "8"),
    ("Skiltene ved indgangen er svære at finde ud af.", "da", "6"),
    ("Perfekt service, tak!", "da", "10"),
)


class InMemoryReportCells:
    """Stored counts by municipality and period."""

    def __init__(self, *stored: PeriodCounts) -> None:
        self._stored = {(each.municipality, each.period): each for each in stored}

    def periods(self, municipality: str) -> list[str]:
        return sorted(period for owner, period in self._stored if owner == municipality)

    def read(self, municipality: str, period: str) -> PeriodCounts | None:
        return self._stored.get((municipality, period))

    def frozen(self, municipality: str, digest: str) -> PeriodCounts | None:
        kept = (each for (owner, _), each in self._stored.items() if owner == municipality)
        return next((frozen(each) for each in kept if digest_of(each) == digest), None)


class InMemoryWaves:
    """Imported waves by municipality."""

    def __init__(self) -> None:
        self._waves: dict[tuple[str, str], Wave] = {}

    def all(self, municipality: str) -> list[Wave]:
        mine = (wave for (owner, _), wave in self._waves.items() if owner == municipality)
        return sorted(mine, key=lambda wave: (wave.first, wave.id))

    def save(self, municipality: str, wave: Wave) -> None:
        self._waves[municipality, wave.id] = wave


def counts(**changes: Any) -> PeriodCounts:
    """One office, one question: 84 of 100 satisfied."""
    facts: dict[str, Any] = {
        "municipality": "fjordby",
        "period": "2026-10",
        "generated_at": "2026-11-01T02:22:00Z",
        "questions": (SATISFACTION,),
        "groups": groups(raadhuset=(84, 16)),
        "funnel": {
            "completed": 2000,
            "offered": 1800,
            "consented": 140,
            "sent": 130,
            "delivered": 126,
            "started": 110,
            "finished": 100,
        },
        "not_invited": {"no_consent": 1860},
        "served": {
            "all": {"all": 2000},
            "office": {"raadhuset": 2000},
            "waiting": {"00-05": 900, "05-10": 700, "10-20": 300, "30+": 100},
        },
        "waiting": {"3": 900, "8": 700, "14": 300, "41": 100},
    }
    return PeriodCounts(**{**facts, **changes})


def answers(dimension: str, value: str, good: int, bad: int, question: QuestionDefinition = SATISFACTION) -> Group:
    """A group in which `good` answered favourably and `bad` did not."""
    unfavourable = question.unfavourable[-1] if question.unfavourable else "no"
    return Group(dimension, value, question.id, question.version, {question.favourable[0]: good, unfavourable: bad})


def groups(**by_value: tuple[int, int]) -> tuple[Group, ...]:
    """Offices by name with (favourable, unfavourable) answers, and the total."""
    total = answers("all", "all", sum(g for g, _ in by_value.values()), sum(b for _, b in by_value.values()))
    return (total, *(answers("office", value, good, bad) for value, (good, bad) in by_value.items()))


def realistic_counts(
    period: str = "2026-10",
    *,
    seed: int = 1,
    offices: Mapping[str, float] | None = None,
    reasons: Mapping[str, float] | None = None,
    visits: int = 3000,
    worse: Mapping[str, float] | None = None,
) -> PeriodCounts:
    """A month of a town: weights of offices and reasons, `worse` lifts the chance of a low answer by value."""
    rng = random.Random(f"{seed}-{period}")
    offices = offices or {"raadhuset": 0.62, "biblioteket": 0.3, "oen": 0.08}
    reasons = reasons or {"passport": 0.4, "licence": 0.3}
    channels = {"in_person": 0.78, "phone": 0.17, "e_mail": 0.05}
    served: dict[str, Counter[str]] = {
        name: Counter() for name in ("all", "office", "reason", "channel", "language", "waiting")
    }
    tally: dict[tuple[str, str, str], Counter[str]] = {}
    steps: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    comments: list[Comment] = []
    for _ in range(visits):
        channel = _pick(rng, channels)
        contact = {
            "all": "all",
            "reason": _pick(rng, reasons),
            "channel": channel,
            "language": _pick(rng, {"da": 0.92, "en": 0.08}),
        } | ({"office": _pick(rng, offices)} if channel == "in_person" else {})
        for dimension, value in contact.items():
            served[dimension][value] += 1
        minute = int(rng.gammavariate(1.6, 6))
        waiting[str(minute)] += 1
        served["waiting"][band_of(minute)] += 1
        steps["completed"] += 1
        reached = _funnel(rng)
        steps.update(reached)
        if "finished" not in reached:
            continue
        low = max((worse or {}).get(value, 0.0) for value in contact.values())
        for question in QUESTIONS:
            options, weights = _ANSWERS[question.id]
            answer = rng.choices(options, weights)[0]
            if rng.random() < low:
                answer = options[-2]
            for dimension, value in contact.items():
                tally.setdefault((question.id, dimension, value), Counter())[answer] += 1
        if rng.random() < 0.25:
            text, language, score = rng.choice(_COMMENTS)
            week = f"{period[:4]}-W{40 + rng.randrange(4)}"
            comments.append(Comment(text, language, contact.get("office"), contact["reason"], channel, week, score))
    versions = {question.id: question.version for question in QUESTIONS}
    return PeriodCounts(
        municipality="fjordby",
        period=period,
        generated_at=f"{period}-28T02:22:00Z",
        questions=QUESTIONS,
        groups=tuple(
            Group(dimension, value, question, versions[question], dict(found))
            for (question, dimension, value), found in sorted(tally.items())
        ),
        funnel=dict(steps),
        not_invited={"no_consent": steps["completed"] - steps["sent"]},
        served={dimension: dict(found) for dimension, found in served.items()},
        waiting=dict(waiting),
        comments=tuple(comments),
    )


def band_of(minute: int) -> str:
    """The band of a waiting time, as the lake has it."""
    return next((band for end, band in _BANDS.items() if minute < end), "30+")


_BANDS = {5: "00-05", 10: "05-10", 20: "10-20", 30: "20-30"}


def _pick(rng: random.Random, weights: Mapping[str, float]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _funnel(rng: random.Random) -> list[str]:
    reached = []
    for step, chance in (
        ("offered", 0.93),
        ("consented", 0.16),
        ("sent", 0.97),
        ("delivered", 0.97),
        ("started", 0.88),
        ("finished", 0.93),
    ):
        if rng.random() > chance:
            break
        reached.append(step)
    return reached
