"""`borgerpuls report`: a period's findings in words and figures, and a published figure counted again from the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl, urlsplit

import typer

from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.reporting.cell import Cell
    from chalicelib.reporting.findings import Finding, Recomputed
    from chalicelib.reporting.model import PeriodCounts


def report(
    municipality: Annotated[str | None, typer.Argument(help="its id")] = None,
    *,
    period: Annotated[str | None, typer.Option(help="2026-10, 2026-Q3 or 2026; else the latest that carries")] = None,
    compare: Annotated[str | None, typer.Option(help="a period, previous, year or none")] = None,
    language: Annotated[str, typer.Option(help="da or en")] = "da",
    csv: Annotated[bool, typer.Option("--csv", help="every figure as CSV instead")] = False,
    verify: Annotated[str | None, typer.Option(help="the address of a published figure")] = None,
) -> None:
    """Print a period's findings, or count a published figure again: exit code 1 if today's data give another one."""
    if verify is not None:
        use_stage()
        raise typer.Exit(code=_verified(verify))
    if municipality is None:
        raise typer.BadParameter("name a municipality, or a figure to --verify")
    use_stage()
    _printed(municipality, period, compare, language=language, csv=csv)


def _printed(name: str, period: str | None, compare: str | None, *, language: str, csv: bool) -> None:
    from chalicelib import bootstrap
    from chalicelib.reporting.wording import Wording
    from chalicelib.web import formats
    from chalicelib.web.charts_csv import csv_of
    from chalicelib.web.charts_names import group_names

    municipality = bootstrap.municipalities().get(name)
    overview = bootstrap.reports().overview(municipality, period, compare)
    if overview is None:
        typer.echo("no answers yet")
        return
    names = group_names(municipality, language)
    if csv:
        text = csv_of(overview.cells, language, period=overview.period, compare=overview.compare, name=names)
        typer.echo(text.removeprefix("\ufeff"), nl=False)
        return
    wording = Wording(overview, language, formats=formats, name=names)
    for question in overview.questions:
        finding = wording.finding(question)
        typer.echo(" ".join(part for part in (finding.statement, finding.change, finding.definition) if part))
    typer.echo("\n".join(["", *wording.developments(), wording.developments_note(), "", *wording.notes()]))


def _verified(link: str) -> int:
    """Print the figure as published, from the data kept, and from the lake as it is now; 1 if the last differs.

    What differs by few is not printed: two figures tell whose answer lies between them.
    """
    from chalicelib import bootstrap
    from chalicelib.reporting.editions import may_replace
    from chalicelib.reporting.findings import Finding

    address = urlsplit(link)
    finding = Finding.from_query(dict(parse_qsl(address.query)))
    municipality = bootstrap.municipalities().get(address.path.strip("/").split("/")[-3])
    then = bootstrap.reports().finding(municipality, finding).then
    if then is None:
        typer.echo("not kept: the figure was preliminary, and answers have come in or were erased since (ADR 31)")
        return 1
    typer.echo(f"published: {_text(then.cell)}")
    refresh = bootstrap.report_refresh()
    months = [refresh.count(municipality.id, month.period) for month in then.months]
    before = [refresh.count(municipality.id, month.period) for month in then.before]
    now = _figure(finding, then, months, before)
    same = _text(now) == _text(then.cell)
    pairs = zip((*then.months, *then.before), (*months, *before), strict=True)
    if not same and not all(may_replace(old, new, municipality.thresholds.suppress_below) for old, new in pairs):
        typer.echo("not the same: a few answers have come in, or were erased; the difference would tell whose (ADR 31)")
        return 1
    typer.echo(f"counted again from the lake: {_text(now)}")
    typer.echo("the same" if same else "not the same: answers have come in, or were erased, since it was published")
    return 0 if same else 1


def _figure(
    finding: Finding, then: Recomputed, months: Sequence[PeriodCounts], before: Sequence[PeriodCounts]
) -> Cell | None:
    from chalicelib.reporting.cells import cells
    from chalicelib.reporting.merging import merged

    made = cells(
        merged(finding.period, months),
        merged(finding.compare, before) if finding.compare else None,
        finding.thresholds,
        months=(months if len(months) > 1 else (), before if len(before) > 1 else ()),
    )
    wanted = then.cell
    place = (wanted.dimension, wanted.value, wanted.question, wanted.question_version, wanted.measure)
    return next((c for c in made if (c.dimension, c.value, c.question, c.question_version, c.measure) == place), None)


def _text(cell: Cell | None) -> str:
    """The figure and everything that stands beside it."""
    if cell is None or cell.number is None:
        return "not shown"
    parts = [f"{cell.number:.4f}", f"n = {cell.n}"]
    if cell.count is not None:
        parts.append(f"count = {cell.count}")
    if cell.ci_low is not None and cell.ci_high is not None:
        parts.append(f"95 % interval {cell.ci_low:.4f} to {cell.ci_high:.4f}")
    if cell.p_value is not None:
        parts.append(f"change {cell.change:+.4f}, p = {cell.p_value:.4f}")
    return ", ".join(parts)
