"""An interview, by phone or in the lobby: a questionnaire that somebody else enters, all at once (GL-04, GL-05)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.identifiers import new_ulid
from chalicelib.surveys.model import INTERVIEWS, Facts, Mode, Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.surveys.comment_use import Said

_CODE: Final = re.compile(r"[A-Za-z0-9-]{1,20}")
_PLACE: Final = re.compile(r"[\w .,&/()-]{1,60}")
_DIGITS: Final = re.compile(r"\d{5}")
# An id or a path of two, not a sentence: a department becomes a dimension in the lake, where no free text may go (I6).
_DEPARTMENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}(/[A-Za-z][A-Za-z0-9_-]{0,59})?")


@dataclass(frozen=True, slots=True)
class Interview:
    """What an interviewer enters. `key` makes a repetition the same interview; None: each is a new one.

    `said` is the answer about quoting what was written down; None: not asked.

    `facts.interviewer` is a code, and `facts.place` where it was (GL-05): neither may name anybody.
    """

    municipality: str
    questionnaire: str
    version: str | None
    mode: Mode
    facts: Facts
    language: str
    answers: Mapping[str, Any] = field(repr=False)
    key: str | None = None
    said: Said | None = None

    def __post_init__(self) -> None:
        """Raise InvalidInput for a mode that no interviewer has, or for a place, department or code that is none."""
        fields = {}
        if self.mode not in INTERVIEWS:
            fields["mode"] = f"one of {', '.join(sorted(INTERVIEWS))}"
        if self.facts.interviewer is not None and _CODE.fullmatch(self.facts.interviewer) is None:
            fields["interviewer"] = "a code of letters, digits and hyphens, at most 20"
        place = self.facts.place
        if place is not None and (_PLACE.fullmatch(place) is None or _DIGITS.search(place)):
            fields["place"] = "a short name of a place, at most 60 letters"
        if self.facts.department is not None and _DEPARTMENT.fullmatch(self.facts.department) is None:
            fields["department"] = "the id of a department"
        if fields:
            raise InvalidInput("The interview can't be kept.", fields=fields)

    def begun(self, now: datetime) -> Response:
        """The response before its answers. It belongs to no contact of ours: its id is its own (ADR 23)."""
        return Response(
            municipality=self.municipality,
            contact_id=_id_of(self.municipality, self.key) if self.key else new_ulid(now),
            contact_ended_at=now.replace(microsecond=0),
            questionnaire=self.questionnaire,
            questionnaire_version=self.version or "",
            language=self.language,
            started_at=now,
            mode=self.mode,
            facts=self.facts,
        )


def same_interview(kept: Response, sent: Response) -> bool:
    """True if what was sent again says what was kept, whenever it was sent."""

    def said(response: Response) -> tuple[object, ...]:
        asked = response.questionnaire, response.questionnaire_version, response.mode, response.language
        return *asked, response.facts, response.answers, response.comments

    return said(kept) == said(sent)


def _id_of(municipality: str, key: str) -> str:
    """The same for the same key, and never that of a contact that another system reports."""
    return hashlib.sha256(f"{municipality}|interview|{key}".encode()).hexdigest()[:26].upper()
