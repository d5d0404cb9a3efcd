"""`borgerpuls contacts import`: contacts that another system wrote into a file, on the same road as those of the API.

Running it again is how an interrupted import is resumed: what was recorded is a duplicate then, and nothing is recorded
twice. The file of rejected rows has the same columns, so that it can be mended and imported.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - Typer reads the annotation at run time
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.contacts.service import Outcome, Rejected
from chalicelib.shared.errors import Busy, InvalidInput
from chalicelib.shared.identifiers import is_slug
from cli.contact_file import REJECTION, BadFile, decoded_lines, delimiter_of, read_rows, sample
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chalicelib.contacts.senders import LastDelivery
    from chalicelib.contacts.service import ContactService, Sender
    from chalicelib.municipalities.model import Municipality
    from cli.contact_file import Row

    Record = Callable[[Row], str]

_WORKERS: Final = 8
_AHEAD: Final = 64
"""Rows in hand at once: enough for the workers, and the same for a file of any size."""
_BAD_INPUT: Final = 2
_FAILED: Final = "not recorded"

contacts_app = typer.Typer(no_args_is_help=True, help="Contacts of phone, e-mail, self-service and other channels.")


@contacts_app.callback()
def _contacts() -> None:
    """Contacts of phone, e-mail, self-service and other channels."""


@dataclass
class Imported:
    """What became of the rows: outcomes, and of the rejected ones the reasons."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """How many there were."""
        return self.outcomes.total()


@contacts_app.command("import")
def import_contacts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8; columns as the API's fields")],
    municipality: Annotated[str, typer.Option(help="the municipality's id")],
    system: Annotated[str, typer.Option(help="which system the file comes from; its ids are its own")],
    rejected: Annotated[Path | None, typer.Option(help="where rejected rows go; by default FILE.rejected.csv")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check every row, record nothing")] = False,
) -> None:
    """Record the contacts of a file. Exit code 1 when rows were rejected or not recorded: mend, and run it again."""
    use_stage()
    from chalicelib import bootstrap
    from chalicelib.contacts.service import Sender

    if not is_slug(system):
        raise InvalidInput("--system takes lower-case letters, digits and hyphens, starting with a letter")
    known, service = bootstrap.municipalities().get(municipality), bootstrap.contacts()
    record = checking(service, known) if dry_run else recording(service, known, Sender.named(system))
    target = rejected or file.with_name(f"{file.name}.rejected.csv")
    try:
        done = import_file(file, target, record)
    except (BadFile, csv.Error) as exc:
        typer.echo(f"borgerpuls: {file.name}: {exc}", err=True)
        raise typer.Exit(code=_BAD_INPUT) from exc
    if done.outcomes[str(Outcome.CREATED)] or done.outcomes[str(Outcome.DUPLICATE)]:
        bootstrap.senders().delivered(known, Sender.named(system))
    typer.echo("\n".join(summary(done, target, dry_run=dry_run)))
    raise typer.Exit(code=1 if done.outcomes["rejected"] or done.outcomes[_FAILED] else 0)


@contacts_app.command("senders")
def contact_senders(
    municipality: Annotated[str, typer.Option(help="the municipality's id")],
    forget: Annotated[
        str | None, typer.Option(metavar="SYSTEM", help="one that was replaced: wait for it no more")
    ] = None,
) -> None:
    """Show when each system last reported a contact, and which are silent. Exit code 1 when one is."""
    use_stage()
    from chalicelib import bootstrap

    known = bootstrap.municipalities().get(municipality)
    if forget is not None and not bootstrap.senders().forget(known, forget):
        raise InvalidInput(f"no sender is called {forget}")
    found = bootstrap.senders().of(known)
    typer.echo("\n".join(sender_lines(found)) or "no system has reported a contact yet")
    raise typer.Exit(code=1 if any(each.silent for each in found) else 0)


def sender_lines(found: Iterable[LastDelivery]) -> Iterator[str]:
    """A line per sender, the silent ones marked."""
    for each in found:
        mark = "! " if each.silent else ""
        yield f"  {mark}{each.system or each.key}: last reported {each.day}, {each.missed} working days since"


def recording(service: ContactService, municipality: Municipality, sender: Sender) -> Record:
    """Records a row; what became of it."""

    def record(row: Row) -> str:
        assert row.contact is not None  # noqa: S101 - rejected rows don't come here
        try:
            return str(service.record(municipality, sender, row.contact))
        except Busy:
            return _FAILED

    return record


def checking(service: ContactService, municipality: Municipality) -> Record:
    """Checks a row, and leaves it at that."""

    def check(row: Row) -> str:
        assert row.contact is not None  # noqa: S101 - rejected rows don't come here
        service.check(municipality, row.contact)
        return "acceptable"

    return check


def import_file(file: Path, target: Path, record: Record) -> Imported:
    """Every row recorded or written to `target` with its number and reason.

    Raises:
        BadFile, csv.Error: the file can't be read, from where it says on; what came before is done.
    """
    with file.open("rb") as source, typer.progressbar(length=file.stat().st_size, label=file.name) as bar:
        delimiter = delimiter_of(sample(source))
        columns, rows = read_rows(decoded_lines(source, bar.update), delimiter=delimiter)
        with _rejections(target, columns, delimiter) as reject:
            done = Imported()
            for row, outcome in _outcomes(rows, record):
                is_rejected = outcome.startswith("rejected:")
                done.outcomes["rejected" if is_rejected else outcome] += 1
                if is_rejected:
                    reason = outcome.removeprefix("rejected:")
                    done.reasons[reason] += 1
                    reject(row, reason)
            return done


def _outcomes(rows: Iterable[Row], record: Record) -> Iterator[tuple[Row, str]]:
    """Rows with what became of each, in their order, a few of them worked on at a time."""
    waiting: deque[tuple[Row, Future[str]]] = deque()
    with ThreadPoolExecutor(_WORKERS) as workers:
        for row in rows:
            waiting.append((row, workers.submit(_outcome, row, record)))
            if len(waiting) >= _AHEAD:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[tuple[Row, Future[str]]]) -> tuple[Row, str]:
    row, future = waiting.popleft()
    return row, future.result()


def _outcome(row: Row, record: Record) -> str:
    if row.rejected is not None:
        return f"rejected:{row.rejected}"
    try:
        return record(row)
    except Rejected as exc:
        return f"rejected:{exc.reason}"


@contextmanager
def _rejections(target: Path, columns: Sequence[str], delimiter: str) -> Iterator[Callable[[Row, str], None]]:
    """Writes rejected rows. The file begins with the first of them, and is for its owner alone: it may hold numbers."""
    target.unlink(missing_ok=True)
    opened: list[IO[str]] = []
    kept = [name for name in columns if name not in REJECTION]

    def reject(row: Row, reason: str) -> None:
        if not opened:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            opened.append(os.fdopen(descriptor, "w", encoding="utf-8-sig", newline=""))
            csv.writer(opened[0], delimiter=delimiter).writerow([*kept, *REJECTION])
        values = [row.values.get(name, "") for name in kept]
        csv.writer(opened[0], delimiter=delimiter).writerow([*values, row.number, reason])

    try:
        yield reject
    finally:
        for each in opened:
            each.close()


def summary(done: Imported, target: Path, *, dry_run: bool) -> Iterator[str]:
    """What became of the rows, in words."""
    yield f"{done.rows} rows{', nothing recorded (dry run)' if dry_run else ''}"
    for outcome, number in sorted(done.outcomes.items()):
        yield f"  {outcome}: {number}"
    for reason, number in done.reasons.most_common():
        yield f"    {reason}: {number}"
    if done.reasons:
        yield f"  the rejected rows and why: {target}"
    if done.outcomes[_FAILED]:
        yield "  the tables did not answer for some rows: run the same command again"
