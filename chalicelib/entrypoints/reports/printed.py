"""What the printed report is made of: the same findings and figures as the pages, question by question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.reporting.model import ALL, DIMENSIONS
from chalicelib.reporting.reach import smallest_change
from chalicelib.reporting.service import overview_of
from chalicelib.reporting.views import silence
from chalicelib.reporting.wording import Wording
from chalicelib.shared.clock import local_date, parse_moment
from chalicelib.web import formats
from chalicelib.web.charts_names import group_names
from chalicelib.web.charts_report import BY_SIZE, ReportFigures

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.reading import Compared
    from chalicelib.reporting.service import Overview
    from chalicelib.web.pages import Page

_SPLITS: Final = ("office", "channel", "department", "sub_department", "reason", "waiting")
_SHORT_SPLITS: Final = ("office", "channel")
"""For all but the first question, which is the overall one."""


def printed(found: Compared, municipality: Municipality, page: Page) -> dict[str, Any]:
    """What `report/print.html` is given."""
    overview = overview_of(found, frozenset({ALL, "funnel", *DIMENSIONS}))
    name = group_names(municipality, page.language)
    kept = {"period": overview.period, "compare": overview.compare or "none"}
    csv = page.at("reports", "overview.csv", **kept, lang=page.language)
    wording = Wording(overview, page.language, formats=formats, name=name)
    figures = ReportFigures(overview, page.language, name=name, csv=csv)
    chapters = []
    for number, question in enumerate(overview.questions):
        splits = _SPLITS if number == 0 else _SHORT_SPLITS
        apart = (by for by in splits if _sets_apart(overview, question, by))
        drawn = [figures.distribution(question), *(figures.breakdown(by, question, BY_SIZE) for by in apart)]
        chapters.append((question, [figure for figure in drawn if figure]))
    generated = parse_moment(overview.generated_at)
    return {
        "overview": overview,
        "finding": wording.finding(overview.questions[0]),
        "findings": [(page.text(each.short), wording.finding(each)) for each in overview.questions],
        "developments": wording.developments(),
        "developments_note": wording.developments_note(),
        "detectable": smallest_change(overview, overview.questions[0], page.language, formats),
        "silence": silence(found, overview.questions[0]),
        "chapters": chapters,
        "common": [figure for figure in (figures.funnel(), figures.waiting(), figures.change()) if figure],
        "definitions": wording.definitions(),
        "notes": wording.notes(),
        "generated": generated,
        "generated_day": local_date(generated),
    }


def _sets_apart(overview: Overview, question: QuestionDefinition, by: str) -> bool:
    """False for what was asked of one group alone, such as of those who phoned: it is the total once more."""
    shown, total = [cell for cell in overview.of(by, question) if cell.n], overview.total(question)
    return not (total and len(shown) == 1 and shown[0].n == total.n)
