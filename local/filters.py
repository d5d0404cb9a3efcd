"""Filter patterns of event source mappings: which records reach a function at all. A subset of EventBridge's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class UnknownPattern(ValueError):
    """A pattern that this subset does not know. Better refused than silently let through."""


def passes(record: Mapping[str, Any], patterns: Sequence[Mapping[str, Any]]) -> bool:
    """True if there is no pattern, or one that matches.

    Raises:
        UnknownPattern: a pattern uses an operator beyond exact, prefix, suffix, exists, anything-but and numeric.
    """
    return not patterns or any(_matches(pattern, record) for pattern in patterns)


def _matches(pattern: Mapping[str, Any], value: Any) -> bool:
    for key, wanted in pattern.items():
        found = value.get(key) if isinstance(value, dict) else None
        if isinstance(wanted, dict):
            if not _matches(wanted, found if isinstance(found, dict) else {}):
                return False
        elif not any(_accepts(choice, found) for choice in wanted):
            return False
    return True


def _accepts(choice: Any, found: Any) -> bool:
    if not isinstance(choice, dict):
        return bool(choice == found) and found is not None
    operator, operand = next(iter(choice.items()))
    if operator not in _OPERATORS:
        raise UnknownPattern(f"filter operator {operator!r} is not known to the embedded AWS")
    return _OPERATORS[operator](operand, found)


def _anything_but(operand: Any, found: Any) -> bool:
    return found is not None and found not in (operand if isinstance(operand, list) else [operand])


def _numeric(operand: Sequence[Any], found: Any) -> bool:
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return isinstance(found, int | float) and all(_COMPARISONS[sign](found, limit) for sign, limit in pairs)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda operand, found: isinstance(found, str) and found.startswith(operand),
    "suffix": lambda operand, found: isinstance(found, str) and found.endswith(operand),
    "exists": lambda operand, found: (found is not None) is operand,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
