"""Every DynamoDB table, as PynamoDB models. `docs/data-model.md` lists keys, streams, TTLs and access patterns.

Keys are `pk` and `sk` everywhere; every `pk` starts with the municipality, which is never the whole of it. Two
documented exceptions: a link's `pk` is its token's hash (its bearer knows nothing else) and the directory's is a constant.
Table names are bound on first use, one botocore client is shared by all models (five clients cost 650 ms cold, one 100).
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

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

    `lanes` maps a lane number to `{"owner": id, "until": epoch seconds or null}`; null: confirmed, held for good.
    """

    class Meta:
        """Bound by `bound`."""

        suffix = "capacity"

    lanes: MapAttribute[str, Any] = MapAttribute(default=dict)


class AppointmentItem(Table):
    """pk `{m}#appointment#{id}`; also code pointers, holds, idempotency records and the day list of an office."""

    class Meta:
        """Bound by `bound`."""

        suffix = "appointments"

    state = UnicodeAttribute(null=True)
    document = JSONAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    version = NumberAttribute(default=0)


class ConsentItem(Table):
    """pk `{m}#consent#{contact id}`, sk `{scope}` (now) and `{scope}#{time}#{event}` (the append-only ledger);

    pk `{m}#phone#{hash}`, sk `opted_out` and `quarantine` (with `until`, epoch seconds).
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
    """pk `{m}#{shard}`, sk `{due}#{kind}#{subject}`: pending work. The due time stands in the subject's own record."""

    class Meta:
        """Bound by `bound`."""

        suffix = "work"

    kind = UnicodeAttribute()
    subject = UnicodeAttribute()
    payload = JSONAttribute(default=dict)
    version = NumberAttribute(default=0)


class InvitationItem(Table):
    """pk `{m}#invitation#{contact id}`, sk `invitation`; ambiguous sends by phone: pk `{m}#phone#{hash}`, sk `{time}`."""

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
    """pk `{m}#response#{contact id}`, sk `response`. Its stream starts landing when `state` becomes `finished`."""

    class Meta:
        """Bound by `bound`."""

        suffix = "responses"

    municipality = UnicodeAttribute()
    contact_id = UnicodeAttribute()
    state = UnicodeAttribute()
    document = JSONAttribute()
    version = NumberAttribute(default=0)


class LinkItem(Table):
    """pk hash of the token, sk `link`; SMS references: pk `sms#{SNS message id}`, sk `link`."""

    class Meta:
        """Bound by `bound`."""

        suffix = "links"

    municipality = UnicodeAttribute()
    purpose = UnicodeAttribute()
    subject = UnicodeAttribute()
    language = UnicodeAttribute(null=True)


class LakeMarkItem(Table):
    """pk `{m}#{table}`, sk `{YYYY-MM}`: how often a lake partition was touched (`version`) and last compacted (`done`)."""

    class Meta:
        """Bound by `bound`."""

        suffix = "lake-marks"

    version = NumberAttribute(default=0)
    done = NumberAttribute(default=0)
    tombstones: ListAttribute[Any] = ListAttribute(default=list)


AnyTable = TypeVar("AnyTable", bound=Table)


@cache
def connection() -> Connection:
    """The one DynamoDB connection of this process, for every model and every transaction."""
    return Connection(
        region=settings().region,
        connect_timeout_seconds=1,
        read_timeout_seconds=3,
        max_retry_attempts=2,
    )


@cache
def bound(model: type[AnyTable]) -> type[AnyTable]:
    """The model with its table name and the shared client; every store asks for its models through this."""
    meta: Any = model.Meta  # type: ignore[attr-defined]
    meta.table_name = settings().table(meta.suffix)
    meta.region = settings().region
    model._get_connection().connection._client = connection().client
    return model
