"""A response as its item: named fields, no phone number, no token."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.tables import FACTS_KEPT, ResponseItem, bound
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.surveys.comment_use import CommentUse
from chalicelib.surveys.model import Facts, Mode, Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def response_key(municipality: str, contact_id: str) -> str:
    """The partition of a contact's response."""
    return f"{municipality}#response#{contact_id}"


def response_row(response: Response) -> ResponseItem:
    """To be saved on the condition that the version before it is there."""
    return bound(ResponseItem)(
        response_key(response.municipality, response.contact_id),
        "response",
        municipality=response.municipality,
        contact_id=response.contact_id,
        state=str(response.state),
        document=_document(response),
        version=response.version,
        expires_at=int((response.started_at + FACTS_KEPT).timestamp()),
    )


def response_from(item: ResponseItem) -> Response:
    """The response of an item; what an older version did not write has its default."""
    document: dict[str, Any] = item.document
    finished = document["finished_at"]
    return Response(
        municipality=item.municipality,
        contact_id=item.contact_id,
        contact_ended_at=parse_moment(document["contact_ended_at"]),
        questionnaire=document["questionnaire"],
        questionnaire_version=document["questionnaire_version"],
        question_versions=document["question_versions"],
        mode=Mode(document["mode"]),
        language=document["language"],
        started_at=parse_moment(document["started_at"]),
        finished_at=parse_moment(finished) if finished else None,
        answers=document["answers"],
        comments=document["comments"],
        version=int(item.version),
        facts=Facts(**document.get("facts") or {}),
        seconds=document.get("seconds") or {},
        stopped_at=document.get("stopped_at"),
        eligible=document.get("eligible"),
        nominees=tuple(document.get("nominees") or ()),
        comment_use=_use_from(document.get("comment_use")),
    )


def _document(response: Response) -> dict[str, Any]:
    return {
        "contact_ended_at": utc_text(response.contact_ended_at),
        "questionnaire": response.questionnaire,
        "questionnaire_version": response.questionnaire_version,
        "question_versions": dict(response.question_versions),
        "mode": str(response.mode),
        "language": response.language,
        "started_at": utc_text(response.started_at),
        "finished_at": utc_text(response.finished_at) if response.finished_at else None,
        "answers": dict(response.answers),
        "comments": dict(response.comments),
        "facts": _known(response.facts),
        "seconds": dict(response.seconds),
        "stopped_at": response.stopped_at,
        "eligible": response.eligible,
        "nominees": list(response.nominees),
        "comment_use": _use_document(response.comment_use),
    }


def consent_of(response: Response, use: CommentUse) -> ConsentRecord:
    """The answer about quoting as it goes to the ledger: by the contact's id, never with a number beside it."""
    refused = ConsentState.WITHDRAWN if use.withdrawn else ConsentState.REFUSED
    return ConsentRecord(
        municipality=response.municipality,
        contact_id=response.contact_id,
        state=ConsentState.GRANTED if use.granted else refused,
        text_version=use.text_version,
        language=use.language,
        origin=use.origin,
        at=use.at,
        scope=COMMENT_USE,
        by=use.by,
    )


def _use_document(use: CommentUse | None) -> dict[str, Any] | None:
    return {**asdict(use), "at": utc_text(use.at)} if use else None


def _use_from(document: dict[str, Any] | None) -> CommentUse | None:
    return CommentUse(**{**document, "at": parse_moment(document["at"])}) if document else None


def _known(facts: Facts) -> Mapping[str, str]:
    return {name: value for name in Facts.__slots__ if (value := getattr(facts, name)) is not None}
