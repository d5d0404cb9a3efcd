"""Confirmations through the same SMS sender as everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.dispatch.ports import NotSent

if TYPE_CHECKING:
    from chalicelib.dispatch.ports import SmsSender
    from chalicelib.shared.phone import PhoneNumber


class SmsConfirmationSender:
    """`ConfirmationSender` on an `SmsSender`."""

    def __init__(self, sender: SmsSender) -> None:
        self._sender = sender

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        """False only if the message has certainly not left and may be tried again."""
        # What was refused, or may have left, is not tried again: the receipt page says the same.
        return not isinstance(self._sender.send(phone, text, sender), NotSent)
