"""The appointment as a calendar file (RFC 5545). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_LINE: Final = 75


def calendar_file(*, uid: str, made_at: datetime, start: datetime, end: datetime, texts: dict[str, str]) -> str:
    """One event with a reminder an hour before. `texts`: summary, location, description."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Borgerpuls//DA",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_moment(made_at)}",
        f"DTSTART:{_moment(start)}",
        f"DTEND:{_moment(end)}",
        f"SUMMARY:{_escaped(texts['summary'])}",
        f"LOCATION:{_escaped(texts['location'])}",
        f"DESCRIPTION:{_escaped(texts['description'])}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT1H",
        f"DESCRIPTION:{_escaped(texts['summary'])}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 bytes, continued after a space, never inside a character."""
    parts, current = [], b""
    for character in line:
        encoded = character.encode()
        if len(current) + len(encoded) > _LINE:
            parts.append(current)
            current = b" "
        current += encoded
    return b"\r\n".join([*parts, current]).decode()
