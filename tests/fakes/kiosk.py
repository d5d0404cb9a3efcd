"""Kiosk attempts and wishes for a message in memory, with the conditions of the tables, and a sender that remembers."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.visits.nearly import Asked, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.visits.model import Visit


class InMemoryKioskAttempts:
    """`KioskAttempts`."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, datetime], int] = {}

    def count(self, municipality: str, kiosk: str, hour: datetime) -> int:
        key = municipality, kiosk, hour
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    def take_back(self, municipality: str, kiosk: str, hour: datetime) -> None:
        self.counts[municipality, kiosk, hour] = self.counts.get((municipality, kiosk, hour), 0) - 1


class InMemoryWishes:
    """`Wishes`."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, date, str], tuple[Standing, Asked | None]] = {}
        self._lock = Lock()

    def standing(self, visit: Visit) -> Standing:
        key = visit.municipality, visit.office, visit.day, visit.ulid
        return self.rows.get(key, (Standing.NONE, None))[0]

    def ask(self, asked: Asked) -> bool:
        with self._lock:
            if self.rows.get(_key(asked), (Standing.ASKED, None))[0] is not Standing.ASKED:
                return False
            self.rows[_key(asked)] = Standing.ASKED, asked
            return True

    def open(self, municipality: str, office: str, day: date) -> Sequence[Asked]:
        mine = [asked for key, (_, asked) in self.rows.items() if key[:3] == (municipality, office, day)]
        return tuple(asked for asked in mine if asked is not None)

    def claim(self, asked: Asked) -> bool:
        with self._lock:
            if self.rows.get(_key(asked)) != (Standing.ASKED, asked):
                return False
            self.rows[_key(asked)] = Standing.TOLD, None
            return True

    def restore(self, asked: Asked) -> None:
        with self._lock:
            if self.rows.get(_key(asked), (None, None))[0] is Standing.TOLD:
                self.rows[_key(asked)] = Standing.ASKED, asked

    def forget(self, municipality: str, office: str, day: date, ulid: str) -> None:
        with self._lock:
            if self.rows.get((municipality, office, day, ulid), (None, None))[0] is Standing.ASKED:
                del self.rows[municipality, office, day, ulid]


class RememberingTextSender:
    """`TextSender`; its next answers may be given, else every message leaves."""

    def __init__(self, *answers: bool) -> None:
        self.sent: list[tuple[PhoneNumber, str, str]] = []
        self._answers = list(answers)

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        has_left = self._answers.pop(0) if self._answers else True
        if has_left:
            self.sent.append((phone, text, sender))
        return has_left


def _key(asked: Asked) -> tuple[str, str, date, str]:
    return asked.municipality, asked.office, asked.day, asked.ulid
