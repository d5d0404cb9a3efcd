"""What staff read about plans, in their language: why a time can't be booked, how it stands with a citizen, hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.booking.asking import Standing
from chalicelib.booking.explaining import Why
from chalicelib.shared.languages import in_language
from chalicelib.web.formats import clock_time, long_date
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, time

    from chalicelib.booking.explaining import Obstacle
    from chalicelib.municipalities.offices import DayException, DeskGroup, Office, OpeningPeriod

_WHY: Final = {
    Why.PASSED: "Tiden er passeret.",
    Why.TOO_SOON: "Det er for tæt på: borgere kan tidligst bestille til %(until)s.",
    Why.TOO_FAR: "Så langt frem kan der ikke bestilles endnu.",
    Why.HOLIDAY: "Det er en helligdag: %(note)s.",
    Why.CLOSING_DAY: "Det er en af kommunens lukkedage.",
    Why.CLOSED_BY_STAFF: "Der er lukket for ærindet den dag.",
    Why.NO_HOURS: "Der er ingen åbningstid den dag.",
    Why.OFF_GRID: "Tider begynder ikke på det minut.",
    Why.OUTSIDE: "Fra %(at)s er der ikke åbent, og ærindet kan ikke nås inden.",
    Why.OTHER_REASONS: "Skrankerne er til andre ærinder fra %(at)s.",
    Why.STAFF_PLACES: "Resten af tiderne er til medarbejdere: du kan selv bestille den for borgeren.",
    Why.ACUTE_PLACES: "Resten af tiderne er akuttider. De frigives på selve dagen.",
    Why.WALK_IN_PLACES: "Skrankerne er til borgere uden tid fra %(at)s.",
    Why.LOWERED: "Der er lukket eller færre skranker siden for lidt siden.",
    Why.COOLING: "Tiden er lige blevet aflyst. Borgere kan bestille den igen fra %(until)s. Du kan tage den nu.",
    Why.HELD: "En anden er i gang med at bestille. Bliver den ikke bestilt, er den fri %(until)s.",
    Why.TAKEN: "Alle skranker er optaget fra %(at)s.",
}
_STANDING: Final = {
    Standing.TO_ASK: "Ikke spurgt endnu",
    Standing.ASKED: "Spurgt, venter på svar",
    Standing.LAPSED: "Ikke svaret, pladsen er ikke holdt længere",
    Standing.NO_CONTACT: "Ingen kontaktoplysninger: mød borgeren ved døren",
    Standing.NO_TIME: "Ingen ledig tid: ring til borgeren",
}


def why_text(obstacle: Obstacle, language: str) -> str:
    """One reason, in plain words."""
    values = {
        "at": clock_time(obstacle.at, language),
        "until": clock_time(obstacle.until, language) if obstacle.until else "",
        "note": in_language(obstacle.note, language) if obstacle.note else "",
    }
    return gettext(language, _WHY[obstacle.why], **values)


def standing_text(standing: Standing, language: str) -> str:
    """How it stands with a citizen whose time can't be kept."""
    return gettext(language, _STANDING[standing])


def desks_text(group: DeskGroup, language: str) -> str:
    """The desks of a group; a group has no name of its own."""
    return gettext(language, "Skranke %(desks)s", desks=", ".join(group.desks))


def hours_text(periods: Iterable[OpeningPeriod], language: str) -> str:
    """`9.00–12.00 og 13.00–15.00`, or closed."""
    spans = sorted({(period.opens, period.closes) for period in periods})
    if not spans:
        return gettext(language, "Lukket")
    between = f" {gettext(language, 'og')} "
    return between.join(f"{wall_text(opens, language)}–{wall_text(closes, language)}" for opens, closes in spans)


def wall_text(wall: time, language: str) -> str:
    """`9.00` in Danish, `9:00` in English."""
    return f"{wall.hour}{'.' if language == 'da' else ':'}{wall.minute:02d}"


def days_text(first: date, last: date, language: str) -> str:
    """One day, or from one to another."""
    if first == last:
        return long_date(first, language)
    return gettext(language, "%(first)s til %(last)s", first=long_date(first, language), last=long_date(last, language))


def exception_text(office: Office, hours: DayException, language: str) -> str:
    """What holds instead of the series, and at which desks if not at all of them."""
    concerned = [desks_text(group, language) for group in office.desk_groups if group.id in hours.groups]
    return ": ".join([*([", ".join(concerned)] if concerned else []), hours_text(hours.opening, language)])
