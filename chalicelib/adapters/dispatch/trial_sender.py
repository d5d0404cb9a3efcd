"""Trial mode: every message goes to AWS's simulated phone, whoever it is for. Nobody is ever written to by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from chalicelib.dispatch.ports import Outcome, SmsSender

SIMULATED: Final = PhoneNumber("+4525919410")
"""AWS's Danish simulator that always delivers; +4525919215 always fails. Both cost and count as real ones do."""


class TrialSmsSender:
    """`SmsSender` in front of another."""

    def __init__(self, sender: SmsSender) -> None:
        self._sender = sender

    def send(self, phone: PhoneNumber, text: str, sender_id: str) -> Outcome:  # noqa: ARG002 - deliberately not used
        """Try once to send it to the simulator."""
        return self._sender.send(SIMULATED, text, sender_id)
