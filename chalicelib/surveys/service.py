"""What a citizen does behind a survey link: look, save some answers, finish once.

Looking never spends a link and never writes (design 4.4): previews and scanners of links open them too. Answers are
saved as they come, comments are redacted before they are stored (I6), and a response is finished exactly once, however
many tabs try.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.shared.errors import AlreadyAnswered, Busy, Conflict, LinkExpired, NotFound
from chalicelib.shared.hashing import is_token, token_hash
from chalicelib.shared.languages import DEFAULT_LANGUAGE, as_language
from chalicelib.surveys.answers import checked, demand_complete
from chalicelib.surveys.model import Response, State
from chalicelib.surveys.questionnaire import questionnaire
from chalicelib.surveys.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.surveys.model import Questionnaire, Value

SURVEY: Final = "survey"
"""The purpose of links that lead here."""

_ATTEMPTS: Final = 8
_LONGEST_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """What is stored of a link. `until` is when it stops working; None: never."""

    municipality: str
    purpose: str
    contact_id: str
    language: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """What a response takes over from the invitation. `questionnaire` is None where none was chosen at that time."""

    contact_ended_at: datetime
    questionnaire: str | None = None
    language: str | None = None


class SurveyStore(Protocol):
    """Links and responses, and the invitations that they come from."""

    def link(self, hashed: str) -> SurveyLink | None:
        """The link whose token has that hash."""
        ...

    def invited(self, municipality: str, contact_id: str) -> Invited | None:
        """The facts of the contact's invitation."""
        ...

    def response(self, municipality: str, contact_id: str) -> Response | None:
        """The contact's response, read strongly."""
        ...

    def save(self, response: Response, *, land: bool) -> None:
        """Store version n of a response that has n - 1 in the store; with `land`, its pending landing with it (I5).

        Raises:
            Conflict: another version is there; nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Survey:
    """A questionnaire as its citizen sees it. `answers` is empty once finished: a link must not tell what was said."""

    municipality: str
    questionnaire: Questionnaire
    language: str
    finished: bool
    answers: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A valid link with what it leads to."""

    link: SurveyLink
    response: Response | None
    invited: Invited | None
    questionnaire: Questionnaire
    language: str


class SurveyService:
    """Answers behind a link. Every call takes the token, which is never stored, logged or named in an error."""

    def __init__(
        self,
        *,
        store: SurveyStore,
        municipalities: Municipalities,
        clock: Callable[[], Clock],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._municipalities = municipalities
        self._clock = clock
        self._pause = pause

    def open(self, token: str, *, language: str | None = None) -> Survey:
        """The questionnaire in the language asked for, else the link's. Writes nothing.

        Raises:
            NotFound: no such link.
            LinkExpired: it has run out.
        """
        return _seen(self._opened(token, language))

    def save(self, token: str, answers: Mapping[str, Any], *, language: str | None = None) -> Survey:
        """Keep these answers beside the earlier ones; None takes one back. The first answer starts the response.

        Raises:
            NotFound, LinkExpired: as `open`.
            AnswersInvalid: at least one doesn't fit its question; nothing was stored.
            AlreadyAnswered: the response is finished.
            Busy: too many tabs wrote at once; nothing was stored.
        """
        return self._written(token, answers, language, finish=False)

    def finish(self, token: str, answers: Mapping[str, Any] | None = None, *, language: str | None = None) -> Survey:
        """Keep the last answers and finish, in one write, exactly once.

        Raises:
            AnswersInvalid: an answer doesn't fit, or a required one is missing; nothing was stored.
            AlreadyAnswered: it was finished before.
            NotFound, LinkExpired, Busy: as `save`.
        """
        return self._written(token, answers or {}, language, finish=True)

    def _written(self, token: str, answers: Mapping[str, Any], language: str | None, *, finish: bool) -> Survey:
        for attempt in range(_ATTEMPTS):
            opened = self._opened(token, language)
            if opened.response is not None and opened.response.state is State.FINISHED:
                raise AlreadyAnswered
            changed = self._changed(opened, answers, finish=finish)
            if changed is None:
                return _seen(opened)
            try:
                self._store.save(changed, land=finish or changed.version == 1)
            except Conflict:
                self._pause(random.uniform(0, _LONGEST_PAUSE * (attempt + 1)))
                continue
            return _seen(replace(opened, response=changed))
        raise Busy

    def _changed(self, opened: _Opened, answers: Mapping[str, Any], *, finish: bool) -> Response | None:
        """The next version of the response; None when there is nothing to write."""
        asked = opened.questionnaire
        new = self._redacted(opened, checked(asked, answers))
        before = opened.response or self._begun(opened)
        given = {name: value for name, value in {**before.given, **new}.items() if value is not None}
        if finish:
            demand_complete(asked, given)
        elif given == before.given:
            return None
        texts = {item.id for item in asked.items if item.is_text}
        return replace(
            before,
            language=opened.language,
            answers={name: value for name, value in given.items() if name not in texts},
            comments={name: str(value) for name, value in given.items() if name in texts},
            question_versions={item.id: item.version for item in asked.items if item.id in given},
            finished_at=self._clock().now() if finish else None,
            version=before.version + 1,
        )

    def _begun(self, opened: _Opened) -> Response:
        if opened.invited is None:  # a link without its invitation: the citizen's data were deleted
            raise LinkExpired
        return Response(
            municipality=opened.link.municipality,
            contact_id=opened.link.contact_id,
            contact_ended_at=opened.invited.contact_ended_at,
            questionnaire=opened.questionnaire.id,
            questionnaire_version=opened.questionnaire.version,
            language=opened.language,
            started_at=self._clock().now(),
        )

    def _redacted(self, opened: _Opened, answers: Mapping[str, Value | None]) -> dict[str, Value | None]:
        texts = {item.id for item in opened.questionnaire.items if item.is_text} & answers.keys()
        if not texts:
            return dict(answers)
        redactor = Redactor(self._municipality(opened.link).staff_names)
        return {name: redactor(str(v)) if name in texts and v is not None else v for name, v in answers.items()}

    def _opened(self, token: str, language: str | None) -> _Opened:
        link = self._store.link(token_hash(token)) if is_token(token) else None
        if link is None or link.purpose != SURVEY:
            raise NotFound
        if link.until is not None and link.until <= self._clock().now():
            raise LinkExpired
        response = self._store.response(link.municipality, link.contact_id)
        invited = self._store.invited(link.municipality, link.contact_id) if response is None else None
        if response is not None:
            asked = questionnaire(response.questionnaire, response.questionnaire_version)
        elif invited is not None:
            asked = questionnaire(invited.questionnaire or self._municipality(link).survey.questionnaire)
        else:
            raise LinkExpired
        wanted = (language, link.language, invited.language if invited else None)
        spoken = next((known for tag in wanted if (known := as_language(tag))), DEFAULT_LANGUAGE)
        return _Opened(link, response, invited, asked, spoken)

    def _municipality(self, link: SurveyLink) -> Municipality:
        return self._municipalities.get(link.municipality)


def _seen(opened: _Opened) -> Survey:
    response = opened.response
    finished = response is not None and response.state is State.FINISHED
    return Survey(
        municipality=opened.link.municipality,
        questionnaire=opened.questionnaire,
        language=opened.language,
        finished=finished,
        answers={} if finished or response is None else response.given,
    )
