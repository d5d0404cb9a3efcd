"""`borgerpuls import-wave`: a survey that was made elsewhere or earlier, so that a municipality's history goes on."""

from __future__ import annotations

import csv
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from cli.environment import use_stage


def import_wave(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: question_id, segment, count, n; label_da")
    ],
    *,
    municipality: Annotated[str, typer.Option(help="whose survey it was")],
    wave: Annotated[str, typer.Option("--id", help="its id, such as 2022")],
    first: Annotated[str, typer.Option(help="first day in the field, such as 2022-09-12")],
    last: Annotated[str, typer.Option(help="last day in the field")],
    name: Annotated[str | None, typer.Option(help="what reports call it; its id if not given")] = None,
    collected: Annotated[str, typer.Option(help="how it was collected, in a sentence (GL-11)")] = "",
    before: Annotated[
        str | None,
        typer.Option(help="for a file with count_before and n_before: `id,first,last` of the earlier wave"),
    ] = None,
) -> None:
    """Store a wave, or an earlier and a later one of one file. A wrong row ends it; nothing is stored."""
    from chalicelib.reporting.waves import Wave, checked_wave, labels_of, rows_of

    with file.open(encoding="utf-8-sig", newline="") as lines:
        read = list(csv.DictReader(lines))
    earlier, later = rows_of(read)
    labels = labels_of(read)
    said = {"da": collected, "en": collected}
    waves = [checked_wave(Wave(wave, _named(name or wave), first, last, said, later, labels))]
    if earlier:
        parts = (before or "").split(",")
        if len(parts) != 3:  # noqa: PLR2004 - id, first, last
            raise typer.BadParameter("the file holds two waves: say --before ID,FIRST,LAST of the earlier one")
        waves.insert(0, checked_wave(Wave(parts[0], _named(parts[0]), parts[1], parts[2], said, earlier, labels)))
    use_stage()
    from chalicelib import bootstrap

    owner = bootstrap.municipalities().get(municipality)
    for each in waves:
        bootstrap.waves().save(owner.id, each)
        typer.echo(f"{owner.id}: wave {each.id}, {each.first} to {each.last}, {len(each.rows)} figures")


def _named(name: str) -> dict[str, str]:
    return {"da": name, "en": name}
