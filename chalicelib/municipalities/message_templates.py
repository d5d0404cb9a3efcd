"""What the product says about appointments and calls where a municipality has no words of its own.

Each fits into one text message with the usual lengths of names; `borgerpuls municipality apply` measures them with the
municipality's own. Confirmation and invitation have no default: a municipality speaks them in its own voice. The
invitation thanks for a visit; whoever called, wrote or used self-service gets `contact_invitation` (SK-30).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import Meeting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.languages import Text

DEFAULT_TEMPLATES: Final[Mapping[str, Text]] = {
    "reminder": {
        "da": "{municipality}: Husk din tid {date} {time}, {office}. Kode {code}. Se eller aflys: {link}",
        "en": "{municipality}: Remember {date} {time}, {office}. Code {code}. See or cancel: {link}",
    },
    "moved": {
        "da": "{municipality}: Din tid er flyttet til {date} {time}, {office}. Kode {code}. Se: {link}",
        "en": "{municipality}: Your time is now {date} {time}, {office}. Code {code}. See: {link}",
    },
    "cancelled": {
        "da": "{municipality}: Vi må desværre aflyse din tid {date} {time}. Det beklager vi. Se mere: {link}",
        "en": "{municipality}: We must cancel your time {date} {time}. We are sorry. See more: {link}",
    },
    "closed": {
        "da": "{municipality}: Vi lukker {date} {time}, hvor du har tid. Forslag: {new_date} {new_time}. Svar: {link}",
        "en": "{municipality}: Closed {date} {time}, your time. We suggest {new_date} {new_time}. Answer: {link}",
    },
    "contact_invitation": {
        "da": "Tak for din henvendelse til {municipality} (kode {code}). Hvordan gik det? Svar her: {link}",
        "en": "Thank you for contacting {municipality} (code {code}). How did it go? Answer here: {link}",
    },
    "contact_reminder": {
        "da": "{municipality}: Vi vil stadig gerne høre, hvordan din henvendelse gik (kode {code}). Svar her: {link}",
        "en": "{municipality}: We would still like to hear how your contact with us went (code {code}). Answer: {link}",
    },
    "earlier_time": {
        "da": "{municipality}: Ledig tid {new_date} {new_time} i stedet for {date} {time}. Først til mølle: {link}",
        "en": "{municipality}: Free time {new_date} {new_time} instead of {date} {time}. First come: {link}",
    },
}

ELSEWHERE: Final[Mapping[Meeting, Text]] = {
    Meeting.PHONE: {"da": "vi ringer til dig", "en": "we will call you"},
    Meeting.VIDEO: {"da": "på video", "en": "by video"},
}
"""What stands for the office in a message about an appointment that is not held there."""
