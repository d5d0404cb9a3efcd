"""The text messages that the embedded AWS accepted, with the product's time at which each was first seen."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chalicelib.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One accepted message. `sent_at` is aware, in UTC, as text; `sender` is what the phone shows."""

    id: str
    to: str
    text: str
    sender: str
    sent_at: str


class SentMessages:
    """Every message, in the order in which they were seen. The file keeps the times over a restart."""

    def __init__(self, endpoint: str, file: Path, clock: Clock) -> None:
        """Reads what was seen before."""
        self._address = f"{endpoint}/_ministack/sns/sms-messages"
        self._file = file
        self._clock = clock
        self._turn = threading.Lock()
        self._seen: dict[str, SentMessage] = {}
        if file.exists():
            self._remember(SentMessage(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())

    def all(self) -> list[SentMessage]:
        """Every message so far, oldest first."""
        self.observe()
        return list(self._seen.values())

    def observe(self) -> list[SentMessage]:
        """The messages that are new since the last look."""
        with self._turn, urlopen(self._address, timeout=10) as answer:
            by_number = json.load(answer)["sms_messages"]
            now = self._clock.now().isoformat()
            fresh = [
                _message(record, now)
                for records in by_number.values()
                for record in records
                if record["MessageId"] not in self._seen
            ]
            self._remember(fresh)
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(message), ensure_ascii=False) + "\n" for message in fresh)
        return fresh

    def _remember(self, messages: Iterable[SentMessage]) -> None:
        self._seen.update((message.id, message) for message in messages)


def _message(record: dict[str, Any], now: str) -> SentMessage:
    sender = record.get("MessageAttributes", {}).get("AWS.SNS.SMS.SenderID", {})
    shown = sender.get("StringValue") or sender.get("Value") or "SMS"
    return SentMessage(record["MessageId"], record["PhoneNumber"], record["Message"], str(shown), now)
