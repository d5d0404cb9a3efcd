"""`borgerpuls status`, `reconcile` and `redrive`: is everything done, does it add up, and do it now."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.shared.clock import local_date, month_of
from cli.contacts import sender_lines
from cli.environment import functions_aside, use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.dispatch.reconciliation import Equation

_BAD_INPUT: Final = 2
_ALL_WORK: Final = timedelta(days=365)
_KEPT_MONTHS: Final = 13
"""Invitations are kept 400 days; what is older stands in the lake's accounts alone."""
_SHOWN_IDS: Final = 20
_GIVEN_UP: Final = {"failures": "given-up", "send-dead": "dead-letters"}
"""Queues of what nobody tries again, and what to do about each."""

MunicipalityOption = Annotated[str | None, typer.Option(help="one municipality's id; without it, all of them")]


def status(municipality: MunicipalityOption = None) -> None:
    """Show pending work, its age, why not everybody is asked, who reports contacts. Exit code 1: work is late."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.entrypoints.events.sweep import OVERDUE

    now, late, known = bootstrap.clock().now(), 0, bootstrap.municipalities()
    for each in _municipalities(municipality):
        items = list(bootstrap.pending_work().due(each, now + _ALL_WORK))
        overdue = [item for item in items if item.due_at <= now - OVERDUE]
        late += len(overdue)
        counts = Counter(str(item.kind) for item in items)
        typer.echo(f"{each}: {_listed(counts) or 'nothing pending'}")
        if overdue:
            oldest = min(item.due_at for item in overdue)
            typer.echo(f"  ! {len(overdue)} overdue, the oldest for {_age(now - oldest)}; try `borgerpuls redrive`")
        equation = bootstrap.reconciliation().equation(each, month_of(now), now + _ALL_WORK)
        typer.echo("\n".join([*reason_lines(equation), *sender_lines(bootstrap.senders().of(known.get(each)))]))
    typer.echo(f"send queue: {_depth('send')} hints")
    for name, section in _GIVEN_UP.items():
        if (waiting := _depth(name)) != "0":
            typer.echo(f"  ! {name}: {waiting} messages, see docs/runbook.md#{section}")
    raise typer.Exit(code=1 if late else 0)


def reconcile(
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM[-DD]", help="first month or day")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM[-DD]", help="last, inclusive")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """Print completed = not invited + invited + undecided, by reason and state. Exit code 1 when it doesn't add up."""
    use_stage()
    from chalicelib import bootstrap

    now, wrong = bootstrap.clock().now(), 0
    days = _days(now, first, last)
    for month in _months(now, first, last):
        for each in _municipalities(municipality):
            equation = bootstrap.reconciliation().equation(each, month, now + _ALL_WORK, days=days)
            typer.echo("\n".join(equation_lines(equation, days)))
            wrong += not equation.adds_up
    raise typer.Exit(code=1 if wrong else 0)


def redrive(municipality: MunicipalityOption = None) -> None:
    """Do all pending work that is due now, without waiting for the sweep. Exit code 1 when some of it failed."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.entrypoints.events.sweep import sweep_municipality

    now, failed = bootstrap.clock().now(), 0
    for each in _municipalities(municipality):
        with functions_aside():
            found = sweep_municipality(each, now, grace=timedelta(0))
        failed += found["failed"]
        typer.echo(f"{each}: {_listed(found)}")
    raise typer.Exit(code=1 if failed else 0)


def reason_lines(equation: Equation) -> Iterator[str]:
    """Of this month's contacts, how many are asked, and why the others are not."""
    yield f"  {equation.month}: {equation.completed} completed, {equation.invited} invited"
    for name, counts in (("not asked", equation.reasons), ("not reminded", equation.not_reminded)):
        if counts:
            yield f"  {name}: {_listed(counts)}"


def equation_lines(equation: Equation, days: tuple[date, date] | None = None) -> Iterator[str]:
    """The equation in words, with the ids of what does not add up."""
    invited = {name: number for name, number in equation.states.items() if name != "not_invited"}
    verdict = "adds up" if equation.adds_up else "DOES NOT ADD UP"
    part = "" if days is None else f" from {days[0]} to {days[1]}"
    yield f"{equation.municipality} {equation.month}{part}: {verdict}"
    parts = {"not invited": equation.not_invited, "invited": equation.invited, "undecided": equation.undecided}
    sum_of = " + ".join(f"{name} {number}" for name, number in parts.items())
    yield f"  completed {equation.completed}; {sum_of} = {sum(parts.values())}"
    for name, counts in (
        ("invited", invited),
        ("reasons", equation.reasons),
        ("failures", equation.failures),
        ("reminders", equation.reminders),
        ("not reminded", equation.not_reminded),
    ):
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


def _days(now: datetime, first: str | None, last: str | None) -> tuple[date, date] | None:
    """The days asked for; None if whole months were."""
    if not any(text and len(text) > len("YYYY-MM") for text in (first, last)):
        return None
    end = _first_day(last) if last else local_date(now)
    if last and len(last) == len("YYYY-MM"):
        end = (end + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    start = _first_day(first) if first else end.replace(day=1)
    if start > end:
        raise _refused("--from is later than --to")
    return start, end


def _month(text: str) -> date:
    return _first_day(text).replace(day=1)


def _first_day(text: str) -> date:
    try:
        return date.fromisoformat(text if len(text) > len("YYYY-MM") else f"{text}-01")
    except ValueError as exc:
        raise _refused(f"{text!r} is no month such as 2026-11 and no day such as 2026-11-23") from exc


def _refused(message: str) -> typer.Exit:
    typer.echo(f"borgerpuls: {message}", err=True)
    return typer.Exit(code=_BAD_INPUT)


def _depth(queue: str) -> str:
    from chalicelib.adapters.dispatch.send_queue import SqsSendQueue
    from chalicelib.dispatch.ports import QueueUnavailable
    from chalicelib.settings import settings

    try:
        url = f"{settings().send_queue_url.removesuffix('send')}{queue}"
        return str(SqsSendQueue(url, region=settings().region).depth())
    except QueueUnavailable:
        return "an unknown number of"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"  # noqa: PLR2004
