"""Text messages beside the surveys' invitations, through the same SMS sender: confirmations, reminders, calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.dispatch.ports import NotSent, Sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.dispatch.ports import SmsSender
    from chalicelib.shared.phone import PhoneNumber


class SmsTextMessages:
    """`TextMessages` on an `SmsSender`. Whoever sends has claimed the message before: it is tried once."""

    def __init__(self, sender: SmsSender, note: Callable[[str], None]) -> None:
        """`note` takes the message's id, so that its receipt is never compared with an invitation's lost answer."""
        self._sender = sender
        self._note = note

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        """False only if the message has certainly not left and may be tried again."""
        outcome = self._sender.send(phone, text, sender)
        if isinstance(outcome, Sent):
            self._note(outcome.message_id)
        # What was refused, or may have left, is not tried again: the citizen's page says the same.
        return not isinstance(outcome, NotSent)
