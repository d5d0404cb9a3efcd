"""SMS through Amazon SNS: one call is one attempt, and its answer is one of four, never a guess.

SNS has no idempotency key for a phone number, so a retry would send twice after a lost answer. Publish may succeed and
yet never deliver (spent budget): the truth comes with the receipt.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.one_attempt import READ_SECONDS, attempted, one_attempt_client
from chalicelib.dispatch.model import Failure
from chalicelib.dispatch.ports import AnswerLost, NotSent, Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError

    from chalicelib.shared.phone import PhoneNumber

MAX_PRICE_USD: Final = "0.20"
"""Per message; a Danish one costs a quarter of it. Keeps a mistyped country from emptying the budget."""

THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "Throttled", "ThrottledException", "TooManyRequestsException"}
    | {"RequestLimitExceeded", "KMSThrottling"}
)
_REFUSALS: Final[Mapping[str, Failure]] = {
    "InvalidParameter": Failure.INVALID_NUMBER,
    "InvalidParameterException": Failure.INVALID_NUMBER,
    "InvalidParameterValue": Failure.INVALID_NUMBER,
    "ParameterValueInvalid": Failure.INVALID_NUMBER,
    "ValidationException": Failure.INVALID_NUMBER,
    "ValidationError": Failure.INVALID_NUMBER,
    "OptedOut": Failure.OPTED_OUT,
    "OptedOutException": Failure.OPTED_OUT,
}
TOO_MANY: Final = 429
SERVER: Final = 500


class SnsSmsSender:
    """`SmsSender` on SNS."""

    def __init__(self, *, region: str, read_seconds: float = READ_SECONDS) -> None:
        self._region = region
        self._read_seconds = read_seconds

    @cached_property
    def _client(self) -> Any:
        return one_attempt_client("sns", region=self._region, read_seconds=self._read_seconds)

    def send(self, phone: PhoneNumber, text: str, sender_id: str) -> Outcome:
        """Try once to send a transactional message from `sender_id`."""
        return attempted(
            lambda: self._client.publish(
                PhoneNumber=phone.reveal(), Message=text, MessageAttributes=_attributes(sender_id)
            ),
            outcome_of,
        )


def outcome_of(error: ClientError) -> Outcome:
    """What an error answer means for the message. Only what SNS documents as refused counts as refused."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER))
    if code in THROTTLED or status == TOO_MANY:
        return NotSent("throttled")
    if status >= SERVER:
        return AnswerLost()
    if code in _REFUSALS:
        return Refused(_REFUSALS[code])
    # Any other 4xx is about us (permissions, credentials, region): not sent, and mendable before it is too late.
    return NotSent("not_permitted")


def _attributes(sender_id: str) -> dict[str, dict[str, str]]:
    return {
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": sender_id},
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": MAX_PRICE_USD},
    }
