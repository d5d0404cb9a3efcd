"""`borgerpuls status`, `reconcile` and `redrive`: is everything done, does it add up, and do it now."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.shared.clock import local_date, month_of
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.dispatch.reconciliation import Equation

_BAD_INPUT: Final = 2
_ALL_WORK: Final = timedelta(days=365)
_KEPT_MONTHS: Final = 13
"""Invitations are kept 400 days; what is older stands in the lake's accounts alone."""
_SHOWN_IDS: Final = 20

MunicipalityOption = Annotated[str | None, typer.Option(help="one municipality's id; without it, all of them")]


def status(municipality: MunicipalityOption = None) -> None:
    """Show pending work by kind, how old the oldest is, and the send queue. Exit code 1 when work is overdue."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.entrypoints.sweep_events import OVERDUE

    now, late = bootstrap.clock().now(), 0
    for each in _municipalities(municipality):
        items = list(bootstrap.pending_work().due(each, now + _ALL_WORK))
        overdue = [item for item in items if item.due_at <= now - OVERDUE]
        late += len(overdue)
        counts = Counter(str(item.kind) for item in items)
        typer.echo(f"{each}: {_listed(counts) or 'nothing pending'}")
        if overdue:
            oldest = min(item.due_at for item in overdue)
            typer.echo(f"  ! {len(overdue)} overdue, the oldest for {_age(now - oldest)}; try `borgerpuls redrive`")
    typer.echo(f"send queue: {_depth()} hints")
    raise typer.Exit(code=1 if late else 0)


def reconcile(
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="first month")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="last month, inclusive")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """Print completed = not invited + invited + undecided, by reason and state. Exit code 1 when it doesn't add up."""
    use_stage()
    from chalicelib import bootstrap

    now, wrong = bootstrap.clock().now(), 0
    for month in _months(now, first, last):
        for each in _municipalities(municipality):
            equation = bootstrap.reconciliation().equation(each, month, now + _ALL_WORK)
            typer.echo("\n".join(equation_lines(equation)))
            wrong += not equation.adds_up
    raise typer.Exit(code=1 if wrong else 0)


def redrive(municipality: MunicipalityOption = None) -> None:
    """Do all pending work that is due now, without waiting for the sweep. Exit code 1 when some of it failed."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.entrypoints.sweep_events import sweep_municipality

    now, failed = bootstrap.clock().now(), 0
    for each in _municipalities(municipality):
        found = sweep_municipality(each, now, grace=timedelta(0))
        failed += found["failed"]
        typer.echo(f"{each}: {_listed(found)}")
    raise typer.Exit(code=1 if failed else 0)


def equation_lines(equation: Equation) -> Iterator[str]:
    """The equation in words, with the ids of what does not add up."""
    invited = {name: number for name, number in equation.states.items() if name != "not_invited"}
    verdict = "adds up" if equation.adds_up else "DOES NOT ADD UP"
    yield f"{equation.municipality} {equation.month}: {verdict}"
    parts = {"not invited": equation.not_invited, "invited": equation.invited, "undecided": equation.undecided}
    sum_of = " + ".join(f"{name} {number}" for name, number in parts.items())
    yield f"  completed {equation.completed}; {sum_of} = {sum(parts.values())}"
    for name, counts in (("invited", invited), ("reasons", equation.reasons), ("failures", equation.failures)):
        if counts:
            yield f"  {name}: {_listed(counts)}"
    for name in ("missing", "stuck", "foreign"):
        ids = getattr(equation, name)
        if ids:
            yield f"  ! {name} {len(ids)}: {', '.join(ids[:_SHOWN_IDS])}{' …' if len(ids) > _SHOWN_IDS else ''}"


def _municipalities(wanted: str | None) -> list[str]:
    from chalicelib import bootstrap

    known = bootstrap.municipalities()
    return [known.get(wanted).id] if wanted else [entry.id for entry in known.directory()]


def _months(now: datetime, first: str | None, last: str | None) -> list[str]:
    """The months asked for; by default the present and the last one."""
    final = _month(last or month_of(now))
    start = _month(first) if first else min(final, (local_date(now).replace(day=1) - timedelta(days=1)).replace(day=1))
    oldest = (local_date(now) - timedelta(days=30 * _KEPT_MONTHS)).replace(day=1)
    if start > final:
        raise _refused("--from is later than --to")
    if start < oldest:
        raise _refused(f"invitations are kept {_KEPT_MONTHS} months; for older ones see the lake's accounts")
    months = []
    while start <= final:
        months.append(f"{start:%Y-%m}")
        start = (start + timedelta(days=32)).replace(day=1)
    return months


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as exc:
        raise _refused(f"{text!r} is no month such as 2026-11") from exc


def _refused(message: str) -> typer.Exit:
    typer.echo(f"borgerpuls: {message}", err=True)
    return typer.Exit(code=_BAD_INPUT)


def _depth() -> str:
    from chalicelib.adapters.send_queue import SqsSendQueue
    from chalicelib.dispatch.ports import QueueUnavailable
    from chalicelib.settings import settings

    try:
        return str(SqsSendQueue(settings().send_queue_url, region=settings().region).depth())
    except QueueUnavailable:
        return "does not answer; unknown number of"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"  # noqa: PLR2004
