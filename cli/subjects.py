"""`borgerpuls erase` and `export-subject`: a citizen's right to be forgotten, and to see what is held.

`erase` prints numbers and reasons, never a phone number, code or answer; the export prints all that, and nowhere else.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.shared.errors import InvalidInput, NotFound
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.contacts.erasure import Erasure, ErasureService

_CONTACT: Final = re.compile(r"(?:\d{8}\.[a-z0-9-]+\.)?([0-9A-Z]{26})")
_NOWHERE: Final = (
    "nothing is held under that code: it was mistyped, its contact is erased already, or the appointment is more than "
    "30 days past (then use the link from the text message, or --contact)"
)

MunicipalityOption = Annotated[str, typer.Option(help="the municipality's id")]
CodeOption = Annotated[
    str | None, typer.Option(help="the code from the text message; or its link, where it has no code")
]
ContactOption = Annotated[str | None, typer.Option(help="the contact's id, or a visit's")]


def erase(municipality: MunicipalityOption, code: CodeOption = None, contact: ContactOption = None) -> None:
    """Erase one contact: appointment, visit, answers, everywhere. Prints what went and what stays. Twice is once."""
    use_stage()
    from chalicelib import bootstrap

    name, service = bootstrap.municipalities().get(municipality).id, bootstrap.erasure()
    subject = _subject(service, name, code, contact)
    if subject is None:
        typer.echo(f"{name}: {_NOWHERE}")
        return
    typer.echo("\n".join(erasure_lines(name, service.erase(name, subject))))


def export_subject(municipality: MunicipalityOption, code: CodeOption = None, contact: ContactOption = None) -> None:
    """Print everything that is held about one contact, as JSON."""
    use_stage()
    from chalicelib import bootstrap

    name, service = bootstrap.municipalities().get(municipality).id, bootstrap.erasure()
    subject = _subject(service, name, code, contact)
    if subject is None:
        raise NotFound(_NOWHERE)
    typer.echo(json.dumps(service.export(name, subject), ensure_ascii=False, indent=1))


def erasure_lines(municipality: str, done: Erasure) -> Iterator[str]:
    """What went and what stays, in words."""
    yield f"{municipality}: {'nothing was left to erase' if done.found_nothing else 'erased one contact'}"
    if done.removed:
        yield f"  rows removed: {_listed(done.removed)}"
    if done.unlinked:
        yield f"  rows that no longer name it: {_listed(done.unlinked)}"
    if done.months:
        yield f"  lake: {done.objects} objects removed, tombstones in {', '.join(done.months)};"
        yield "    files and reports are without the contact after the next compaction and refresh (every hour)"
    yield "  kept:"
    for kept in done.kept:
        yield f"    {kept.what}: {kept.why} ({kept.until})"


def _subject(service: ErasureService, municipality: str, code: str | None, contact: str | None) -> str | None:
    """The id of the contact meant; None for a code that leads nowhere."""
    if (code is None) == (contact is None):
        raise InvalidInput("name the contact by --code or by --contact, not by both")
    if code is not None:
        return service.contact_of(municipality, code)
    match = _CONTACT.fullmatch(str(contact).strip())
    if match is None:
        raise InvalidInput("--contact takes an id of 26 letters and digits, or a visit's id")
    return match[1]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
