"""The public id of a visit: `{yyyymmdd}.{office}.{ULID}`, which holds the whole key of a strongly consistent read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotFound
from chalicelib.shared.identifiers import OfficeId, VisitId

_ID: Final = re.compile(r"(\d{8})\.([a-z][a-z0-9-]{0,39})\.([0-9A-HJKMNP-TV-Z]{26})")


@dataclass(frozen=True, slots=True)
class VisitKey:
    """The parts of a public visit id: what a strongly consistent read needs."""

    day: date
    office: OfficeId
    ulid: str


def visit_id_of(arrived: datetime, office: str, ulid: str) -> VisitId:
    """The public id: `{yyyymmdd}.{office}.{ULID}`."""
    return VisitId(f"{local_date(arrived):%Y%m%d}.{office}.{ulid}")


def parse_visit_id(text: str) -> VisitKey:
    """The parts of a visit id.

    Raises:
        NotFound: no visit has such an id.
    """
    match = _ID.fullmatch(text)
    if match is None:
        raise NotFound
    try:
        day = datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError as exc:
        raise NotFound from exc
    return VisitKey(day, OfficeId(match[2]), match[3])
