"""Where in a YAML file something stands, so that every problem names its line as a compiler would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from chalicelib.shared.errors import BorgerpulsError

if TYPE_CHECKING:
    from collections.abc import Sequence
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


def read_mapping(path: Path) -> tuple[dict[str, Any], yaml.Node]:
    """The file's mapping, and its tree for looking up lines.

    Raises:
        FileRejected: not YAML, or no mapping.
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
    return data, tree


def field_name(location: Sequence[int | str]) -> str:
    """A location as one would write it: `items[2].when`."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return name.lstrip(".") or "(file)"


def line_of(node: yaml.Node, location: Sequence[int | str]) -> int:
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
