"""Reading, checking, comparing and storing a municipality's YAML file.

Every error names the line and the field; SMS templates are measured (GSM-7, one segment) before anything is stored.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from chalicelib.adapters.dynamodb_municipalities import DynamoDbMunicipalities
from chalicelib.dispatch.templates import checked_templates
from chalicelib.municipalities.document import municipality_from
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.errors import BorgerpulsError, NotFound
from cli.municipality_schema import MunicipalityFile
from cli.standing_bookings import forgotten_bookings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """As a compiler would print it."""
        return f"line {self.line}: {self.field}: {self.message}"


class FileRejected(BorgerpulsError):
    """The file has problems; nothing was stored."""

    code = "file_rejected"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def read_file(path: Path) -> dict[str, Any]:
    """The validated document of a file.

    Raises:
        FileRejected: with every problem, by line and field.
    """
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(text)
        tree = yaml.compose(text)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise FileRejected([Problem(line, "(file)", str(exc.problem))]) from exc
    if not isinstance(data, dict) or tree is None:
        raise FileRejected([Problem(1, "(file)", "the file must be a mapping of settings")])
    try:
        document = MunicipalityFile.model_validate(data).to_document()
    except ValidationError as exc:
        raise FileRejected([_problem(tree, error) for error in exc.errors()]) from exc
    unfit = list(_unfit_messages(tree, document))
    if unfit:
        raise FileRejected(unfit)
    return document


def _unfit_messages(tree: yaml.Node, document: dict[str, Any]) -> Iterator[Problem]:
    """Message templates that are not GSM-7 and one segment with their longest values."""
    for checked in checked_templates(municipality_from(document)):
        location = ("sms_templates", checked.kind, checked.language)
        for message in checked.problems:
            yield Problem(_line_of(tree, location), _field_name(location), message)


def _problem(tree: yaml.Node, error: Any) -> Problem:
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(_line_of(tree, error["loc"]), _field_name(error["loc"]), message)


def _field_name(location: Sequence[int | str]) -> str:
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return name.lstrip(".") or "(file)"


def _line_of(node: yaml.Node, location: Sequence[int | str]) -> int:
    """The line of the deepest part of a location that the file has: a missing field is reported at its parent."""
    line = node.start_mark.line + 1
    for part in location:
        below = _child(node, part)
        if below is None:
            break
        line, node = below
    return line


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def apply_file(path: Path) -> int:
    """Check a file and store it as the municipality's next version; returns the version.

    Raises:
        FileRejected: nothing was stored; also when it would forget booked times, and so sell them again.
        Conflict: somebody else applied a file at the same time.
    """
    document = read_file(path)
    store = _store()
    current, version = _current(store, document["id"])
    if current == document:
        return version
    if current is not None:
        _demand_that_bookings_stand(current, document)
    return store.apply(document, expected_version=version)


def _demand_that_bookings_stand(current: dict[str, Any], document: dict[str, Any]) -> None:
    forgotten = forgotten_bookings(municipality_from(current), municipality_from(document), SystemClock().now())
    if problems := [Problem(1, "offices", message) for message in forgotten]:
        raise FileRejected(problems)


def differences(path: Path) -> list[str]:
    """What applying the file would change, as a unified diff of the documents; empty when nothing.

    Raises:
        FileRejected: the file has problems.
    """
    document = read_file(path)
    current, version = _current(_store(), document["id"])
    before = _lines(current) if current else []
    return list(difflib.unified_diff(before, _lines(document), f"version {version}", str(path), lineterm=""))


def _lines(document: dict[str, Any]) -> list[str]:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).splitlines()


def _store() -> DynamoDbMunicipalities:
    clock = SystemClock()
    return DynamoDbMunicipalities(lambda: clock)


def _current(store: DynamoDbMunicipalities, municipality: str) -> tuple[dict[str, Any] | None, int]:
    try:
        return store.document(municipality)
    except NotFound:
        return None, 0
