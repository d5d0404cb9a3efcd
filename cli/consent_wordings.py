"""`borgerpuls consent-wordings`: which wording of the consent question got more citizens to say yes (SK-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import month_of
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.consent_wordings import TriedWording
    from chalicelib.reporting.model import Asked, PeriodCounts


def consent_wordings(
    municipality: Annotated[str, typer.Argument(help="its id")],
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="first month; else this one")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="last month, inclusive")] = None,
) -> None:
    """Print how often each wording got a yes, and whether one did better than the wording in force beyond chance."""
    use_stage()
    from chalicelib import bootstrap

    known = bootstrap.municipalities().get(municipality)
    final = last or month_of(bootstrap.clock().now())
    months = bootstrap.reports().counts(known, first or final, final)
    typer.echo("\n".join([f"{known.id} {first or final} to {final}", *wording_lines(known, months)]))


def wording_lines(municipality: Municipality, months: Sequence[PeriodCounts]) -> Iterator[str]:
    """A line for each wording that anybody was asked by, and what follows."""
    from chalicelib.reporting.consent_wordings import wording_test

    text = municipality.consent_texts[SURVEY_SMS]
    asked = _asked(months)
    # Wordings that the file no longer names were tried before: they are compared with the one in force as well.
    tried = [each.version for each in text.tried] + sorted(set(asked) - {each.version for each in text.wordings})
    found = wording_test(asked, text.version, tried, small_base=municipality.thresholds.small_base)
    if not found:
        yield "  nobody was asked"
    hidden = municipality.thresholds.suppress_below
    for each in found:
        shown = f"  {each.version}{' (in force)' if each.version == text.version else ''}: "
        yield shown + (_line(each) if each.accepted.n >= hidden else f"fewer than {hidden} asked, not shown")


def _asked(months: Sequence[PeriodCounts]) -> Mapping[str, Asked]:
    from chalicelib.reporting.merging import merged

    if not months:
        return {}
    return dict((merged(months[-1].period, months).consents or {}).get("wording", {}))


def _line(each: TriedWording) -> str:
    share, range_ = each.accepted, each.interval
    line = f"{share.count} of {share.n} said yes, {share.share:.1%} ({range_.low:.1%} to {range_.high:.1%})"
    if each.against is None or each.p_adjusted is None:
        return line
    verdict = "better" if each.is_better else "worse" if each.is_worse else "no difference beyond chance"
    return f"{line}; {each.against.difference * 100:+.1f} points, p = {each.p_adjusted:.3f}: {verdict}"
