"""Holding an answer against its description: the same keys, the right types, nothing more and nothing less."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.shared.clock import COPENHAGEN

if TYPE_CHECKING:
    from collections.abc import Callable

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def is_time(value: Any) -> bool:
    """RFC 3339 with the offset that Copenhagen has at that moment."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return False
    moment = datetime.fromisoformat(value)
    return moment.utcoffset() == moment.astimezone(COPENHAGEN).utcoffset()


def one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: value in values


def optional(shape: Any) -> Callable[[Any], bool]:
    """Null, or the shape."""
    return lambda value: value is None or not mismatches(value, shape)


def number(value: Any) -> bool:
    return type(value) in {int, float}


def matching(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


TEXT = {"da": str, "en": str}
ERROR = {"code": matching(r"[a-z_]+"), "message": str}


def mismatches(value: Any, shape: Any, path: str = "answer") -> list[str]:
    """Where the value is not what the shape says: a type, a check, a list of one shape, or an object of shapes."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or value.keys() != shape.keys():
            return [f"{path}: {value!r} has not exactly the keys {sorted(shape)}"]
        return [wrong for key in shape for wrong in mismatches(value[key], shape[key], f"{path}.{key}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [wrong for n, item in enumerate(value) for wrong in mismatches(item, shape[0], f"{path}[{n}]")]
    good = type(value) is shape if isinstance(shape, type) else shape(value)
    return [] if good else [f"{path}: {value!r}"]


def check(value: Any, shape: Any) -> Any:
    """The value, if it has the shape."""
    wrong = mismatches(value, shape)
    assert not wrong, wrong
    return value
