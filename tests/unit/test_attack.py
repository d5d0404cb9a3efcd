"""Everything published together, of every report, filter and period, gives no group of few away."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints.reports.api import cell_document
from chalicelib.reporting import themes
from chalicelib.reporting.model import DIMENSIONS, DONT_KNOW, FUNNEL
from chalicelib.reporting.operations import lead_times
from chalicelib.reporting.periods import offered
from chalicelib.reporting.reading import NO_COMPARISON, PREVIOUS, YEAR
from chalicelib.reporting.service import ReportService
from chalicelib.reporting.views import associations, silence
from chalicelib.web.charts_csv import csv_of
from tests.attack import BANDS, LIMIT, Key, answers, given_away, known_of
from tests.attack_crossings import crossed_sums
from tests.attack_world import SCALE, WISHED, counts_of, town
from tests.builders import FixedClock, a_municipality
from tests.fakes.reporting import GOT_ANSWER, InMemoryReportCells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.reading import Compared
    from tests.attack import Knowledge, Row

FJORDBY: Final = a_municipality()
_QUESTIONS: Final = {each.id: each for each in (SCALE, GOT_ANSWER)}
_SHORT: Final = ("00-05", "05-10")
_COMPARED: Final = (themes.CHANNELS, themes.CONTACTS, themes.RESPONSE, themes.BOOKINGS)
"""Reports of shares that stand beside earlier ones."""

Sums = tuple[Mapping[Key, float], Mapping[Key, float]]
"""What a cell's count and its base are sums of."""


def _one(*key: str) -> dict[Key, float]:
    return {key: 1.0}


def _funnel(_: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
    before = FUNNEL[max(FUNNEL.index(cell["value"]) - 1, 0)]
    return _one("F", cell["value"]), _one("F", before)


def _consent(dimension: str) -> Callable[[Sequence[Key], Mapping[str, Any]], Sums]:
    return lambda _, cell: (_one("G", dimension, cell["value"]), _one("O", dimension, cell["value"]))


def _ending(_: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
    office = cell["value"]
    both = _one("E", office, "no_show") | _one("E", office, "unclosed")
    return _one("E", office, cell["dimension"]), both | _one("S", "office", office)


def _within(keys: Sequence[Key]) -> Sums:
    bands = {key: 1.0 for key in keys if key[:2] == ("S", "waiting")}
    return {key: 1.0 for key in bands if key[2] in _SHORT}, bands


def _listed(keys: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
    if cell["question"] != WISHED.id:  # the channel used is that of who said which they wish for
        return answers(WISHED.id, keys, "channel", cell["value"]), answers(WISHED.id, keys, "all", "all")
    return _one("A", WISHED.id, cell["value"], "all", "all"), answers(WISHED.id, keys, "all", "all")


def _target(keys: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
    if cell["value"] == "service_level":
        return _within(keys)
    return _favourable(SCALE if cell["value"] == "satisfaction" else GOT_ANSWER, keys, "all", "all")


def _favourable(question: Any, keys: Sequence[Key], *place: str) -> Sums:
    base = answers(question.id, keys, *place)
    return {key: 1.0 for key in base if key[2] in question.favourable}, base


def _all_of(name: str, keys: Sequence[Key]) -> dict[Key, float]:
    return {key: 1.0 for key in keys if key[0] == name}


def _channel(name: str, keys: Sequence[Key], cell: Mapping[str, Any]) -> dict[Key, float]:
    return _all_of(name, keys) if cell["value"] == "all" else _one(name, cell["value"])


def _noted(fact: str, by: str) -> Callable[[Sequence[Key], Mapping[str, Any]], Sums]:
    """Of whom something is known, and of whom it holds; of all, the sum of the channels."""

    def sums(keys: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
        every = cell["value"] == "all" and by != "all"
        held, known = (
            {k: 1.0 for k in keys if k[:3] == (name, fact, by) and (every or k[3] == cell["value"])} for name in "nN"
        )
        return held, known

    return sums


def _cancelled(name: str, keys: Sequence[Key], cell: Mapping[str, Any]) -> dict[Key, float]:
    return _all_of(name, keys) if cell["value"] == "all" else _one(name, cell["value"])


def _driver(keys: Sequence[Key], cell: Mapping[str, Any]) -> Sums:
    """Every respondent answered all; where a wait is among the facts, only those whose wait was measured are in."""
    timed = {key: 1.0 for key in keys if key[:2] == ("A", SCALE.id) and key[-2] == "waiting"}
    if cell["value"] == "waiting":
        return {key: 1.0 for key in timed if key[-1] in _SHORT}, timed
    return {}, timed if cell["timed"] else answers(SCALE.id, keys, "all", "all")


MEANING: Final[dict[str, Callable[[Sequence[Key], Mapping[str, Any]], Sums]]] = {
    "funnel": _funnel,
    **{"consent" + (f"_{by}" if by != "all" else ""): _consent(by) for by in ("all", "office", "reason")},
    "traffic": lambda _, cell: (_one("S", "channel", cell["value"]), _one("S", "all", "all")),
    "traffic_department": lambda _, cell: (_one("S", "department", cell["value"]), _one("S", "all", "all")),
    "traffic_reason": lambda _, cell: (_one("S", "reason", cell["value"]), _one("S", "all", "all")),
    "path": lambda _, cell: (_one("P", *cell["value"].split("/")), _one("S", "channel", cell["value"].split("/")[0])),
    "resolved": lambda keys, cell: (_channel("R", keys, cell), _channel("K", keys, cell)),
    "resolved_reason": _noted("resolved", "reason"),
    "passed_on": _noted("passed_on", "channel"),
    "passed_on_department": _noted("passed_on", "department"),
    "passed_again": _noted("passed_again", "all"),
    "next_step": _noted("next_step", "channel"),
    "next_step_department": _noted("next_step", "department"),
    "handed_over": _noted("handed_over", "channel"),
    "outside_hours": _noted("outside_hours", "channel"),
    "internal": lambda _, cell: (
        _one("I", cell["value"]),
        _one("I", cell["value"]) | _one("S", "channel", cell["value"]),
    ),
    "punctual": lambda _, __: (_one("D", "soon"), _one("D", "soon") | _one("D", "late")),
    "service_level": lambda keys, _: _within(keys),
    "no_show": _ending,
    "unclosed": _ending,
    "with_text": lambda _, __: (_one("T"), _one("F", "finished")),
    "listed": _listed,
    "target": _target,
    "booked_by": lambda keys, cell: (_one("B", cell["value"]), _all_of("B", keys)),
    "cancelled": lambda keys, cell: (_cancelled("BC", keys, cell), _cancelled("BO", keys, cell)),
    "alternative": lambda _, cell: (_one("Y", cell["value"]), _one("X", cell["value"])),
    "called_soon": lambda _, cell: (_one("c", cell["value"]), _one("C", cell["value"])),
    "waiting_from": lambda keys, cell: (_one("M", cell["value"]), _all_of("M", keys)),
    "driver": _driver,
}
"""What count and base of an operational cell are of; scores are told by their question."""


class Reader:
    """Reads all that there is of a town, and notes it."""

    def __init__(self, contacts: Mapping[str, Any]) -> None:
        months = [counts_of(month, found) for month, found in contacts.items()]
        now = datetime(int(max(contacts)[:4]) + 2, 1, 1, tzinfo=UTC)
        self.service = ReportService(cells=InMemoryReportCells(*months), clock=lambda: FixedClock(now))
        self.known: Knowledge = known_of(contacts)
        longer = {month[:4]: None for month in contacts}
        periods = [*(each.id for each in offered(list(contacts))), *longer]
        compared = {name: self.service.compared(FJORDBY, name, NO_COMPARISON) for name in periods}
        self.found: dict[str, Compared] = {name: found for name, found in compared.items() if found}
        self.periods = {name: [m.period for m in each.now.months] for name, each in self.found.items()}

    def read(self) -> None:
        for period, found in self.found.items():
            for cell in self._cells(found):
                self._note(period, cell)
            self._read_crossings(period, found)
            self._read_overview(period)
            for each in lead_times(found.now, found.thresholds):
                keys = [
                    ("L", str(start))
                    for start in (0, 1, 2, 4, 7, 14)
                    if each.first <= start <= (99 if each.last is None else each.last)
                ]
                self._learn(period, dict.fromkeys(keys, 1.0), each.count)
            if quiet := silence(found, SCALE):
                self._learn(period, _one("S", "all", "all"), quiet.served)
        for length in (3, 12):
            any_ = next(reversed(self.found.values()))
            for slice_ in self.service.traffic(any_, FJORDBY, length):
                self._learn(slice_.period, _one("S", "all", "all"), slice_.total)
                for shown in slice_.channels:
                    self._note(slice_.period, cell_document(shown))
        self._compare()

    def _read_crossings(self, period: str, found: Compared) -> None:
        crossings = self.service.crossings(FJORDBY, found.now)
        for sums, value in crossed_sums(crossings, crossings.questions, self.known.keys):
            self._learn(period, sums, value)

    def _compare(self) -> None:
        """What stands beside a figure is the earlier period's own, so it tells nothing more."""
        own = {
            (period, *_name_of(cell)): cell.number
            for period, found in self.found.items()
            for cell in (
                *themes.score_cells(found, DIMENSIONS),
                *(cell for report in _COMPARED for cell in self.service.report_cells(found, FJORDBY, report)),
            )
        }
        for period in self.found:
            for wanted in (PREVIOUS, YEAR):
                found = self.service.compared(FJORDBY, period, wanted)
                if found is None or found.before is None:
                    continue
                scores = themes.score_cells(found, DIMENSIONS)
                shares = (c for report in _COMPARED for c in self.service.report_cells(found, FJORDBY, report))
                for cell in (*scores, *shares):
                    if cell.previous is not None:
                        assert own[(found.before.period.id, *_name_of(cell))] == pytest.approx(cell.previous)

    def _cells(self, found: Compared) -> Iterator[dict[str, Any]]:
        timed = any(
            driver.fact == "waiting" for model in [associations(found, SCALE)] if model for driver in model.drivers
        )
        for report in themes.REPORTS:
            if report == themes.WAVES:
                continue
            if report == themes.OVERVIEW:
                made = [c for by in DIMENSIONS for c in self._overview(found.now.period.id, by)]
            else:
                made = self.service.report_cells(found, FJORDBY, report)
            documents = [json.loads(json.dumps(cell_document(cell))) for cell in made]
            _same_in_the_file(documents, made)
            yield from (each | {"timed": timed} for each in documents)

    def _overview(self, period: str, by: str) -> Sequence[Any]:
        found = self.service.overview(FJORDBY, period, NO_COMPARISON, by)
        return found.cells if found else ()

    def _read_overview(self, period: str) -> None:
        overview = self.service.overview(FJORDBY, period, NO_COMPARISON)
        assert overview is not None
        for question, distribution in overview.distributions.items():
            for answer, n in distribution.items():
                self._learn(period, _one("A", question, answer, "all", "all"), n)
        if overview.waiting:
            halves = [half for band in BANDS.values() for half in band]
            self._learn(period, {("W", half): 1.0 for half in halves}, overview.waiting.n)
            for each in overview.waiting.bins:
                keys: dict[Key, float] = {
                    ("W", half): 1.0
                    for half in halves
                    if each.first <= int(half) <= (99 if each.last is None else each.last)
                }
                self._learn(period, keys, each.count, each)

    def _note(self, period: str, cell: Mapping[str, Any]) -> None:
        if cell["n"] is None:
            assert not any(
                cell[name] for name in ("count", "share", "mean", "served", "previous", "ci_low") if name in cell
            )
            return
        if "|" in cell["dimension"]:
            return  # read with the blank cells between, see above
        if cell["dimension"] == "week":
            self._note_week(cell)
            return
        keys = self.known.keys
        if cell["question"] in _QUESTIONS and cell["dimension"] not in MEANING:
            self._note_score(period, cell)
            return
        assert cell["dimension"] in MEANING, f"no meaning: {cell['dimension']}"
        count, n = MEANING[cell["dimension"]](keys, cell)
        self._learn(period, n, cell["n"], cell)
        if count:
            self._learn(period, count, cell["count"], cell)

    def _note_score(self, period: str, cell: Mapping[str, Any]) -> None:
        question, place = _QUESTIONS[cell["question"]], (cell["dimension"], cell["value"])
        base = answers(question.id, self.known.keys, *place)
        self._learn(period, _one("S", *place), cell["served"], cell)
        if cell["measure"] == "mean":
            # The interval gives the variance, so mean and n give the sum of the squares as well.
            rated = {key: float(key[2]) for key in base if key[2] != DONT_KNOW}
            self._learn(period, dict.fromkeys(rated, 1.0), cell["n"], cell)
            self._learn(period, rated, cell["mean"] * cell["n"], cell)
            squares = {key: value**2 for key, value in rated.items()}
            self._learn(period, squares, self.known.value(self._row(period, squares)))
            return
        counted = question.favourable if cell["measure"] == "share" else question.low_answers
        self._learn(period, base, cell["n"], cell)
        self._learn(period, {key: 1.0 for key in base if key[2] in counted}, cell["count"], cell)

    def _note_week(self, cell: Mapping[str, Any]) -> None:
        base = answers(SCALE.id, self.known.keys, "week", cell["value"])
        good = {key: 1.0 for key in base if key[2] in SCALE.favourable}
        for sums, value in ((base, cell["n"]), (good, cell["share"] * cell["n"])):
            self.known.learn({(m, key): f for m in self.known.months for key, f in sums.items()}, value, cell)

    def _learn(self, period: str, sums: Mapping[Key, float], value: float | None, what: object = "") -> None:
        self.known.learn(self._row(period, sums), value, what)

    def _row(self, period: str, sums: Mapping[Key, float]) -> Row:
        return {(month, key): factor for month in self.periods[period] for key, factor in sums.items()}


def _name_of(cell: Cell) -> tuple[str, ...]:
    return cell.dimension, cell.value, cell.question, cell.question_version, str(cell.measure)


def _same_in_the_file(documents: Sequence[Mapping[str, Any]], cells: Sequence[Any]) -> None:
    """The file for spreadsheets says neither more nor less than the API."""
    text = csv_of(cells, "en", period="", compare=None, name=lambda _, value: value)
    for line, document in zip(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))), documents, strict=True):
        for name in ("count", "n", "served", "previous_n"):
            assert line[name] == ("" if document[name] is None else str(document[name]))
        for name in ("share", "mean", "ci_low", "previous", "change"):
            assert (line[name] == "") == (document.get(name) is None)


def attack(seed: int, first: str, months: int, size: int) -> list[Any]:
    """What a random town's reports give away."""
    number = int(first[:4]) * 12 + int(first[5:]) - 1
    names = [f"{at // 12}-{at % 12 + 1:02d}" for at in range(number, number + months)]
    reader = Reader(town(seed, names, size))
    reader.read()
    return given_away(reader.known, reader.periods, seed=seed)


@given(
    st.integers(0, 10**6), st.sampled_from(("2025-10", "2026-01", "2025-11")), st.integers(1, 4), st.integers(12, 300)
)
@settings(max_examples=12, deadline=None, derandomize=True)
@pytest.mark.requirement("GL-53")
def test_all_that_is_published_together_gives_nobody_away(seed: int, first: str, months: int, size: int) -> None:
    assert attack(seed, first, months, size) == []


@pytest.mark.parametrize(
    ("seed", "first", "months", "size"),
    [
        (438433, "2025-10", 3, 89),  # what several months hid together followed from the sums that a quarter showed
        (126803, "2026-01", 4, 15),  # April's yes was the year's less the quarter's
        (664424, "2026-01", 3, 80),  # nearly all who agreed also answered, so one number told the other
        (46944, "2025-10", 3, 40),  # means of few, with their intervals, told which scores were given
    ],
)
def test_towns_that_once_gave_somebody_away_do_so_no_more(seed: int, first: str, months: int, size: int) -> None:
    assert attack(seed, first, months, size) == []


def test_the_attack_finds_what_subtracting_finds() -> None:
    known = known_of(town(3, ["2026-01"], 60))
    of = known.truth["2026-01"]
    everyone = ("S", "all", "all")
    few = min((key for key in known.keys if key[:2] == ("S", "reason")), key=lambda key: of[key] or LIMIT)
    assert 0 < of[few] < LIMIT
    periods = {"2026-01": ["2026-01"]}
    assert given_away(known, periods) == []
    for key in (everyone, *(key for key in known.keys if key[:2] == ("S", "reason") and key != few)):
        known.learn({("2026-01", key): 1.0}, float(of[key]))
    assert few in {name for _, name, _ in given_away(known, periods)}
