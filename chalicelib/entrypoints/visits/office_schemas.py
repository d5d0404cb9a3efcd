"""An office's day as JSON: what the API reads and what it answers. Nothing is about an employee or a citizen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.entrypoints.visits.schemas import text_field, texts_field
from chalicelib.shared.clock import parse_moment, rfc3339
from chalicelib.shared.errors import InvalidInput
from chalicelib.visits.days import Kind
from chalicelib.visits.notices import Level, NewNotice, Notice, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from enum import StrEnum

    from chalicelib.visits.days import DayFigures
    from chalicelib.visits.reviews import PointReviews, Review
    from chalicelib.visits.today import Alarm

Json = dict[str, Any]


def optional_text(body: Mapping[str, Any], name: str) -> str | None:
    """A text that may be left out."""
    return None if body.get(name) is None else text_field(body, name)


def new_notice_of(body: Mapping[str, Any], office: str) -> NewNotice:
    """A notice as the API takes it; for this office alone unless `everywhere` is true.

    Raises:
        InvalidInput: a field is wrong.
    """
    everywhere = body.get("everywhere", False)
    if not isinstance(everywhere, bool):
        raise InvalidInput(fields={"everywhere": "true or false"})
    return NewNotice(
        kind=NoticeKind(_one_of(NoticeKind, body, "kind")),
        level=Level(_one_of(Level, body, "level")),
        text=_text(body.get("text")),
        event_at=_moment(body, "event_at"),
        starts=_moment(body, "from"),
        ends=_moment(body, "until"),
        offices=() if everywhere else (office,),
        reasons=texts_field(body, "reasons"),
    )


def notice_json(notice: Notice) -> Json:
    """A notice; `minutes_to_notice` is the time from the event to it (BF-15)."""
    return {
        "id": notice.id,
        "kind": str(notice.kind),
        "level": str(notice.level),
        "text": dict(notice.text),
        "offices": list(notice.offices),
        "reasons": list(notice.reasons),
        "event_at": rfc3339(notice.event_at),
        "posted_at": rfc3339(notice.posted_at),
        "from": rfc3339(notice.starts),
        "until": None if notice.ends is None else rfc3339(notice.ends),
        "minutes_to_notice": notice.minutes_to_notice,
    }


def alarm_json(alarm: Alarm) -> Json:
    """An alarm, and from which desk somebody comes."""
    return {
        "id": alarm.id,
        "desk": alarm.desk,
        "raised_at": rfc3339(alarm.raised_at),
        "answered_by": alarm.answered_by,
        "answered_at": None if alarm.answered_at is None else rfc3339(alarm.answered_at),
    }


def day_json(office: str, day: date, figures: DayFigures) -> Json:
    """The figures of a day, with how good the expected waits were."""
    accuracy = figures.accuracy
    return {
        "office": office,
        "date": day.isoformat(),
        "counts": {str(kind): figures.count(kind) for kind in Kind},
        "reasons": {reason: dict(counts) for reason, counts in figures.reasons.items()},
        "walk_ins": figures.walk_ins,
        "staff_check_ins": figures.staff_check_ins,
        "priorities": figures.priorities,
        "sent_on": figures.sent_on,
        "in_outage": figures.outages,
        "waiting": {
            "n": figures.waits.n,
            "median_minutes": figures.median_wait,
            "p90_minutes": figures.waits.quantile(0.9),
            "measured_from": dict(figures.measured_from),
        },
        "expected_wait": {
            "n": accuracy.told,
            "hit_share": accuracy.hit_share,
            "mean_error_minutes": accuracy.mean_error,
        },
        "shares": {
            "unclosed": figures.share(Kind.UNCLOSED),
            "not_come": figures.share(Kind.NO_SHOW, Kind.MISSED),
        },
        "warnings": [str(kind) for kind in figures.warnings],
    }


def points_json(points: Sequence[PointReviews]) -> Json:
    """Check-in points with their reviews."""
    return {
        "points": [
            {
                "point": entry.point.id,
                "name": dict(entry.point.name),
                "overdue": entry.is_overdue,
                "reviews": [review_json(review) for review in entry.reviews],
            }
            for entry in points
        ]
    }


def review_json(review: Review) -> Json:
    """A review."""
    return {
        "id": review.id,
        "point": review.point,
        "date": review.day.isoformat(),
        "result": str(review.result),
        "note": review.note,
    }


def _one_of(kinds: type[StrEnum], body: Mapping[str, Any], name: str) -> str:
    value = text_field(body, name)
    if value not in set(kinds):
        raise InvalidInput(fields={name: f"one of {', '.join(kinds)}"})
    return value


def _text(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise InvalidInput(fields={"text": 'such as {"da": "…", "en": "…"}'})
    unknown = set(value) - {"da", "en"}
    if unknown:
        raise InvalidInput(fields={"text": "da and en"})
    return dict(value)


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    text = optional_text(body, name)
    if text is None:
        return None
    try:
        return parse_moment(text).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(fields={name: "give a time such as 2026-11-23T10:00:00+01:00"}) from error
