"""Reported contacts as JSON, checked field by field; what is wrong is said as a stable code per contact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from chalicelib.contacts.model import Consent
from chalicelib.contacts.service import Reason, Rejected, ReportedContact
from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import Channel
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import DEFAULT_LANGUAGE, Language, as_language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.shared.phone import PhoneNumber

MAX_BATCH: Final = 100
_LONGEST_ID: Final = 200
_MOST_TRANSFERS: Final = 100
# An id, not a sentence: a department becomes a dimension in the lake, where no free text may go (I6).
_DEPARTMENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")


def source_id_of(item: Any) -> str | None:
    """The sender's id, to be answered with the result; None when there is none."""
    source_id = item.get("source_id") if isinstance(item, dict) else None
    return source_id if isinstance(source_id, str) and 0 < len(source_id) <= _LONGEST_ID else None


def reported_contact(item: Any) -> ReportedContact:
    """The contact of one entry.

    Raises:
        Rejected: the first thing that is wrong.
    """
    source_id = source_id_of(item)
    if source_id is None:
        raise Rejected(Reason.INVALID_SOURCE_ID)
    return ReportedContact(
        source_id=source_id,
        channel=_channel(item.get("channel")),
        department=_department(item.get("department")),
        reason=_reason(item.get("reason")),
        started_at=_moment(item.get("started_at")),
        ended_at=_moment(item.get("ended_at")),
        language=_language(item.get("language")),
        consent=_consent(item.get("survey_consent")),
        phone=_phone(item.get("phone")),
        internal=bool(_flag(item, "internal")),
        resolved_first_contact=_flag(item, "resolved_first_contact"),
        transfers=_transfers(item.get("transfers")),
        next_step_given=_flag(item, "next_step_given"),
        handed_over=_flag(item, "handed_over"),
    )


def _channel(value: Any) -> Channel:
    """A channel's id; `email` and hyphens are forgiven, because senders spell them so."""
    name = value.replace("-", "_") if isinstance(value, str) else ""
    channel = Channel.E_MAIL if name == "email" else name
    if channel not in set(Channel):
        raise Rejected(Reason.UNKNOWN_CHANNEL)
    return Channel(channel)


def _department(value: Any) -> str:
    if not isinstance(value, str) or _DEPARTMENT.fullmatch(value) is None:
        raise Rejected(Reason.INVALID_DEPARTMENT)
    return value


def _reason(value: Any) -> str:
    if not isinstance(value, str):
        raise Rejected(Reason.UNKNOWN_REASON)
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise Rejected(Reason.INVALID_TIME)
    try:
        return parse_moment(value)
    except (ValueError, OverflowError) as exc:
        raise Rejected(Reason.INVALID_TIME) from exc


def _language(value: Any) -> Language:
    if value is None:
        return DEFAULT_LANGUAGE
    language = as_language(value) if isinstance(value, str) else None
    if language is None:
        raise Rejected(Reason.UNKNOWN_LANGUAGE)
    return language


def _consent(value: Any) -> Consent:
    if value is None:
        return Consent(offered=False, granted=False)
    version = value.get("text_version") if isinstance(value, dict) else None
    known = version is None or (isinstance(version, str) and 0 < len(version) <= _LONGEST_ID)
    if not isinstance(value, dict) or not isinstance(value.get("granted"), bool) or not known:
        raise Rejected(Reason.INVALID_CONSENT)
    return Consent(offered=True, granted=value["granted"], text_version=version)


def _phone(value: Any) -> PhoneNumber | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Rejected(Reason.INVALID_PHONE)
    try:
        return phone_of(value)
    except InvalidInput as exc:
        raise Rejected(Reason.INVALID_PHONE) from exc


def _flag(item: Mapping[str, Any], name: str) -> bool | None:
    value = item.get(name)
    if value is not None and not isinstance(value, bool):
        raise Rejected(Reason.INVALID_FIELD)
    return value


def _transfers(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_TRANSFERS:
        raise Rejected(Reason.INVALID_FIELD)
    return value
