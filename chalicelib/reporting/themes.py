"""The reports that there are, and the cells of each: what the API answers and the pages draw."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from chalicelib.reporting import appointments, outages, rates
from chalicelib.reporting.appointments import beside_before
from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.cells import cells
from chalicelib.reporting.contact_paths import path_cells
from chalicelib.reporting.funnel import hidden_steps
from chalicelib.reporting.handling import handling_cells, resolved_cells
from chalicelib.reporting.listed import listed_cells
from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.rates import rate
from chalicelib.reporting.statistics import BaseStatus, Proportion, base_status
from chalicelib.reporting.targets import ANSWERED, SATISFACTION, SERVICE_LEVEL, Part, score
from chalicelib.reporting.traffic import contact_cells, traffic_cells
from chalicelib.reporting.views import associations, total_proportion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.reading import Compared, Reading
    from chalicelib.reporting.served import PublishedServed
    from chalicelib.reporting.targets import Score
    from chalicelib.reporting.trend import Trend
    from chalicelib.shared.languages import Text

OVERVIEW, GROUPS, WAITING, TREND, DRIVERS = "overview", "groups", "waiting", "trend", "drivers"
RESPONSE, CHANNELS, TARGETS, WAVES = "response", "channels", "targets", "waves"
BOOKINGS: Final = "bookings"
CONTACTS: Final = "contacts"
CROSSINGS: Final = "crossings"
REPORTS: Final[dict[str, Text]] = {
    OVERVIEW: {"da": "Overblik", "en": "Overview"},
    GROUPS: {"da": "Afdelinger og kontaktformer", "en": "Departments and channels"},
    WAITING: {"da": "Ventetid", "en": "Waiting"},
    BOOKINGS: {"da": "Tidsbestilling", "en": "Booking"},
    CONTACTS: {"da": "Henvendelser", "en": "Contacts"},
    CROSSINGS: {"da": "På tværs", "en": "Two by two"},
    TREND: {"da": "Uge for uge", "en": "Week by week"},
    DRIVERS: {"da": "Hvad hænger sammen?", "en": "What goes together?"},
    RESPONSE: {"da": "Hvem svarede?", "en": "Who answered?"},
    CHANNELS: {"da": "Kontaktformer", "en": "Channels"},
    TARGETS: {"da": "Mål", "en": "Targets"},
    WAVES: {"da": "Målinger over tid", "en": "Waves"},
}
SERVICE_MINUTES: Final = 10
"""Called within so many minutes counts towards the service level."""
DRIVER: Final = "driver"


def score_cells(found: Compared, dimensions: Iterable[str]) -> list[Cell]:
    """The scores of everyone and of some dimensions, with the funnel."""
    wanted = {ALL, "funnel", *dimensions}
    parts = found.now.parts, found.before.parts if found.before else ()
    previous = found.before.counts if found.before else None
    every = cells(found.now.counts, previous, found.thresholds, tested=found.closed, months=parts)
    return [cell for cell in every if cell.dimension in wanted]


def _groups(found: Compared, _: Municipality) -> list[Cell]:
    return [cell for cell in score_cells(found, DIMENSIONS) if cell.dimension != "funnel"]


def _waiting(found: Compared, municipality: Municipality) -> list[Cell]:
    scores = [cell for cell in score_cells(found, ("waiting", "service", "outage")) if cell.dimension != "funnel"]
    soon = rates.service(SERVICE_MINUTES, municipality.waiting.punctual_minutes)
    level = found.served.tells_short_waits
    measured = [cell for make in (soon, outages.called_soon, outages.measured_from) for cell in _rates(found, make)]
    operated = [cell if level or cell.dimension not in _TELLING_SHORT_WAITS else _hidden(cell) for cell in measured]
    return [*scores, *operated, *_ended(found)]


_TELLING_SHORT_WAITS: Final = frozenset({rates.SERVICE_LEVEL, outages.CALLED_SOON, outages.MEASURED_FROM})


def _ended(found: Compared) -> list[Cell]:
    """Whoever was served is what those who never came leave of the whole: hidden there, hidden here."""
    ended = _rates(found, rates.endings)
    return [_hidden(cell) if found.served.hides("office", cell.value) else cell for cell in ended]


def _bookings(found: Compared, municipality: Municipality) -> list[Cell]:
    soon = rates.service(SERVICE_MINUTES, municipality.waiting.punctual_minutes)
    punctual = [cell for cell in _rates(found, soon) if cell.dimension == rates.PUNCTUAL]
    others = (*_rates(found, appointments.cancelled), *_ended(found), *_rates(found, appointments.taken))
    return [*punctual, *beside_before(found, lambda _, __: [appointments.booked_by]), *others]


def _hidden(cell: Cell) -> Cell:
    return Cell(cell.dimension, cell.value, cell.question, cell.measure, BaseStatus.SUPPRESSED, cell.question_version)


def _drivers(found: Compared, _: Municipality) -> list[Cell]:
    questions = found.now.counts.main_questions
    model = associations(found, questions[0]) if questions else None
    if model is None:
        return []
    blank = Cell(DRIVER, "", questions[0].id, Measure.ASSOCIATION, BaseStatus.OK, questions[0].version)
    return [
        replace(
            blank,
            value=driver.fact,
            n=model.n,
            count=driver.n_with,
            change=driver.effect,
            change_low=driver.interval.low,
            change_high=driver.interval.high,
        )
        for driver in model.drivers
    ]


def _response(found: Compared, _: Municipality) -> list[Cell]:
    funnel = [cell for cell in score_cells(found, ()) if cell.dimension == "funnel"]
    return [
        *funnel,
        *with_text_cells(found),
        *beside_before(found, partial(_consents, found)),
    ]


def _consents(found: Compared, reading: Reading, served: PublishedServed) -> list[rates.Maker]:
    gate = found.published if reading is found.now else found.published_before
    limit = found.thresholds.suppress_below
    steps = hidden_steps(reading.counts, reading.parts, gate, limit) if gate else {}
    return [rates.consents(served.gate.hidden_by_period(), steps)]


def with_text_cells(found: Compared) -> list[Cell]:
    """How many of those who finished wrote something; hidden where how many answered is (BF-07)."""
    made = _rates(found, rates.with_text)
    return [_hidden(cell) for cell in made] if found.published.hides_everyone else made


def _channels(found: Compared, _: Municipality) -> list[Cell]:
    scores = [cell for cell in score_cells(found, ("channel",)) if cell.dimension == "channel"]
    traffic, resolved = traffic_cells(found.now, found.thresholds), resolved_cells(found)
    return [*scores, *traffic, *resolved, *listed_cells(found)]


def _contacts(found: Compared, _: Municipality) -> list[Cell]:
    """What happened in the contacts themselves: their ways, solved at once, passed on, next step, colleagues."""
    return [*contact_cells(found), *path_cells(found), *handling_cells(found)]


def _rates(found: Compared, make: rates.Maker) -> list[Cell]:
    return rates.rates(make, found.now, found.thresholds)


CELLS: Final[dict[str, Callable[[Compared, Municipality], list[Cell]]]] = {
    GROUPS: _groups,
    WAITING: _waiting,
    BOOKINGS: _bookings,
    CONTACTS: _contacts,
    DRIVERS: _drivers,
    RESPONSE: _response,
    CHANNELS: _channels,
}
"""The reports whose cells come from one period beside another; the others have rules of their own."""


def trend_cells(found: Trend | None) -> list[Cell]:
    """Each week that may be shown, with the limits of chance as its interval; a signal counts as significant."""
    return [
        Cell(
            *("week", point.week, "", Measure.SHARE, BaseStatus.OK if point.centre is not None else BaseStatus.SMALL),
            n=point.n,
            share=point.share,
            ci_low=point.low,
            ci_high=point.high,
            previous=point.centre,
            significant=point.signal if point.centre is not None else None,
        )
        for point in (found.points if found else ())
    ]


def target_score(found: Compared, municipality: Municipality) -> Score | None:
    """The municipality's score with its parts; None where a part is hidden or was not measured."""
    parts = []
    for name, weight in municipality.targets.items():
        proportion = _target(found, municipality, name)
        if proportion is None:
            return None
        limits = found.thresholds
        status = base_status(proportion.n, suppress_below=limits.suppress_below, small_base=limits.small_base)
        parts.append(Part(name, weight, proportion, status))
    return score(parts)


def target_cells(found: Compared, municipality: Municipality) -> list[Cell]:
    """The parts of the score, each a share of its own base."""
    made = target_score(found, municipality)
    return [rate("target", part.name, part.proportion, found.thresholds) for part in made.parts] if made else []


def _target(found: Compared, municipality: Municipality, name: str) -> Proportion | None:
    if name == SERVICE_LEVEL:
        level = next((c for c in _waiting(found, municipality) if c.dimension == SERVICE_LEVEL), None)
        return Proportion(level.count, level.n) if level and level.count is not None and level.n else None
    wanted = _TARGET_QUESTIONS[name]
    question = next((q for q in found.now.counts.main_questions if q.id == wanted), None)
    return total_proportion(found.published, question) if question else None


_TARGET_QUESTIONS: Final = {SATISFACTION: "satisfaction", ANSWERED: "got-answer"}
