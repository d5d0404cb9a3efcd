"""`borgerpuls sms`: what citizens get on their phones, before they get it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chalicelib.dispatch.sms_text import ROOM
from cli.environment import use_stage

if TYPE_CHECKING:
    from chalicelib.dispatch.templates import Checked
    from chalicelib.municipalities.model import Municipality

sms_app = typer.Typer(no_args_is_help=True, help="Text messages.")


@sms_app.callback()
def _sms() -> None:
    """Text messages."""


@sms_app.command("preview")
def preview(
    municipality: Annotated[str | None, typer.Argument(help="its id or YAML file; without one, all of them")] = None,
    price_per_part: Annotated[
        Decimal | None,
        typer.Option(parser=Decimal, min=0, metavar="PRICE", help="your list price of one part, in any currency"),
    ] = None,
) -> None:
    """Show every message with its longest values: text, encoding, length and parts. Exit code 1 if one won't do.

    What a message costs is computed from the price that you give, as prices change and contracts differ.
    """
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.settings import settings

    known = bootstrap.municipalities()
    if municipality and Path(municipality).is_file():
        shown = [_of_file(Path(municipality))]
    else:
        shown = [known.get(each) for each in ([municipality] if municipality else [e.id for e in known.directory()])]
    problems = sum(_show(each, settings().public_url, price_per_part) for each in shown)
    raise typer.Exit(code=1 if problems else 0)


NumberArgument = Annotated[str, typer.Argument(help="a phone number")]
MunicipalityOption = Annotated[str, typer.Option(help="the municipality's id")]


@sms_app.command("allow")
def allow(number: NumberArgument, municipality: MunicipalityOption) -> None:
    """Let this number be asked while the municipality's file says `pilot: true`. Of the number a hash is kept."""
    _set_pilot(number, municipality, allowed=True)
    typer.echo(f"{municipality}: the number may be asked during the pilot")


@sms_app.command("disallow")
def disallow(number: NumberArgument, municipality: MunicipalityOption) -> None:
    """Take a number out of the pilot again."""
    _set_pilot(number, municipality, allowed=False)
    typer.echo(f"{municipality}: the number is no longer in the pilot")


def _set_pilot(number: str, municipality: str, *, allowed: bool) -> None:
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.adapters.dispatch.pilot_numbers import set_pilot
    from chalicelib.entrypoints.phones import phone_of
    from chalicelib.shared.hashing import phone_hash

    name = bootstrap.municipalities().get(municipality).id
    set_pilot(name, phone_hash(bootstrap.keys(), name, phone_of(number)), allowed=allowed)


def _of_file(file: Path) -> Municipality:
    """A file that is still being written: nothing is stored."""
    from chalicelib.municipalities.document import municipality_from
    from cli.municipality_file import own_questionnaires, read_unmeasured

    document, _ = read_unmeasured(file, own_questionnaires)
    return municipality_from(document)


def _show(municipality: Municipality, site: str, price_per_part: Decimal | None) -> int:
    """Print a municipality's messages; how many have problems."""
    from chalicelib.dispatch.templates import checked_templates

    bad = 0
    for checked in checked_templates(municipality, site):
        typer.echo(headline(municipality.id, municipality.survey.sender, checked, price_per_part))
        typer.echo(f"    {checked.text}")
        for problem in checked.problems:
            typer.echo(f"  ! {problem}")
        bad += bool(checked.problems)
    return bad


def headline(municipality: str, sender: str, checked: Checked, price_per_part: Decimal | None = None) -> str:
    """Whose message it is, from whom it seems to come, how the carrier counts it and what it then costs."""
    size = checked.measure
    parts = "1 part" if size.parts == 1 else f"{size.parts} parts"
    cost = "" if price_per_part is None else f", {price_per_part * size.parts} at the list price you gave"
    return (
        f"{municipality} · {checked.kind} · {checked.language} · from {sender}: "
        f"{size.encoding}, {size.length} of {ROOM[size.encoding]} characters, {parts}{cost}"
    )
