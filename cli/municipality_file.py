"""Reading, checking, comparing and storing a municipality's YAML file.

Every error names the line and the field; SMS templates are measured (GSM-7, one segment) before anything is stored.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from chalicelib.adapters.dynamodb_municipalities import DynamoDbMunicipalities
from chalicelib.adapters.surveys.dynamodb_questionnaires import DynamoDbQuestionnaires
from chalicelib.dispatch.templates import checked_templates
from chalicelib.municipalities.document import municipality_from
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.errors import NotFound
from cli.affected_bookings import FileChange
from cli.municipality_schema import MunicipalityFile
from cli.standing_bookings import forgotten_bookings
from cli.yaml_lines import FileRejected, Problem, field_name, line_of, read_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    import yaml


def read_file(path: Path, own: Callable[[str], Collection[str]] | None = None) -> dict[str, Any]:
    """The validated document of a file. `own` answers a municipality's own questionnaires, which the file may name.

    Raises:
        FileRejected: with every problem, by line and field.
    """
    document, tree = read_unmeasured(path, own)
    unfit = list(_unfit_messages(tree, document))
    if unfit:
        raise FileRejected(unfit)
    return document


def read_unmeasured(
    path: Path, own: Callable[[str], Collection[str]] | None = None
) -> tuple[dict[str, Any], yaml.Node]:
    """The document of a file whose messages may still be too long, as `borgerpuls sms preview` shows them.

    Raises:
        FileRejected: with every other problem, by line and field.
    """
    data, tree = read_mapping(path)
    try:
        names = own(str(data.get("id"))) if own else ()
        document = MunicipalityFile.model_validate(data, context={"questionnaires": names}).to_document()
    except ValidationError as exc:
        raise FileRejected([_problem(tree, error) for error in exc.errors()]) from exc
    return document, tree


def _unfit_messages(tree: yaml.Node, document: dict[str, Any]) -> Iterator[Problem]:
    """Message templates that are not GSM-7 and one segment with their longest values."""
    for checked in checked_templates(municipality_from(document)):
        location = ("sms_templates", checked.kind, checked.language)
        for message in checked.problems:
            yield Problem(line_of(tree, location), field_name(location), message)


def _problem(tree: yaml.Node, error: Any) -> Problem:
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(line_of(tree, error["loc"]), field_name(error["loc"]), message)


def apply_file(path: Path) -> int:
    """Check a file and store it as the municipality's next version; returns the version.

    Raises:
        FileRejected: nothing was stored; also when it would forget booked times, and so sell them again.
        Conflict: somebody else applied a file at the same time.
    """
    document = read_file(path, own_questionnaires)
    store = _store()
    current, version = _current(store, document["id"])
    if current == document:
        return version
    if current is None:
        return store.apply(document, expected_version=version)
    _demand_that_bookings_stand(current, document)
    change = FileChange(municipality_from(current), municipality_from(document), store, SystemClock())
    applied = store.apply(document, expected_version=version)
    change.follow()
    return applied


def affected_bookings(path: Path) -> list[str]:
    """The booked times that the file's hours leave outside, a line for each office and day. Nobody is told by this.

    Raises:
        FileRejected: the file has problems.
    """
    document = read_file(path, own_questionnaires)
    store = _store()
    current, _ = _current(store, document["id"])
    if current is None or current == document:
        return []
    return FileChange(municipality_from(current), municipality_from(document), store, SystemClock()).affected()


def _demand_that_bookings_stand(current: dict[str, Any], document: dict[str, Any]) -> None:
    forgotten = forgotten_bookings(municipality_from(current), municipality_from(document), SystemClock().now())
    if problems := [Problem(1, "offices", message) for message in forgotten]:
        raise FileRejected(problems)


def differences(path: Path) -> list[str]:
    """What applying the file would change, as a unified diff of the documents; empty when nothing.

    Raises:
        FileRejected: the file has problems.
    """
    document = read_file(path, own_questionnaires)
    current, version = _current(_store(), document["id"])
    before = _lines(current) if current else []
    return list(difflib.unified_diff(before, _lines(document), f"version {version}", str(path), lineterm=""))


def _lines(document: dict[str, Any]) -> list[str]:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def own_questionnaires(municipality: str) -> list[str]:
    """The ids of the questionnaires that a municipality has stored."""
    clock = SystemClock()
    return [name for name, _ in DynamoDbQuestionnaires(lambda: clock).versions(municipality)]


def _store() -> DynamoDbMunicipalities:
    clock = SystemClock()
    return DynamoDbMunicipalities(lambda: clock)


def _current(store: DynamoDbMunicipalities, municipality: str) -> tuple[dict[str, Any] | None, int]:
    try:
        return store.document(municipality)
    except NotFound:
        return None, 0
