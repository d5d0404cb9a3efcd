"""Names of a report's groups, from the municipality's configuration; an id that is gone from there names itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.appointments import BOOKED_BY, CANCELLED, HELPED, KIOSK, ONLINE, TAKEN
from chalicelib.reporting.contact_paths import PATH, SEPARATOR
from chalicelib.reporting.noted import (
    HANDED_OVER,
    INTERNAL,
    NEXT_STEP,
    OUTSIDE_HOURS,
    PASSED_AGAIN,
    PASSED_ON,
    RESOLVED,
)
from chalicelib.reporting.outages import CALLED_SOON, MEASURED_FROM
from chalicelib.reporting.rates import CONSENT, NO_SHOW, TRAFFIC, UNCLOSED
from chalicelib.shared.languages import in_language
from chalicelib.web.formats import weekdays
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality


_WORDS: Final = frozenset({"department", "sub_department"})
_SAME_AS: Final = {
    TRAFFIC: "channel",
    f"{TRAFFIC}_department": "department",
    f"{TRAFFIC}_reason": "reason",
    **dict.fromkeys((RESOLVED, PASSED_ON, PASSED_AGAIN, NEXT_STEP, HANDED_OVER, OUTSIDE_HOURS, INTERNAL), "channel"),
    f"{RESOLVED}_reason": "reason",
    f"{PASSED_ON}_department": "department",
    f"{NEXT_STEP}_department": "department",
    NO_SHOW: "office",
    UNCLOSED: "office",
    CANCELLED: "office",
    TAKEN: "reason",
    CALLED_SOON: "outage",
}
Names = Callable[[str, str], str]
"""Gives the name of (dimension, value)."""


def group_names(municipality: Municipality, language: str) -> Names:
    """Gives the name of (dimension, value)."""
    names: dict[tuple[str, str], str] = {
        ("all", "all"): gettext(language, "Alle"),
        ("language", "da"): gettext(language, "Dansk"),
        ("language", "en"): gettext(language, "Engelsk"),
    }
    names |= {("channel", channel): name for channel, name in _channels(language).items()}
    names |= {("mode", mode): name for mode, name in _modes(language).items()}
    names |= {("weekday", str(day + 1)): name.capitalize() for day, name in enumerate(weekdays(language))}
    names |= {("hour", f"{hour:02d}"): gettext(language, "kl. %(hour)s", hour=str(hour)) for hour in range(24)}
    for dimension in ("waiting", "service"):
        names |= {(dimension, band): text for band, text in _minutes(language).items()}
    names |= {("origin", origin): name for origin, name in _origins(language).items()}
    names |= _targets(language)
    names |= _operations(language)
    for department, name in municipality.departments.items():
        names["department", department] = in_language(name, language)
    for unit, parent in municipality.sub_departments.items():
        names["sub_department", unit] = f"{names['department', unit]} ({names['department', parent]})"
    for office in municipality.offices:
        names["office", office.id] = in_language(office.name, language)
    for reason in municipality.reasons:
        names["reason", reason.id] = in_language(reason.name, language)
    return lambda dimension, value: _found(names, dimension, value)


def dimension_names(language: str) -> dict[str, str]:
    """What figures are split by, as a choice."""
    return {
        "department": gettext(language, "afdeling"),
        "sub_department": gettext(language, "underafdeling"),
        "office": gettext(language, "sted"),
        "channel": gettext(language, "kontaktform"),
        "reason": gettext(language, "henvendelsesårsag"),
        "language": gettext(language, "sprog"),
        "weekday": gettext(language, "ugedag"),
        "hour": gettext(language, "tidspunkt"),
        "outage": gettext(language, "driftsforstyrrelse"),
        "waiting": gettext(language, "ventetid"),
        "service": gettext(language, "ekspeditionstid"),
        "mode": gettext(language, "svarmåde"),
    }


def _found(names: dict[tuple[str, str], str], dimension: str, value: str) -> str:
    """What operational shares are split by is named as what scores are split by."""
    if dimension == PATH:
        channel, _, department = value.partition(SEPARATOR)
        return f"{_found(names, 'channel', channel)} → {_found(names, 'department', department)}"
    plain = _SAME_AS.get(dimension, dimension.removeprefix(f"{CONSENT}_"))
    if known := names.get((plain, value)):
        return known
    return value.replace("-", " ").capitalize() if plain in _WORDS else value


def _modes(language: str) -> dict[str, str]:
    return {
        "sms_link": gettext(language, "Link i sms"),
        "kiosk": gettext(language, "Skærm på stedet"),
        "qr": gettext(language, "QR-kode på stedet"),
        "open_link": gettext(language, "Åbent link"),
        "phone": gettext(language, "Interview i telefonen"),
        "face_to_face": gettext(language, "Interview på stedet"),
    }


def _minutes(language: str) -> dict[str, str]:
    bands = {"00-05": "0–5", "05-10": "5–10", "10-20": "10–20", "20-30": "20–30", "30+": "30+"}
    return {band: gettext(language, "%(minutes)s minutter", minutes=text) for band, text in bands.items()}


def _origins(language: str) -> dict[str, str]:
    return {
        "web": gettext(language, "På nettet"),
        "kiosk": gettext(language, "Ved standeren"),
        "desk": gettext(language, "Ved skranken"),
        "phone": gettext(language, "I telefonen"),
        "system": gettext(language, "Andre systemer"),
    }


def _operations(language: str) -> dict[tuple[str, str], str]:
    return {
        **{(dimension, "all"): gettext(language, "Alle") for dimension in ("office", "channel")},
        ("department", ""): gettext(language, "Uden afdeling"),
        ("outage", "yes"): gettext(language, "Under driftsforstyrrelser"),
        ("outage", "no"): gettext(language, "Ellers"),
        (BOOKED_BY, ONLINE): gettext(language, "På nettet"),
        (BOOKED_BY, KIOSK): gettext(language, "Ved standeren"),
        (BOOKED_BY, HELPED): gettext(language, "Med hjælp fra en medarbejder"),
        (MEASURED_FROM, "check_in"): gettext(language, "Borgerens egen check-in"),
        (MEASURED_FROM, "booked_time"): gettext(language, "Den aftalte tid (borgeren havde ikke checket ind)"),
        (MEASURED_FROM, "staff_check_in"): gettext(language, "Da en medarbejder checkede borgeren ind"),
        (MEASURED_FROM, ""): gettext(language, "Ikke noteret"),
    }


def _targets(language: str) -> dict[tuple[str, str], str]:
    return {
        ("target", "satisfaction"): gettext(language, "Tilfredshed"),
        ("target", "answered"): gettext(language, "Fik svar"),
        ("target", "service_level"): gettext(language, "Kaldt inden for 10 minutter"),
        ("punctual", "punctual"): gettext(language, "Kaldt til tiden"),
    }


def _channels(language: str) -> dict[str, str]:
    return {
        "in_person": gettext(language, "Personligt møde"),
        "phone": gettext(language, "Telefon"),
        "e_mail": gettext(language, "E-mail"),
        "self_service": gettext(language, "Selvbetjening"),
        "contact_form": gettext(language, "Kontaktformular"),
        "letter": gettext(language, "Brev"),
        "ai_assistant": gettext(language, "AI-assistent"),
    }
