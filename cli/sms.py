"""`borgerpuls sms`: what citizens get on their phones, before they get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.environment import use_stage

if TYPE_CHECKING:
    from chalicelib.dispatch.templates import Checked
    from chalicelib.municipalities.model import Municipality

_ROOM: Final = {"gsm7": 160, "ucs2": 70}

sms_app = typer.Typer(no_args_is_help=True, help="Text messages.")


@sms_app.callback()
def _sms() -> None:
    """Text messages."""


@sms_app.command("preview")
def preview(
    municipality: Annotated[str | None, typer.Argument(help="its id; without one, all of them")] = None,
) -> None:
    """Show every message with its longest values: text, encoding, length and parts. Exit code 1 if one won't do."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.settings import settings

    known = bootstrap.municipalities()
    ids = [municipality] if municipality else [entry.id for entry in known.directory()]
    problems = sum(_show(known.get(each), settings().public_url) for each in ids)
    raise typer.Exit(code=1 if problems else 0)


def _show(municipality: Municipality, site: str) -> int:
    """Print a municipality's messages; how many have problems."""
    from chalicelib.dispatch.templates import checked_templates

    bad = 0
    for checked in checked_templates(municipality, site):
        typer.echo(headline(municipality.id, municipality.survey.sender, checked))
        typer.echo(f"    {checked.text}")
        for problem in checked.problems:
            typer.echo(f"  ! {problem}")
        bad += bool(checked.problems)
    return bad


def headline(municipality: str, sender: str, checked: Checked) -> str:
    """Whose message it is, from whom it seems to come, and how the carrier counts it."""
    size = checked.measure
    parts = "1 part" if size.parts == 1 else f"{size.parts} parts"
    return (
        f"{municipality} · {checked.kind} · {checked.language} · from {sender}: "
        f"{size.encoding}, {size.length} of {_ROOM[size.encoding]} characters, {parts}"
    )
