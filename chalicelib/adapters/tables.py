"""Every DynamoDB table, as PynamoDB models. `docs/data-model.md` lists keys, streams, TTLs and access patterns.

Keys are `pk` and `sk` everywhere; every `pk` starts with the municipality, which is never the whole of it. Two
documented exceptions: a link's `pk` is its token's hash (its bearer knows nothing else), the directory's is a constant.
Table names are bound on first use; one botocore client serves all models (five cost 650 ms cold, one costs 100).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

from pynamodb.attributes import (
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.models import Model

from chalicelib.settings import settings

FACTS_KEPT: Final = timedelta(days=400)
"""How long contacts, invitations and responses can be found by their key: longer than a year's reconciliation."""
NUMBERS_KEPT: Final = timedelta(days=30)
"""What the privacy page promises of phone numbers, from the visit on, whatever went wrong on their way."""
CONNECTIONS: Final = 14
"""Requests under way at once: the days of a fortnight."""
_REMOVED_LATE: Final = timedelta(days=2)


def gone_by(moment: datetime) -> int:
    """The `expires_at` of what must be gone by then, as DynamoDB removes what has expired up to two days late."""
    return int((moment - _REMOVED_LATE).timestamp())


class Table(Model):
    """What all tables share. `expires_at` is the TTL in epoch seconds; readers filter on it, as TTL lags by days."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires_at = NumberAttribute(null=True)


class ConfigurationItem(Table):
    """pk `{m}#config`, sk `current` or `v000001`; directory: pk `directory`, sk `{m}`."""

    class Meta:
        """Bound by `bound`."""

        suffix = "configuration"

    document = JSONAttribute()
    version = NumberAttribute(default=0)


class TickItem(Table):
    """pk `{m}#{office}#{date}`, sk `{group}#{HH:MM}`: the lanes of one tick (design 4.1).

    `lanes` maps a lane number to `{"owner": id, "until": epoch seconds, "within": lanes that the owner may use}`;
    without `until` it is confirmed, held for good. `cap` bounds the capacity since the hours were cut.

    pk `{m}#phone#{hash}`, sk `open`: the future appointments of a phone number, in the same form.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "capacity"

    lanes: MapAttribute[str, Any] = MapAttribute(default=dict)
    cap = NumberAttribute(null=True)


class AppointmentItem(Table):
    """pk `{m}#appointment#{id}`; also code pointers, holds, idempotency records and the day list of an office.

    `{m}#find#{CODE}` / hour: `attempts` to find an appointment by that code.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "appointments"

    state = UnicodeAttribute(null=True)
    document = JSONAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    version = NumberAttribute(default=0)


class ConsentItem(Table):
    """What was agreed, and by whom not to be asked.

    pk `{m}#consent#{contact id}`, sk `{scope}` (now) and `{scope}#{time}#{event}` (the append-only ledger);

    pk `{m}#phone#{hash}`, sk `opted_out` and `quarantine` (`until`, epoch seconds; `state`: the contact that holds it).
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "consents"

    state = UnicodeAttribute(null=True)
    document = JSONAttribute(null=True)
    until = NumberAttribute(null=True)


class VisitItem(Table):
    """pk `{m}#{office}#{date}`, sk `{ULID}`; the ticket counter: sk `#tickets`."""

    class Meta:
        """Bound by `bound`."""

        suffix = "visits"

    state = UnicodeAttribute(null=True)
    document = JSONAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    tickets = NumberAttribute(null=True)
    version = NumberAttribute(default=0)


class ContactItem(Table):
    """pk `{m}#contact#{id}`, sk `contact`: insert-only. Its stream starts dispatch and landing."""

    class Meta:
        """Bound by `bound`."""

        suffix = "contacts"

    municipality = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    document = JSONAttribute()


class PendingItem(Table):
    """pk `{m}#{shard}`, sk `{due}#{kind}#{subject}`: pending work. The subject's own record holds the due time."""

    class Meta:
        """Bound by `bound`."""

        suffix = "work"

    kind = UnicodeAttribute()
    subject = UnicodeAttribute()
    payload = JSONAttribute(default=dict)
    version = NumberAttribute(default=0)


class InvitationItem(Table):
    """pk `{m}#invitation#{contact id}`, sk `invitation`: one per decided contact, invited or not."""

    class Meta:
        """Bound by `bound`."""

        suffix = "invitations"

    municipality = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    state = UnicodeAttribute()
    document = JSONAttribute()
    phone = UnicodeAttribute(null=True)
    version = NumberAttribute(default=0)


class ResponseItem(Table):
    """pk `{m}#response#{contact id}`, sk `response`. Its stream starts landing when `state` becomes `finished`.

    `document`: contact_ended_at, questionnaire, questionnaire_version, mode, language, started_at, finished_at or null,
    question_versions {question: version}, answers {question: number, option id, `dont_know` or list of option ids} and,
    apart from them, comments {question: redacted text}.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "responses"

    municipality = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    state = UnicodeAttribute()
    document = JSONAttribute()
    version = NumberAttribute(default=0)


class LinkItem(Table):
    """pk hash of the token, sk `link`; SMS references: pk `sms#{SNS message id}`, sk `link`.

    Receipts that were early: the same pk, sk `receipt`. Sends whose answer is awaited, by phone: pk `{m}#phone#{hash}`,
    sk `sent#{time}#{contact id}`, with the receipts that may be theirs: sk `receipt#{message id}`.
    `until` (epoch seconds) is how long the link works; the item stays longer (`expires_at`), so that an expired link
    can say that it has expired instead of being unknown.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "links"

    municipality = UnicodeAttribute()
    purpose = UnicodeAttribute()
    subject = UnicodeAttribute()
    language = UnicodeAttribute(null=True)
    until = NumberAttribute(null=True)


class LakeMarkItem(Table):
    """pk `{m}#{table}`, sk `{YYYY-MM}`: how often a partition was touched (`version`) and last compacted (`done`)."""

    class Meta:
        """Bound by `bound`."""

        suffix = "lake-marks"

    version = NumberAttribute(default=0)
    done = NumberAttribute(default=0)
    tombstones: ListAttribute[Any] = ListAttribute(default=list)


class OperationItem(Table):
    """An office's daily business beside visits. `number` is for counters, `document` for everything else.

    Each family of rows has a `pk` of its own, `{m}#{family}#...`; `docs/data-model.md` lists them.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "operations"

    state = UnicodeAttribute(null=True)
    document = JSONAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    number = NumberAttribute(null=True)
    version = NumberAttribute(default=0)


AnyTable = TypeVar("AnyTable", bound=Table)


@cache
def connection() -> Connection:
    """The one DynamoDB connection of this process, for every model and every transaction."""
    return Connection(
        region=settings().region,
        connect_timeout_seconds=1,
        read_timeout_seconds=3,
        max_retry_attempts=2,
        max_pool_connections=CONNECTIONS,
    )


@cache
def bound(model: type[AnyTable]) -> type[AnyTable]:
    """The model with its table name and the shared client; every store asks for its models through this."""
    meta: Any = model.Meta
    meta.table_name = settings().table(meta.suffix)
    meta.region = settings().region
    model._get_connection().connection._client = connection().client  # noqa: SLF001 - PynamoDB has no public way
    return model
