"""The e-mails that the embedded AWS accepted, with the product's time at which each was first seen."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from chalicelib import bootstrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from chalicelib.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class SentLetter:
    """One accepted e-mail. `sent_at` is aware, in UTC, as text; `sender` is what a mail program shows."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    sent_at: str


class SentLetters:
    """Every e-mail, in the order in which they were seen. The file keeps them over a restart."""

    def __init__(self, endpoint: str, file: Path, clock: Clock) -> None:
        """Reads what was seen before."""
        self._address = f"{endpoint}/_ministack/ses/messages"
        self._file = file
        self._clock = clock
        self._turn = threading.Lock()
        self._seen: dict[str, SentLetter] = {}
        if file.exists():
            self._remember(SentLetter(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())

    def all(self) -> list[SentLetter]:
        """Every e-mail so far, oldest first."""
        self.observe()
        return list(self._seen.values())

    def observe(self) -> list[SentLetter]:
        """The e-mails that are new since the last look."""
        with self._turn, urlopen(self._address, timeout=10) as answer:
            by_account = json.load(answer)["messages"]
            now = self._clock.now().isoformat()
            fresh = [
                _letter(record, now)
                for records in by_account.values()
                for record in records
                if record["MessageId"] not in self._seen
            ]
            self._remember(fresh)
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(letter), ensure_ascii=False) + "\n" for letter in fresh)
        return fresh

    def _remember(self, letters: Iterable[SentLetter]) -> None:
        self._seen.update((letter.id, letter) for letter in letters)


class VerifiedSenders:
    """SES sends only from addresses whose owner has proved that they are theirs. Here everybody's are."""

    def __init__(self, client: Any, addresses: Callable[[], Iterable[str]]) -> None:
        """`addresses` are those that municipalities send from."""
        self._client = client
        self._addresses = addresses
        self._known: set[str] = set()

    def verify(self) -> int:
        """Every address may send; how many are new."""
        new = set(self._addresses()) - self._known
        for address in sorted(new):
            self._client.create_email_identity(EmailIdentity=address)
        self._known |= new
        return len(new)


def sending_addresses() -> list[str]:
    """The addresses that municipalities send from."""
    known = bootstrap.municipalities()
    addresses = [known.get(entry.id).email_from for entry in known.directory()]
    return [address for address in addresses if address]


def _letter(record: dict[str, Any], now: str) -> SentLetter:
    return SentLetter(
        id=record["MessageId"],
        to=", ".join(record["To"]),
        sender=str(make_header(decode_header(record["Source"]))),
        subject=record["Subject"],
        text=record["BodyText"],
        html=record["BodyHtml"] or "",
        sent_at=now,
    )
