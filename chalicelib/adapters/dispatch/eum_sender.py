"""SMS through AWS End User Messaging (`SendTextMessage`): the same promises as the SNS adapter, one attempt, no guess.

It says more than SNS: an exhausted budget and an opted-out number are answers here, not receipts days later.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.dispatch.sms_sender import MAX_PRICE_USD, SERVER, THROTTLED, TOO_MANY
from chalicelib.adapters.one_attempt import READ_SECONDS, attempted, one_attempt_client
from chalicelib.dispatch.model import Failure
from chalicelib.dispatch.ports import AnswerLost, NotSent, Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError

    from chalicelib.shared.phone import PhoneNumber

_REFUSED_FIELDS: Final[Mapping[str, Failure]] = {
    "DestinationPhoneNumber": Failure.INVALID_NUMBER,
    "MessageBody": Failure.INVALID_TEXT,
}
_REFUSED: Final[Mapping[str, Failure]] = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": Failure.OPTED_OUT,
    "DESTINATION_COUNTRY_BLOCKED": Failure.BLOCKED_LIST,
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION": Failure.BLOCKED_LIST,
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": Failure.BLOCKED_LIST,
    "PRICE_OVER_THRESHOLD": Failure.MAX_PRICE,
}
_BUDGET: Final = "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"


class EumSmsSender:
    """`SmsSender` on AWS End User Messaging. `configuration_set` names where its events go; empty: nowhere."""

    def __init__(self, *, region: str, configuration_set: str = "", read_seconds: float = READ_SECONDS) -> None:
        self._region = region
        self._read_seconds = read_seconds
        self._more = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    @cached_property
    def _client(self) -> Any:
        return one_attempt_client("pinpoint-sms-voice-v2", region=self._region, read_seconds=self._read_seconds)

    def send(self, phone: PhoneNumber, text: str, sender_id: str) -> Outcome:
        """Try once to send a transactional message from `sender_id`."""
        return attempted(
            lambda: self._client.send_text_message(
                DestinationPhoneNumber=phone.reveal(),
                OriginationIdentity=sender_id,
                MessageBody=text,
                MessageType="TRANSACTIONAL",
                MaxPrice=MAX_PRICE_USD,
                **self._more,
            ),
            eum_outcome_of,
        )


def eum_outcome_of(error: ClientError) -> Outcome:
    """What an error answer means for the message. Only what is documented as about the message counts as refused."""
    answer: Mapping[str, Any] = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER))
    reason = str(answer.get("Reason", ""))
    if code in THROTTLED or status == TOO_MANY:
        return NotSent("throttled")
    if status >= SERVER:
        return AnswerLost()
    if reason == _BUDGET:
        return NotSent("spend_limit")
    if reason in _REFUSED:
        return Refused(_REFUSED[reason])
    fields = [str(each.get("Name", "")) for each in answer.get("Fields") or ()]
    refused = next((_REFUSED_FIELDS[name] for name in fields if name in _REFUSED_FIELDS), None)
    # Any other 4xx is about us (permissions, sender id, region): not sent, and mendable before it is too late.
    return NotSent("not_permitted") if refused is None else Refused(refused)
