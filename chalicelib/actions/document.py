"""Actions as plain JSON, flat where it is compared: a change is a field with the value before and after."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from chalicelib.actions.model import (
    Action,
    Baseline,
    Change,
    Conclusion,
    Content,
    Guard,
    Place,
    PublicText,
    Span,
    Status,
)
from chalicelib.shared.clock import parse_moment, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTENT_FIELDS = tuple(each.name for each in fields(Content))


def content_document(content: Content) -> dict[str, Any]:
    """Its fields by name."""
    document = asdict(content)
    return document | {
        "status": str(content.status),
        "started": content.started.isoformat() if content.started else None,
    }


def content_of(document: Mapping[str, Any]) -> Content:
    """The inverse of `content_document`."""
    baseline, guard = document["baseline"], document["guard"]
    return Content(
        **{
            **document,
            "status": Status(document["status"]),
            "started": date.fromisoformat(document["started"]) if document["started"] else None,
            "baseline": Baseline(Place(**baseline["place"]), Span(**baseline["span"])) if baseline else None,
            "guard": Guard(Place(**guard["place"]), guard["limit"]) if guard else None,
        }
    )


def action_document(action: Action) -> dict[str, Any]:
    """All of it but its id, its municipality, its version and its pins, which are keys and rows of their own."""
    public = action.public
    return {
        "created": utc_text(action.created),
        "content": content_document(action.content),
        "decided": action.decided.isoformat() if action.decided else None,
        "conclusions": [_conclusion_document(each) for each in action.conclusions],
        "public": public and {"said": dict(public.said), "did": dict(public.did), "since": public.since.isoformat()},
    }


def action_of(
    municipality: str,
    id_: str,
    document: Mapping[str, Any],
    *,
    version: int,
    pins: Mapping[str, tuple[str, ...]],
) -> Action:
    """The inverse of `action_document`."""
    public = document["public"]
    return Action(
        id=id_,
        municipality=municipality,
        created=parse_moment(document["created"]),
        content=content_of(document["content"]),
        version=version,
        decided=date.fromisoformat(document["decided"]) if document["decided"] else None,
        conclusions=tuple(_conclusion(each) for each in document["conclusions"]),
        public=public_of(public) if public else None,
        pins=pins,
    )


def public_of(document: Mapping[str, Any]) -> PublicText:
    """A public text from its document."""
    return PublicText(dict(document["said"]), dict(document["did"]), date.fromisoformat(document["since"]))


def changes(before: Action | None, after: Action) -> tuple[Change, ...]:
    """What a new version changes, field by field; of a new action what it begins with."""
    new = _flat(after)
    if before is None:
        return tuple(Change(name, None, value) for name, value in new.items() if value)
    old = _flat(before)
    return tuple(Change(name, old[name], value) for name, value in new.items() if old[name] != value)


TEXTS: Final = frozenset({"title", "found", "recommendation", "work", "owner"})


def without_texts(steps: Iterable[Change]) -> tuple[Change, ...]:
    """The same steps without what texts said."""
    return tuple(
        Change(step.field, "", "")
        if step.field in TEXTS
        else Change(step.field, None, None)
        if step.field in {"conclusions", "public"}
        else step
        for step in steps
    )


def content_before(content: Content, undone: Iterable[Change]) -> Content:
    """The content as it was before these changes, the latest first."""
    document = content_document(content)
    for change in undone:
        if change.field in document:
            document[change.field] = change.before
    return content_of(document)


def _flat(action: Action) -> dict[str, Any]:
    document = action_document(action)
    return {**document["content"], "conclusions": document["conclusions"] or None, "public": document["public"]}


def _conclusion_document(conclusion: Conclusion) -> dict[str, Any]:
    span = conclusion.span
    return {"day": conclusion.day.isoformat(), "text": conclusion.text, "span": asdict(span) if span else None}


def _conclusion(document: Mapping[str, Any]) -> Conclusion:
    span = document["span"]
    return Conclusion(date.fromisoformat(document["day"]), document["text"], Span(**span) if span else None)
