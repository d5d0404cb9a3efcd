"""Departments and their sub-departments (GL-14, GL-15): two levels, written as one path where a fact names its owner.

`technical` is a department, `technical/building` a sub-department of it. Facts carry the path, so that a contact keeps
the department that it had when the municipality later moves a sub-department elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.languages import Text

PARENT: Final = "parent"
_JOINT: Final = "/"


def unit_path(unit: str, parents: Mapping[str, str]) -> str:
    """The path of a department or a sub-department; `parents` maps each sub-department to its department."""
    parent = parents.get(unit)
    return f"{parent}{_JOINT}{unit}" if parent else unit


def department_of(path: str) -> str:
    """The department of a path."""
    return path.partition(_JOINT)[0]


def sub_department_of(path: str) -> str | None:
    """The sub-department of a path; None where it names a department alone."""
    return path.partition(_JOINT)[2] or None


def parents_in(departments: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Each sub-department of a municipality's file with its department."""
    return {unit: entry[PARENT] for unit, entry in departments.items() if entry.get(PARENT)}


def names_in(departments: Mapping[str, Mapping[str, Any]]) -> dict[str, Text]:
    """How departments and sub-departments are called."""
    return {unit: {key: text for key, text in entry.items() if key != PARENT} for unit, entry in departments.items()}
