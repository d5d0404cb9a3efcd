"""Scores by two fields in the attack: what citizens are counted in, what is known of it, what the tables say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.units import department_of
from chalicelib.reporting.crossing_merge import OTHERS, others_of
from chalicelib.reporting.crossing_views import VIEWS, halves_of, pair_of
from chalicelib.reporting.model import Group

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.reporting.crossings import Crossings
    from chalicelib.reporting.model import QuestionDefinition
    from tests.attack_world import Contact

Key = tuple[str, ...]
Pair = tuple[str, str]
ONLINE, KIOSK, HELPED = "online", "kiosk", "helped"
AGES: Final = ("", "under-30", "30-or-over")


def fields_of(contact: Contact) -> dict[str, str]:
    """What a contact is crossed by."""
    facts = contact.facts
    return {
        "unit": f"{facts['department']}/{facts['reason']}",
        "place": f"{facts['channel']}/{facts.get('office', '')}",
        "channel": facts["channel"],
        "language": facts["language"],
        "mode": contact.mode,
        "booked_by": _BOOKED[contact.origin],
        "age": contact.age,
    }


_BOOKED: Final = {"": "", "web": ONLINE, "kiosk": KIOSK, "desk": HELPED, "phone": HELPED}
PAIRS: Final = (("unit", "place"), ("unit", "language"), ("channel", "mode"), ("channel", "booked_by"), ("unit", "age"))


SCORED: Final = ("satisfaction", "got-answer")


def age_of(rng: random.Random) -> str:
    """Most tell it, and one of two is rare."""
    return rng.choices(AGES, (1, 2, 6))[0]


def crossed_of(contacts: Iterable[Contact], versions: Mapping[str, str]) -> tuple[Group, ...]:
    """What the refresh job stores."""
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for each in contacts:
        fields = fields_of(each)
        for rows, columns in PAIRS:
            for question, answer in each.given.items():
                if question in versions:
                    key = pair_of(rows, columns), pair_of(fields[rows], fields[columns]), question
                    found.setdefault(key, Counter())[answer] += 1
    return tuple(Group(*key, versions[key[2]], dict(counts)) for key, counts in sorted(found.items()))


def crossed_keys(contact: Contact) -> Iterator[Key]:
    """Every count of two fields that a contact is one of."""
    fields = fields_of(contact)
    for rows, columns in PAIRS:
        for question in SCORED if contact.given else ():
            answer = contact.given[question]
            yield ("Z", question, answer, pair_of(rows, columns), fields[rows], fields[columns])


def crossed_grid(
    answers: Mapping[str, Sequence[str]], units: Mapping[str, str], places: Mapping[str, Iterable[str]]
) -> Iterator[Key]:
    """Every count that there could be."""
    values: dict[str, Iterable[str]] = {
        "unit": [f"{department_of(path)}/{reason}" for reason, path in units.items()],
        "place": [
            *(f"in_person/{office}" for office in places["office"]),
            *(f"{channel}/" for channel in places["channel"] if channel != "in_person"),
        ],
        "age": AGES,
        "booked_by": ("", ONLINE, KIOSK, HELPED),
        **{name: places[name] for name in ("channel", "language", "mode")},
    }
    for rows, columns in PAIRS:
        for question, possible in answers.items():
            for row in values[rows]:
                for column in values[columns]:
                    if columns == "booked_by" and column and row != "in_person":
                        continue
                    yield from (("Z", question, a, pair_of(rows, columns), row, column) for a in possible)


def crossed_equations(keys: Sequence[Key]) -> Iterator[dict[Key, float]]:
    """Sums of one month that are 0: rows and columns add up to what each field tells by itself."""
    mine = [key for key in keys if key[0] == "Z"]
    sums: dict[tuple[Key, str], dict[Key, float]] = {}
    for key in mine:
        rows, columns = halves_of(key[3])
        for field, value in ((rows, key[4]), (columns, key[5])):
            for single in _single(field, value):
                sums.setdefault((("A", key[1], key[2], *single), key[3]), {})[key] = 1.0
    yield from ({**parts, whole: -1.0} for (whole, _), parts in sums.items())
    bases: dict[Key, dict[str, dict[Key, float]]] = {}
    for key in mine:
        bases.setdefault(key[3:], {}).setdefault(key[1], {})[key] = 1.0
    for by_question in bases.values():
        first, *others = by_question.values()
        yield from (first | dict.fromkeys(other, -1.0) for other in others)


def _single(field: str, value: str) -> list[Key]:
    if field == "unit":
        return [("reason", value.partition("/")[2])]
    if field == "place":
        channel, _, office = value.partition("/")
        return [("channel", channel), *([("office", office)] if office else [])]
    return [(field, value)] if field in {"channel", "language", "mode"} else []


def crossed_bases(keys: Iterable[Key], question: str) -> dict[Key, dict[Key, float]]:
    """How many are in each cell."""
    made: dict[Key, dict[Key, float]] = {}
    for key in keys:
        if key[:2] == ("Z", question):
            made.setdefault(("z", *key[3:]), {})[key] = 1.0
    return made


def crossed_sums(
    found: Crossings, questions: Iterable[QuestionDefinition], keys: Sequence[Key]
) -> Iterator[tuple[dict[Key, float], float | None]]:
    """Every number of every table, blank cells (of nobody) included: what it is a sum of, and what it says."""
    for question in questions:
        for view in VIEWS:
            table, shown_in = found.of(question, view), found.shown_in(view)
            if table is None or shown_in is None:
                continue
            rows, columns = shown_in
            parts: dict[Pair, dict[Key, float]] = {}
            for key in keys:
                if key[:2] == ("Z", question.id) and key[3] == pair_of(*view.pair):
                    parts.setdefault((_shown(key[4], rows), _shown(key[5], columns)), {})[key] = 1.0
            for place, sums in parts.items():
                cell = table.cells.get(place)
                yield sums, cell.n if cell else 0
                if cell:
                    yield {key: 1.0 for key in sums if key[2] in question.favourable}, cell.count


def _shown(value: str, shown_in: Mapping[str, str]) -> str:
    """Where a value stands; one that nobody has is taken for one of the others."""
    if value in shown_in:
        return shown_in[value]
    near = others_of(value)
    return near if near in shown_in.values() else OTHERS
