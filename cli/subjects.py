"""`borgerpuls erase` and `export-subject`: a citizen's right to be forgotten, and to see what is held.

`erase` prints numbers and reasons, never a phone number, code or answer; the export prints all that, and nowhere else.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Busy, InvalidInput, NotFound, WrongState
from cli.environment import use_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.contacts.erasure import Erasure, ErasureService
    from chalicelib.shared.phone import PhoneNumber

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
PhoneOption = Annotated[str | None, typer.Option(help="a phone number: all of its contacts")]


def erase(
    municipality: MunicipalityOption, code: CodeOption = None, contact: ContactOption = None, phone: PhoneOption = None
) -> None:
    """Erase a contact, or all of a phone number: appointments, visits, answers. Says what stays. Twice is once.

    By phone, exit code 1 says that a contact had to wait: its visit is under way, or others kept writing about it.
    """
    use_stage()
    from chalicelib import bootstrap

    name, service = bootstrap.municipalities().get(municipality).id, bootstrap.erasure()
    subjects = _subjects(service, name, code, contact, phone)
    calls = 0 if phone is None else bootstrap.my_data().forget_calls(name, _number(phone))
    if calls:
        typer.echo(f"{name}: removed {calls} wishes to be called")
    elif not subjects:
        typer.echo(f"{name}: {_NOWHERE}")
    if phone is None:
        for subject in subjects:
            typer.echo("\n".join(erasure_lines(name, service.erase(name, subject))))
        return
    waiting = [subject for subject in subjects if not _erased(service, name, subject)]
    raise typer.Exit(code=1 if waiting else 0)


def export_subject(
    municipality: MunicipalityOption, code: CodeOption = None, contact: ContactOption = None, phone: PhoneOption = None
) -> None:
    """Print everything that is held about a contact, or about all of a phone number, as JSON."""
    use_stage()
    from chalicelib import bootstrap

    name, service = bootstrap.municipalities().get(municipality).id, bootstrap.erasure()
    subjects = _subjects(service, name, code, contact, phone)
    calls = [] if phone is None else _calls(name, phone)
    if not subjects and not calls:
        raise NotFound(_NOWHERE)
    found: Any = [*(service.export(name, subject) for subject in subjects), *calls]
    typer.echo(json.dumps(found if phone is not None else found[0], ensure_ascii=False, indent=1))


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


def _erased(service: ErasureService, municipality: str, subject: str) -> bool:
    """Erase one of several and say what was done; False if that has to wait, which stops no other."""
    try:
        typer.echo("\n".join(erasure_lines(municipality, service.erase(municipality, subject))))
    except (WrongState, Busy) as exc:
        typer.echo(f"{municipality}: contact {subject} is not erased yet: {exc}", err=True)
        return False
    return True


def _subjects(
    service: ErasureService, municipality: str, code: str | None, contact: str | None, phone: str | None
) -> Sequence[str]:
    """The ids of the contacts meant; none for a code or number that leads nowhere."""
    if [code, contact, phone].count(None) != 2:  # noqa: PLR2004 - all but one
        raise InvalidInput("name the contact by one of --code, --contact and --phone")
    if phone is not None:
        return _of_phone(municipality, phone)
    if code is not None:
        found = service.contact_of(municipality, code)
        return [] if found is None else [found]
    match = _CONTACT.fullmatch(str(contact).strip())
    if match is None:
        raise InvalidInput("--contact takes an id of 26 letters and digits, or a visit's id")
    return [match[1]]


def _of_phone(municipality: str, phone: str) -> Sequence[str]:
    from chalicelib import bootstrap

    return bootstrap.my_data().contact_ids(municipality, _number(phone))


def _calls(municipality: str, phone: str) -> list[dict[str, str]]:
    """The number's wishes to be called, which name no contact."""
    from chalicelib import bootstrap

    wishes = [call for call in bootstrap.callbacks().open(municipality) if call.phone == _number(phone)]
    return [
        {"wish_to_be_called": call.about, "phone": call.phone.reveal(), "asked_at": utc_text(call.asked_at)}
        for call in wishes
    ]


def _number(phone: str) -> PhoneNumber:
    """The number as it was typed on the command line."""
    from chalicelib.entrypoints.phones import phone_of

    return phone_of(phone)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
