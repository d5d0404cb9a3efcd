"""Municipalities' own questionnaires in DynamoDB, beside the product's. Every version is kept, and none is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import ConfigurationItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.surveys.questionnaire import available, bank, questionnaire
from chalicelib.surveys.questionnaire_document import Document, merged, questionnaire_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.shared.clock import Clock
    from chalicelib.surveys.model import Questionnaire

FRESH_SECONDS: Final = 60
_CURRENT: Final = "current"


class DynamoDbQuestionnaires:
    """`Questionnaires`. A municipality's own are read at most once a minute, all of them with one Query."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self._cache: dict[str, tuple[datetime, dict[tuple[str, str], Document]]] = {}

    def find(self, municipality: str, questionnaire_id: str, version: str | None = None) -> Questionnaire:
        """The questionnaire in force, or the version that a response was begun with.

        Raises:
            NotFound: there is none, or not in that version.
        """
        try:
            return questionnaire(questionnaire_id, version)
        except NotFound:
            document = self._own(municipality).get((questionnaire_id, version or _CURRENT))
            if document is None:
                raise
        return questionnaire_from(document, bank())

    def available(self, municipality: str) -> Sequence[str]:
        """The ids of all of them, in order: the municipality's own first."""
        own = sorted(name for name, version in self._own(municipality) if version == _CURRENT)
        return (*own, *available())

    def wordings(self, municipality: str) -> Document:
        """The bank with the wordings of the municipality's own questionnaires, older versions included."""
        whole, known = bank(), {(q["id"], q["version"]) for q in bank()["questions"]}
        for document in self._own(municipality).values():
            fresh = [q for q in document.get("questions") or () if (q["id"], q["version"]) not in known]
            known |= {(q["id"], q["version"]) for q in fresh}
            whole = merged(whole, {"questions": fresh})
        return whole

    @busy_if_unread
    def versions(self, municipality: str) -> dict[tuple[str, str], Document]:
        """Every stored document by id and version, read strongly; the one in force also as version `current`."""
        rows = bound(ConfigurationItem).query(_pk(municipality), consistent_read=True)
        return {_name(row.sk): dict(row.document) for row in rows}

    def apply(self, municipality: str, document: Document) -> bool:
        """Store a checked document as the one in force; False when it already is, and then nothing is written.

        Raises:
            Conflict: that version was applied before with other content: a changed one needs a new version (GL-10).
        """
        name, version = str(document["id"]), str(document["version"])
        stored = self.versions(municipality)
        before = stored.get((name, version))
        if before is not None and before != document:
            raise Conflict(f"{name} {version} was applied before with other content; give the change a new version")
        if stored.get((name, _CURRENT)) == document:
            return False
        model, steps = bound(ConfigurationItem), Steps()
        steps.put("current", model(_pk(municipality), f"{name}#{_CURRENT}", document=document))
        row = model(_pk(municipality), f"{name}#v#{version}", document=document)
        if before is None:
            steps.put("version", row, model.pk.does_not_exist())
        if steps.commit():
            raise Conflict("Somebody else applied it at the same time; look again.")
        self._cache.pop(municipality, None)
        return True

    def _own(self, municipality: str) -> dict[tuple[str, str], Document]:
        now = self._clock().now()
        if municipality in self._cache:
            read_at, known = self._cache[municipality]
            if 0 <= (now - read_at).total_seconds() < FRESH_SECONDS:
                return known
        found = self.versions(municipality)
        self._cache[municipality] = (now, found)
        return found


def _pk(municipality: str) -> str:
    return f"{municipality}#questionnaires"


def _name(sort_key: Any) -> tuple[str, str]:
    name, _, version = str(sort_key).partition("#")
    return name, version.removeprefix("v#")
