"""What a citizen does with a questionnaire: look, save some answers, finish once; and what an interviewer enters.

Looking never spends a link and never writes (design 4.4): previews and scanners of links open them too. Answers are
saved as they come, comments are redacted before they are stored (I6), and a response is finished exactly once, however
many tabs try. The way in is a link's token or, without a link, an `Entry`; after that all is the same.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.errors import AlreadyAnswered, Busy, Conflict, KeyReused, LinkExpired, NotFound
from chalicelib.shared.hashing import is_token, token_hash
from chalicelib.shared.languages import COMPLETE, DEFAULT_LANGUAGE, Language, as_language
from chalicelib.surveys.answers import checked
from chalicelib.surveys.entry import Entry
from chalicelib.surveys.interview import same_interview
from chalicelib.surveys.model import Response, State
from chalicelib.surveys.nominations import named, nominee_key
from chalicelib.surveys.ports import Invited, SurveyLink, SurveyStore
from chalicelib.surveys.questionnaire import Questionnaires, ShippedQuestionnaires
from chalicelib.surveys.quoting import check_said, with_answer
from chalicelib.surveys.redaction import Redactor
from chalicelib.surveys.survey import Opened, Survey, seen
from chalicelib.surveys.writing import finished, with_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.service import Municipalities
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.surveys.comment_use import Said
    from chalicelib.surveys.interview import Interview
    from chalicelib.surveys.model import Mode, Questionnaire, Value

__all__ = ["SURVEY", "Invited", "Survey", "SurveyLink", "SurveyService", "SurveyStore", "Way"]

SURVEY: Final = "survey"
"""The purpose of links that lead here."""

Way = str | Entry
"""How somebody came in: a link's token, which is never stored, logged or named in an error, or an entry."""

_ATTEMPTS: Final = 8
_LONGEST_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came with the answers."""

    language: str | None
    shown: datetime | None
    said: Said | None
    finish: bool = False


class SurveyService:
    """Answers to questionnaires."""

    def __init__(
        self,
        *,
        store: SurveyStore,
        municipalities: Municipalities,
        clock: Callable[[], Clock],
        questionnaires: Questionnaires | None = None,
        keys: Callable[[], Keys] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._municipalities = municipalities
        self._clock = clock
        self._questionnaires = questionnaires or ShippedQuestionnaires()
        self._keys = keys
        self._pause = pause

    def open(self, way: Way, *, language: str | None = None) -> Survey:
        """The questionnaire in the language asked for, else the answers' so far, else the link's. Writes nothing.

        Raises:
            NotFound: no such link.
            LinkExpired: it has run out.
        """
        return seen(self._opened(way, language))

    def save(
        self,
        way: Way,
        answers: Mapping[str, Any],
        *,
        language: str | None = None,
        shown: datetime | None = None,
        said: Said | None = None,
    ) -> Survey:
        """Keep these answers beside the earlier ones; None takes one back. The first answer starts the response.

        `shown` is when the question was put before the citizen, as far as their browser tells; `said` what they
        answered about quoting what they write.

        Raises:
            NotFound, LinkExpired: as `open`.
            AnswersInvalid: at least one doesn't fit its question; nothing was stored.
            InvalidInput: `said` belongs to another wording; nothing was stored.
            AlreadyAnswered: the response is finished.
            Busy: too many tabs wrote at once; nothing was stored.
        """
        return self._written(way, answers, _Sent(language, shown, said))

    def finish(
        self,
        way: Way,
        answers: Mapping[str, Any] | None = None,
        *,
        language: str | None = None,
        shown: datetime | None = None,
        said: Said | None = None,
    ) -> Survey:
        """Keep the last answers and finish, in one write, exactly once. Answers that the route has left are dropped.

        Raises:
            AnswersInvalid: an answer doesn't fit, or a required one is missing; nothing was stored.
            AlreadyAnswered: it was finished before.
            NotFound, LinkExpired, InvalidInput, Busy: as `save`.
        """
        return self._written(way, answers or {}, _Sent(language, shown, said, finish=True))

    def entry_of(self, municipality: str, questionnaire: str, mode: Mode, contact_id: str) -> Entry | None:
        """A way in for the citizen of a completed contact; None while it isn't completed. One response per contact."""
        served = self._store.served(municipality, contact_id)
        if served is None:
            return None
        now = self._clock().now()
        return Entry(municipality, contact_id, served.contact_ended_at, questionnaire, mode, now, served.facts)

    def record(self, interview: Interview) -> str:
        """An interview that is over is kept, whole, in one write; answers its contact id.

        The same key is once (GL-05): a repetition changes nothing and gets the same answer.

        Raises:
            NotFound: no such questionnaire, or not in that version.
            AnswersInvalid: an answer doesn't fit, or a required one is missing; nothing was stored.
            InvalidInput: what was said about quoting belongs to another wording.
            KeyReused: another interview with that key is there already.
            Busy: the store did not answer.
        """
        municipality = self._municipalities.get(interview.municipality)
        asked = self._questionnaires.find(municipality.id, interview.questionnaire, interview.version)
        begun = replace(interview.begun(self._clock().now()), questionnaire_version=asked.version)
        given, nominees = self._redacted(asked, begun, checked(asked, interview.answers))
        now = self._clock().now()
        check_said(municipality, interview.said)
        answered = with_answers(asked, replace(begun, nominees=nominees), given)
        response = finished(asked, with_answer(municipality, answered, interview.said, now), now)
        try:
            self._store.save(response, land=True, answer=response.comment_use)
        except Conflict:
            kept = self._store.response(response.municipality, response.contact_id)
            if kept is None or not same_interview(kept, response):
                raise KeyReused from None
        return response.contact_id

    def _written(self, way: Way, answers: Mapping[str, Any], sent: _Sent) -> Survey:
        for attempt in range(_ATTEMPTS):
            opened = self._opened(way, sent.language)
            before = opened.response
            if before.state is State.FINISHED:
                raise AlreadyAnswered
            changed = self._changed(opened, answers, sent)
            if changed is None:
                return seen(opened)
            new = changed.comment_use if changed.comment_use != before.comment_use else None
            try:
                self._store.save(changed, land=True, answer=new)
            except Conflict:
                self._pause(random.uniform(0, _LONGEST_PAUSE * (attempt + 1)))
                continue
            return seen(replace(opened, response=changed))
        raise Busy

    def _changed(self, opened: Opened, answers: Mapping[str, Any], sent: _Sent) -> Response | None:
        """The next version of the response; None when there is nothing to write."""
        asked, before, now = opened.questionnaire, opened.response, self._clock().now()
        given, nominees = self._redacted(asked, before, checked(asked, answers))
        before = replace(before, language=opened.language, nominees=nominees)
        after = with_answers(asked, before, given, seconds=_seconds(sent.shown, now))
        if sent.said is not None:
            municipality = self._municipalities.get(before.municipality)
            check_said(municipality, sent.said)
            after = with_answer(municipality, after, sent.said, now)
        if sent.finish:
            return finished(asked, after, now)
        unchanged = (after.given, after.comment_use) == (before.given, before.comment_use)
        return None if unchanged else after

    def _redacted(
        self, asked: Questionnaire, response: Response, answers: Mapping[str, Value | None]
    ) -> tuple[dict[str, Value | None], tuple[str, ...]]:
        """The answers with every text redacted, and the keys of nominees: those of new texts, else those there were."""
        asks_text: set[str] = {item.id for item in asked.items if item.is_text}
        texts = {name: str(answers[name] or "") for name in answers if name in asks_text}
        if not texts:
            return dict(answers), response.nominees
        municipality = self._municipalities.get(response.municipality)
        redactor = Redactor(municipality.staff_names)
        names = named("\n".join(texts.values()), municipality.asking.nominees, municipality.staff_names)
        keys = tuple(nominee_key(self._keys(), municipality.id, name) for name in names) if self._keys else ()
        return {name: redactor(texts[name]) or None if name in texts else v for name, v in answers.items()}, keys

    def _opened(self, way: Way, language: str | None) -> Opened:
        link = None if isinstance(way, Entry) else self._link(way)
        who = link or way
        if isinstance(who, str):
            raise NotFound
        begun = self._store.response(who.municipality, who.contact_id)
        response = begun
        if response is None:
            response = self._begun_by_entry(way) if isinstance(way, Entry) else self._begun_by_link(link)
        asked = self._questionnaires.find(
            response.municipality, response.questionnaire, response.questionnaire_version or None
        )
        offered = self._languages(response.municipality, asked)
        earlier = (begun.language if begun else None, link.language if link else None, response.language)
        wanted = (as_language(tag, offered) for tag in (language, *earlier))
        spoken = next(filter(None, wanted), DEFAULT_LANGUAGE)
        response = replace(response, questionnaire_version=asked.version, language=response.language or spoken)
        return Opened(response, asked, offered, spoken)

    def _link(self, token: str) -> SurveyLink:
        link = self._store.link(token_hash(token)) if is_token(token) else None
        if link is None or link.purpose != SURVEY:
            raise NotFound
        if link.until is not None and link.until <= self._clock().now():
            raise LinkExpired
        return link

    def _begun_by_link(self, link: SurveyLink | None) -> Response:
        invited = self._store.invited(link.municipality, link.contact_id) if link else None
        if link is None or invited is None:  # a link without its invitation: the citizen's data were deleted
            raise LinkExpired
        municipality = self._municipalities.get(link.municipality)
        return Response(
            municipality=link.municipality,
            contact_id=link.contact_id,
            contact_ended_at=invited.contact_ended_at,
            questionnaire=invited.questionnaire or _questionnaire_for(municipality, invited.facts.channel),
            questionnaire_version="",
            language=invited.language or "",
            started_at=self._clock().now(),
            facts=invited.facts,
        )

    def _begun_by_entry(self, entry: Entry) -> Response:
        return Response(
            municipality=entry.municipality,
            contact_id=entry.contact_id,
            contact_ended_at=entry.contact_ended_at,
            questionnaire=entry.questionnaire,
            questionnaire_version="",
            language="",
            started_at=self._clock().now(),
            mode=entry.mode,
            facts=entry.facts,
        )

    def _languages(self, municipality: str, asked: Questionnaire) -> tuple[Language, ...]:
        """Those that the municipality offers and in which the whole questionnaire is there."""
        offered = self._municipalities.get(municipality).asking.languages
        return tuple(language for language in asked.languages if language in offered or language in COMPLETE)


def _questionnaire_for(municipality: Municipality, channel: str | None) -> str:
    """Phone, e-mail and the rest may have their own questionnaire (BF-22)."""
    return str(municipality.asking.by_channel.get(channel or "", municipality.survey.questionnaire))


def _seconds(shown: datetime | None, now: datetime) -> int | None:
    return None if shown is None or shown > now else int((now - shown).total_seconds())
