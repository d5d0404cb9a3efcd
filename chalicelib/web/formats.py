"""Dates, times and numbers as Danes and English readers write them; other languages have names and the English form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import to_local

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

_WEEKDAYS: Final = {
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    "uk": ("понеділок", "вівторок", "середа", "четвер", "п’ятниця", "субота", "неділя"),
    "pl": ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
_MONTHS: Final = {
    "da": (
        *("januar", "februar", "marts", "april", "maj", "juni"),
        *("juli", "august", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "ar": (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
    "uk": (
        *("січня", "лютого", "березня", "квітня", "травня", "червня"),
        *("липня", "серпня", "вересня", "жовтня", "листопада", "грудня"),
    ),
    "pl": (
        *("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca"),
        *("lipca", "sierpnia", "września", "października", "listopada", "grudnia"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}


_MOST_DECIMALS: Final = 2


def _names(names: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    return names.get(language, names["en"])


def clock_time(moment: datetime, language: str) -> str:
    """`kl. 9.05` or `9:05`, Danish local time."""
    local = to_local(moment)
    return f"kl. {local.hour}.{local.minute:02d}" if language == "da" else f"{local.hour}:{local.minute:02d}"


def long_date(day: date, language: str) -> str:
    """`mandag den 7. december 2026` or `Monday 7 December 2026`."""
    weekday, month = _names(_WEEKDAYS, language)[day.weekday()], _names(_MONTHS, language)[day.month - 1]
    if language == "da":
        return f"{weekday} den {day.day}. {month} {day.year}"
    return f"{weekday} {day.day} {month} {day.year}"


def weekdays(language: str) -> tuple[str, ...]:
    """Monday to Sunday."""
    return _names(_WEEKDAYS, language)


def month_name(month: str, language: str) -> str:
    """`oktober 2026` from `2026-10`, `3. kvartal 2026` from `2026-Q3`, `2026` from itself."""
    year, _, number = month.partition("-")
    if not number:
        return year
    if number.startswith("Q"):
        return f"{number[1:]}. kvartal {year}" if language == "da" else f"{number} {year}"
    return f"{_names(_MONTHS, language)[int(number) - 1]} {year}"


def number(value: float, language: str, *, decimals: int = 0) -> str:
    """`1.234,5` in Danish, `1,234.5` in English; rounded last (GL-27)."""
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "da" else text


def percent(share: float, language: str, *, decimals: int = 0) -> str:
    """`84 %` in Danish, `84%` in English, from a fraction.

    Somebody is never `0 %`, and nearly all are never `100 %`: next to either end there are as many decimals as it
    takes, up to two.
    """
    while decimals < _MOST_DECIMALS and 0 < share < 1 and round(share, decimals + 2) in {0, 1}:
        decimals += 1
    return f"{number(share * 100, language, decimals=decimals)}{' %' if language == 'da' else '%'}"
