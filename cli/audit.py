"""`borgerpuls audit`: who did what with a visit, for a stated purpose. Each reading is itself on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chalicelib.shared.clock import rfc3339
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.visits.audit import AuditEntry, Reading


def audit(
    visit: Annotated[str, typer.Argument(help="the visit's id, such as 20261123.raadhuset.01JD…")],
    municipality: Annotated[str, typer.Option(help="the municipality's id")],
    purpose: Annotated[str, typer.Option(help="what it is needed for; kept with the reading")],
    staff: Annotated[
        str | None, typer.Option(help="an employee's id at the identity provider: marks the own steps")
    ] = None,
) -> None:
    """Print who did what with a visit, and who has read that. Employees are pseudonyms; kept for 90 days."""
    use_stage()
    from chalicelib import bootstrap

    town, service = bootstrap.municipalities().get(municipality), bootstrap.audit()
    entries, readings = service.read(town, visit, purpose=purpose)
    mine = service.pseudonym(town, staff) if staff else None
    typer.echo("\n".join(audit_lines(entries, readings, mine)))


def audit_lines(entries: Sequence[AuditEntry], readings: Sequence[Reading], mine: str | None) -> Iterator[str]:
    """One line per step, then one per reading."""
    for entry in entries:
        desk = f" at desk {entry.desk}" if entry.desk else ""
        mark = " *" if entry.staff == mine else ""
        yield f"{rfc3339(entry.at)}  {entry.action}: {entry.before} → {entry.after}{desk}, by {entry.staff}{mark}"
    for reading in readings:
        yield f"read {rfc3339(reading.at)}: {reading.purpose}"
