"""E-mail through Amazon SES: one call is one attempt, as a lost answer must not become a second letter."""

from __future__ import annotations

from email.utils import formataddr
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.one_attempt import READ_SECONDS, one_attempt_client
from chalicelib.web.letters import write_letter

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from chalicelib.booking.message_ports import Letter

_REFUSED: Final = "BadRequestException"
_SERVER: Final = 500


class SesLetters:
    """`Letters` on SES."""

    def __init__(self, *, region: str, read_seconds: float = READ_SECONDS) -> None:
        self._region = region
        self._read_seconds = read_seconds

    @cached_property
    def _client(self) -> Any:
        return one_attempt_client("sesv2", region=self._region, read_seconds=self._read_seconds)

    def send(self, letter: Letter) -> bool:
        """False only if the letter has certainly not left and may be tried again."""
        from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

        written = write_letter(letter)
        body = {"Text": _utf8(written.text), "Html": _utf8(written.html)}
        try:
            self._client.send_email(
                FromEmailAddress=_sender(written.sender_name, letter.municipality.email_from or ""),
                Destination={"ToAddresses": [letter.to]},
                Content={"Simple": {"Subject": _utf8(written.subject), "Body": body}},
            )
        except ClientError as exc:
            return not _has_not_left(exc)
        except (ConnectTimeoutError, EndpointConnectionError):
            return False
        except BotoCoreError:
            return True  # it may have left
        return True


def _has_not_left(error: ClientError) -> bool:
    """True for what can be mended: throttled, paused, a sender that is not verified. An impossible address can't."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER))
    return status < _SERVER and code != _REFUSED


def _sender(name: str, address: str) -> str:
    """`Name <address>`, encoded as mail headers want it."""
    return formataddr((name, address), charset="utf-8")


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
