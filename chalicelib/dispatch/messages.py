"""What an invitation and its reminder say, and where their one link leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.dispatch import sms_text
from chalicelib.dispatch.model import Wave
from chalicelib.dispatch.policy import link_until
from chalicelib.dispatch.ports import SurveyLink
from chalicelib.municipalities.model import Channel
from chalicelib.shared.hashing import link_token, token_hash
from chalicelib.shared.languages import in_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.dispatch.model import Invitation
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.hashing import Keys

_ABOUT_VISITS: Final = {Wave.INVITATION: "invitation", Wave.REMINDER: "survey_reminder"}
_ABOUT_CONTACTS: Final = {Wave.INVITATION: "contact_invitation", Wave.REMINDER: "contact_reminder"}


class Messages:
    """Texts and links. Both can be made again at any time, so that neither is stored."""

    def __init__(self, *, keys: Callable[[], Keys], public_url: str) -> None:
        self._keys = keys
        self._public_url = public_url

    def link_of(self, invitation: Invitation, municipality: Municipality) -> SurveyLink:
        """The link as it is stored: by the hash of its token."""
        return SurveyLink(
            token_hash=token_hash(self._token(invitation)),
            municipality=municipality.id,
            contact_id=invitation.contact_id,
            language=invitation.language,
            until=link_until(invitation, municipality),
        )

    def text_of(self, invitation: Invitation, municipality: Municipality) -> str:
        """The text to send. A municipality without words of its own for reminders of visits sends the invitation's."""
        templates = municipality.sms_templates
        kinds = _ABOUT_VISITS if invitation.channel == Channel.IN_PERSON else _ABOUT_CONTACTS
        template = templates.get(kinds[invitation.wave], templates["invitation"])
        return sms_text.fit(
            in_language(template, invitation.language),
            {
                "municipality": in_language(municipality.name, invitation.language),
                "code": invitation.code,
                "link": f"{self._public_url}/s/{self._token(invitation)}",
            },
        )

    def _token(self, invitation: Invitation) -> str:
        subject = f"{invitation.municipality}|{invitation.contact_id}"
        return link_token(self._keys(), "survey", subject, version=invitation.link_version)
