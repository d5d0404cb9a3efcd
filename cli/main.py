"""The `borgerpuls` command: every sub-command parses, calls one function and prints."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chalicelib.shared.errors import BorgerpulsError
from cli.audit import audit
from cli.compare import compare
from cli.consent_wordings import consent_wordings
from cli.contacts import contacts_app
from cli.environment import use_stage
from cli.operations import reconcile, redrive, status
from cli.questionnaire import questionnaire_app
from cli.redaction import redaction
from cli.report import report
from cli.sms import sms_app
from cli.subjects import erase, export_subject
from cli.waves import import_wave

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Operate Borgerpuls.", pretty_exceptions_enable=False
)
municipality_app = typer.Typer(no_args_is_help=True, help="A municipality's configuration file.")
app.add_typer(municipality_app, name="municipality")
app.add_typer(sms_app, name="sms")
app.add_typer(contacts_app, name="contacts")
app.add_typer(questionnaire_app, name="questionnaire")
for command in (
    audit,
    compare,
    consent_wordings,
    status,
    reconcile,
    redrive,
    erase,
    export_subject,
    redaction,
    report,
    import_wave,
):
    app.command()(command)

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the municipality's YAML file")]


@app.callback()
def choose_stage(
    stage: Annotated[str, typer.Option(help="the deployment to talk to", envvar="BORGERPULS_STAGE")] = "local",
) -> None:
    """Point the command at a deployment; nothing is contacted before a sub-command needs it."""
    os.environ["BORGERPULS_STAGE"] = stage


@municipality_app.command("apply")
def apply(file: FileArgument) -> None:
    """Check a municipality's file and store it as the next version. Lists the booked times that no longer fit."""
    from chalicelib.adapters.dynamodb_municipalities import FRESH_SECONDS
    from cli.municipality_file import affected_bookings, apply_file

    use_stage()
    affected = affected_bookings(file)
    version = apply_file(file)
    typer.echo(f"{file}: version {version} is stored; every function uses it within {FRESH_SECONDS} seconds")
    if version == 1:
        typer.echo("it is new: its reports stay empty until its id is among the stage's `Municipalities` and `lake` is")
        typer.echo("deployed again (locally: until the product is started again), see docs/deploying.md")
    if affected:
        typer.echo("\n".join(affected))
        typer.echo("nobody was moved or told: ask these citizens on the page desk/affected")


@municipality_app.command("diff")
def diff(file: FileArgument) -> None:
    """Show what applying a file would change. Exit code 1 when something would."""
    from cli.municipality_file import affected_bookings, differences

    use_stage()
    lines = differences(file)
    typer.echo("\n".join([*lines, *affected_bookings(file)]) if lines else "nothing would change")
    raise typer.Exit(code=1 if lines else 0)


@app.command("demo")
def demo() -> None:
    """Fill the stored municipalities with two years of invented history."""
    from chalicelib import bootstrap
    from cli.demo import load_with_bar, summary

    use_stage()
    for loaded in load_with_bar(bootstrap.clock().now()):
        typer.echo(summary(loaded))


def main() -> None:
    """The console script: an error of ours is one line on stderr and exit code 2, never a trace."""
    try:
        app()
    except BorgerpulsError as error:
        typer.echo("\n".join(error_lines(error)), err=True)
        raise SystemExit(2) from error


def error_lines(error: BorgerpulsError) -> Iterator[str]:
    """The error, and by field what is wrong."""
    yield f"borgerpuls: {error}"
    yield from (f"  {name}: {what}" for name, what in error.fields.items())


if __name__ == "__main__":
    main()
