"""The survey store in memory, and what tests need to arrange links. Kept honest by `tests/contract/test_survey_store.py`."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.hashing import link_token, token_hash
from chalicelib.surveys.model import Response
from chalicelib.surveys.service import SURVEY, Invited, SurveyLink, SurveyService
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.callbacks import Callback
    from chalicelib.surveys.comment_use import CommentUse

CONTACT = "01JDC0NTACT000000000000001"


def a_token(municipality: str = "fjordby", contact_id: str = CONTACT) -> str:
    return link_token(KEYS, SURVEY, f"{municipality}#{contact_id}")


def a_link(**changes: Any) -> SurveyLink:
    facts: dict[str, Any] = {
        "municipality": "fjordby",
        "purpose": SURVEY,
        "contact_id": CONTACT,
        "language": "da",
        "until": MONDAY + timedelta(days=14),
    }
    return SurveyLink(**{**facts, **changes})


def a_response(**changes: Any) -> Response:
    facts: dict[str, Any] = {
        "municipality": "fjordby",
        "contact_id": CONTACT,
        "contact_ended_at": MONDAY - timedelta(hours=2),
        "questionnaire": "skive",
        "questionnaire_version": "1",
        "language": "da",
        "started_at": MONDAY,
        "answers": {"satisfaction": 9},
        "question_versions": {"satisfaction": "0-10.1"},
        "version": 1,
    }
    return Response(**{**facts, **changes})


class FakeSurveyStore:
    """`landings` is what is pending: contact id → version; `answers` the consent ledger. `meanwhile` is called once, right before the next write."""

    def __init__(self) -> None:
        self.links: dict[str, SurveyLink] = {}
        self.invitations: dict[tuple[str, str], Invited] = {}
        self.contacts: dict[tuple[str, str], Invited] = {}
        self.responses: dict[tuple[str, str], Response] = {}
        self.landings: dict[str, int] = {}
        self.answers: list[tuple[str, CommentUse]] = []
        self.writes = 0
        self.refusing = False
        self.meanwhile: Callable[[], object] | None = None
        self._lock = Lock()

    def link(self, hashed: str) -> SurveyLink | None:
        return self.links.get(hashed)

    def invited(self, municipality: str, contact_id: str) -> Invited | None:
        return self.invitations.get((municipality, contact_id))

    def served(self, municipality: str, contact_id: str) -> Invited | None:
        return self.contacts.get((municipality, contact_id))

    def response(self, municipality: str, contact_id: str) -> Response | None:
        return self.responses.get((municipality, contact_id))

    def save(self, response: Response, *, land: bool, answer: CommentUse | None = None) -> None:
        key = (response.municipality, response.contact_id)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        with self._lock:
            stored = self.responses.get(key)
            if self.refusing or (stored.version if stored else 0) != response.version - 1:
                raise Conflict
            self.writes += 1
            self.responses[key] = response
            if land:
                self.landings[response.contact_id] = response.version
            if answer is not None:
                self.answers.append((response.contact_id, answer))


class FakeMunicipalities:
    def __init__(self, *known: Municipality) -> None:
        self._known = {municipality.id: municipality for municipality in known or (a_municipality(),)}

    def get(self, municipality: str) -> Municipality:
        try:
            return self._known[municipality]
        except KeyError:
            raise NotFound from None

    def directory(self) -> tuple[()]:
        return ()


class SurveyWorld:
    """A service on a fake store, with one invitation and its link. `token` is what the citizen has."""

    def __init__(self, *municipalities: Municipality, **link: Any) -> None:
        self.store = FakeSurveyStore()
        self.clock = FixedClock()
        self.pauses: list[float] = []
        self.service = SurveyService(
            store=self.store,
            municipalities=FakeMunicipalities(*municipalities),
            clock=lambda: self.clock,
            keys=lambda: KEYS,
            pause=self.pauses.append,
        )
        self.token = a_token()
        self.store.links[token_hash(self.token)] = a_link(**link)
        self.store.invitations["fjordby", CONTACT] = Invited(MONDAY - timedelta(hours=2), None, "da")

    @property
    def stored(self) -> Response:
        return self.store.responses["fjordby", CONTACT]


COMPLETE = {"satisfaction": 9, "friendliness": 10, "got-answer": "yes", "clear-information": "dont_know"}


class FakeCallbacks:
    """Wishes to be called, by municipality and id."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Callback] = {}

    def keep(self, callback: Callback) -> None:
        self.kept[callback.municipality, callback.id] = callback

    def open(self, municipality: str) -> tuple[Callback, ...]:
        found = (each for (m, _), each in self.kept.items() if m == municipality)
        return tuple(sorted(found, key=lambda callback: callback.asked_at))

    def delete(self, municipality: str, callback_id: str) -> None:
        self.kept.pop((municipality, callback_id), None)
