"""May what somebody wrote be quoted? A question of its own beside the open text, with its own wording (SK-02, ADR 29).

The answer goes to the ledger in the write that keeps the response, and stands in the response too, from where it lands
with the comment. One answer covers all that a respondent writes in one questionnaire; the latest counts.
"""

from __future__ import annotations

import random
import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.clock import month_of
from chalicelib.shared.errors import Busy, Conflict, InvalidInput, NotFound
from chalicelib.shared.hashing import comment_key
from chalicelib.shared.languages import spoken_in
from chalicelib.surveys.comment_use import CommentUse
from chalicelib.surveys.model import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.surveys.comment_use import Said
    from chalicelib.surveys.model import Response
    from chalicelib.surveys.ports import SurveyStore

_ORIGINS: Final[Mapping[Mode, str]] = MappingProxyType(
    {Mode.KIOSK: "kiosk", Mode.PHONE: "phone", Mode.FACE_TO_FACE: "face_to_face"}
)
"""Where an answer was given, by the mode; the others are the web."""
_ATTEMPTS: Final = 8
_LONGEST_PAUSE: Final = 0.05


def check_said(municipality: Municipality, said: Said | None) -> None:
    """The answer belongs to the wording in force.

    Raises:
        InvalidInput: it was given to another one, or the municipality doesn't ask.
    """
    text = municipality.consent_texts.get(COMMENT_USE)
    if said is not None and (text is None or not text.knows(said.text_version)):
        raise InvalidInput(fields={"comment_use": "text_version is not the one in force"})


def with_answer(municipality: Municipality, response: Response, said: Said | None, now: datetime) -> Response:
    """The response with what was said about its texts; without any text there is nothing to say anything about."""
    text, before = municipality.consent_texts.get(COMMENT_USE), response.comment_use
    if said is None or text is None or not response.comments:
        return response
    language = spoken_in(text.text, response.language)
    if before and (before.granted, before.text_version, before.language) == (said.granted, said.text_version, language):
        return response
    answer = CommentUse(
        granted=said.granted,
        text_version=said.text_version,
        language=language,
        origin=_ORIGINS.get(response.mode, "web"),
        at=now.replace(microsecond=0),
        withdrawn=before is not None and (before.granted or before.withdrawn) and not said.granted,
        by=response.facts.interviewer,
    )
    return replace(response, comment_use=answer)


class Quoted(Protocol):
    """Where comments stand that were picked for others to see."""

    def take_back(self, municipality: str, comment_ids: Iterable[str]) -> None:
        """From now on their words stand there no more. Twice is once."""
        ...


class CommentUseService:
    """Takes the answer back, as long as the response can be found."""

    def __init__(
        self,
        *,
        store: SurveyStore,
        clock: Callable[[], Clock],
        quoted: Quoted,
        keys: Callable[[], Keys],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._quoted = quoted
        self._keys = keys
        self._pause = pause

    def withdraw(self, municipality: str, contact_id: str, *, origin: str, by: str | None = None) -> None:
        """From now on nothing of it may be quoted: on the ledger, landing again, and off every page. Twice is once.

        Raises:
            NotFound: nothing was asked about it.
            Busy: others keep writing; nothing was changed.
        """
        for attempt in range(_ATTEMPTS):
            response = self._store.response(municipality, contact_id)
            if response is None or response.comment_use is None:
                raise NotFound
            if not response.comment_use.granted:
                return self._take_down(response)
            now = self._clock().now().replace(microsecond=0)
            answer = replace(response.comment_use, granted=False, withdrawn=True, origin=origin, at=now, by=by)
            after = replace(response, comment_use=answer, version=response.version + 1)
            try:
                self._store.save(after, land=True, answer=answer)
            except Conflict:
                self._pause(random.uniform(0, _LONGEST_PAUSE * (attempt + 1)))
                continue
            return self._take_down(response)
        raise Busy

    def _take_down(self, response: Response) -> None:
        """At once, for the reports follow with their next refresh only. What is not finished stands nowhere yet."""
        if response.finished_at is None:
            return
        key = comment_key(self._keys(), response.municipality, response.contact_id)
        month = month_of(response.contact_ended_at)
        self._quoted.take_back(response.municipality, (f"{month}.{key}.{name}" for name in response.comments))
