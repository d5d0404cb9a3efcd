"""How far the answers carry, in words: what change could be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.reporting.precision import smallest_detectable_change
from chalicelib.reporting.sentences import SENTENCES
from chalicelib.reporting.statistics import may_compare

if TYPE_CHECKING:
    from chalicelib.reporting.model import QuestionDefinition
    from chalicelib.reporting.service import Overview
    from chalicelib.reporting.wording import Formats


def smallest_change(overview: Overview, question: QuestionDefinition, language: str, formats: Formats) -> str:
    """What a comparison of these two bases would probably find; nothing where nothing is compared."""
    cell = overview.total(question)
    if cell is None or cell.n is None or cell.previous is None or not cell.previous_n or not overview.closed:
        return ""
    if cell.change is None or not may_compare(cell.base_status):
        return ""
    smallest = smallest_detectable_change(cell.previous, cell.previous_n, cell.n)
    said = SENTENCES[language if language in SENTENCES else "da"]
    bases = {"n": formats.number(cell.n, language), "before": formats.number(cell.previous_n, language)}
    if smallest is None:
        return said["undetectable"].format(**bases)
    points = said["points"].format(number=formats.number(smallest * 100, language, decimals=1))
    return said["detectable"].format(points=points, **bases)
