"""The envelope in which CloudWatch Logs hands over the SMS delivery log: base64, gzip, JSON."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

from chalicelib.shared.errors import MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def log_lines(event: Mapping[str, Any]) -> Sequence[str]:
    """The lines of a subscription event; none of a control message, which CloudWatch sends to test the subscription.

    Raises:
        MalformedRequest: not such an event.
    """
    try:
        envelope = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        if envelope.get("messageType") != "DATA_MESSAGE":
            return ()
        return tuple(str(line["message"]) for line in envelope["logEvents"])
    except (KeyError, TypeError, ValueError, OSError, EOFError, zlib.error) as exc:
        raise MalformedRequest("not an event of a log subscription") from exc
