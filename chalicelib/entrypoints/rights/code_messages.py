"""The text message with a one-time code. Asked for by a citizen who waits for it, so quiet hours don't hold it back."""

from __future__ import annotations

from typing import Final

from chalicelib import bootstrap
from chalicelib.dispatch import sms_text
from chalicelib.entrypoints.events.dispatch_metrics import count
from chalicelib.shared.languages import in_language
from chalicelib.web.catalogue import translator

_TEXT: Final = (
    "{municipality}: Din kode er {digits}. Den gælder i 10 minutter. Giv den ikke til andre. "
    "Har du ikke bedt om den, så se bort fra denne sms."
)


def send_code(municipality_id: str, challenge_id: str) -> None:
    """Send it, once, if there is anything to see with it."""
    found = bootstrap.codes().to_send(municipality_id, challenge_id)
    if found is None:
        return
    challenge, digits = found
    municipality = bootstrap.municipalities().get(municipality_id)
    values = {"municipality": in_language(municipality.name, challenge.language), "digits": digits}
    text = sms_text.fit(translator(challenge.language).gettext(_TEXT), values)
    bootstrap.text_messages().send(phone=challenge.phone, text=text, sender=municipality.survey.sender)
    count("CodeSent")
