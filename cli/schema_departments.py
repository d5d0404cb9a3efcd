"""Departments and sub-departments of a municipality's file: two levels, never more."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from chalicelib.municipalities.units import PARENT
from cli.schema_base import Bilingual, Slug


def _two_levels(value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    parents = {unit: entry[PARENT] for unit, entry in value.items() if PARENT in entry}
    for unit, parent in parents.items():
        if parent not in value:
            msg = f"{unit}: its parent {parent} is not among the departments"
            raise ValueError(msg)
        if parent in parents:
            msg = f"{unit}: its parent {parent} is a sub-department itself; there are two levels"
            raise ValueError(msg)
    return value


Departments = Annotated[dict[Slug, Bilingual], AfterValidator(_two_levels)]
