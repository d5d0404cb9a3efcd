"""What invented citizens choose where no answer is better than another: channels, what matters most, background.

Shares are spread evenly over the people, as the scores of `answers.py` are, so that what `_LATER` plants is there to be
found: one real change in each view, and beside it small differences that are chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from chalicelib.surveys.model import DONT_KNOW, OTHER
from demo.contacts import or_none

if TYPE_CHECKING:
    import pandas as pd

    from chalicelib.surveys.model import Question

_Shares = dict[str, float]

_PREFERRED: Final = "preferred-channel"
_UNSURE: Final = 0.04
"""Of those who may choose several."""
_SHARES: Final[dict[str, _Shares]] = {
    _PREFERRED: {
        "in_person": 0.17,
        "phone": 0.38,
        "e_mail": 0.17,
        "self_service": 0.2,
        "contact_form": 0.03,
        "letter": 0.02,
        DONT_KNOW: 0.03,
    },
    "age": {"under-30": 0.16, "age-30-44": 0.25, "age-45-59": 0.24, "age-60-74": 0.22, "age-75-or-over": 0.13},
    "gender": {"woman": 0.53, "man": 0.46, OTHER: 0.01},
    "meeting-prerequisites": {"short-wait": 0.5, "friendly": 0.48, "solved": 0.42, "knowledge": 0.33, "privacy": 0.2},
    "phone-prerequisites": {
        "solved": 0.6,
        "knowledge": 0.45,
        "short-wait": 0.39,
        "friendly": 0.33,
        "next-step": 0.28,
    },
    "e-mail-prerequisites": {
        "quick-reply": 0.64,
        "solved": 0.54,
        "receipt": 0.36,
        "next-step": 0.3,
        "plain-words": 0.27,
    },
    "self-service-prerequisites": {
        "easy-to-use": 0.62,
        "easy-to-find": 0.53,
        "any-time": 0.46,
        "receipt": 0.29,
        "help": 0.24,
    },
}
_LATER: Final[dict[str, _Shares]] = {
    _PREFERRED: {"phone": 0.26, "self_service": 0.32, "e_mail": 0.18, "in_person": 0.16},
    "meeting-prerequisites": {"solved": 0.64, "friendly": 0.46},
    "phone-prerequisites": {"friendly": 0.36, "short-wait": 0.37},
}
REAL: Final = ((_PREFERRED, "self_service"), ("meeting-prerequisites", "solved"))
CHANCE: Final = ((_PREFERRED, "e_mail"), ("meeting-prerequisites", "friendly"), ("phone-prerequisites", "friendly"))
"""Which of the differences are which, for the tests of the reports."""


def chosen(question: Question, people: pd.DataFrame, rng: np.random.Generator) -> list[np.ndarray]:
    """The answers of everyone as columns of ids: one for one choice, one per option for several (None: not chosen)."""
    later = people["month"].to_numpy() > people["month"].min() if len(people) else np.zeros(0, dtype=bool)
    names = [choice.id for choice in question.choices]
    even = dict.fromkeys(names, 1 / len(names))
    before = _SHARES.get(question.id, even)
    sides = ((~later, before), (later, before | _LATER.get(question.id, {})))
    most = question.max_choices
    if most is None:
        column = np.full(len(people), None, dtype=object)
        for mine, shares in sides:
            options, weights = list(shares), np.array(list(shares.values()))
            edges = np.cumsum(weights / weights.sum())[:-1]
            column[mine] = np.array(options, dtype=object)[np.searchsorted(edges, _spread(int(mine.sum()), rng))]
        return [column]
    return _several(len(people), sides, most, rng)


def _several(
    n: int, sides: tuple[tuple[np.ndarray, _Shares], ...], most: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Each option by its share, at most so many by one person: a comb of as many teeth over the shares in a row."""
    options = list(sides[0][1])
    takes = np.zeros((n, len(options)), dtype=bool)
    unsure = np.zeros(n, dtype=bool)
    for mine, shares in sides:
        people = int(mine.sum())
        ends = np.cumsum([shares[option] for option in options])
        teeth = _spread(people, rng)[:, None] + np.arange(most)[None, :]
        within = np.searchsorted(ends, teeth)
        for place in range(len(options)):
            takes[mine, place] = (within == place).any(axis=1)
        unsure[mine] = _spread(people, rng) < _UNSURE
    columns = [or_none(takes[:, place] & ~unsure, option) for place, option in enumerate(options)]
    return [*columns, or_none(unsure, DONT_KNOW)]


def _spread(n: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers between 0 and 1 at even distances, in any order."""
    return np.asarray((rng.permutation(n) + 0.5) / max(n, 1))
