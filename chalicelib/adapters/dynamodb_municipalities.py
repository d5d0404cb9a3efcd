"""Municipalities' configurations in DynamoDB. Every version is kept; `current` is a copy of the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.exceptions import PutError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.booking.dynamodb_exceptions import DynamoDbExceptions
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import ConfigurationItem, bound, connection
from chalicelib.adapters.transactions import response_code
from chalicelib.municipalities.document import Document, municipality_from
from chalicelib.municipalities.exceptions import with_exceptions
from chalicelib.municipalities.service import DirectoryEntry
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.identifiers import RESERVED_MUNICIPALITY_IDS, is_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

FRESH_SECONDS = 60
_DIRECTORY = "directory"


class DynamoDbMunicipalities:
    """Reads are cached for a minute, so that a request costs no configuration read and a change is soon everywhere."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock
        self._exceptions = DynamoDbExceptions()
        self._cache: dict[str, tuple[datetime, Municipality]] = {}

    def get(self, municipality: str) -> Municipality:
        """The configuration in force: the file as applied, with the days that staff have changed since.

        Raises:
            NotFound: no such municipality.
        """
        now = self._clock().now()
        if municipality in self._cache:
            read_at, known = self._cache[municipality]
            if 0 <= (now - read_at).total_seconds() < FRESH_SECONDS:
                return known
        document, version = self.document(municipality)
        model = with_exceptions(municipality_from(document, version=version), self._exceptions.of(municipality))
        self._cache[municipality] = (now, model)
        return model

    def forget(self, municipality: str) -> None:
        """The next `get` reads: somebody has just changed something here, and looks at the result."""
        self._cache.pop(municipality, None)

    @busy_if_unread
    def document(self, municipality: str) -> tuple[Document, int]:
        """The stored document and its version, read strongly.

        Raises:
            NotFound: no such municipality.
            Busy: the table does not answer.
        """
        unknown = NotFound("There is no such municipality.")
        if not is_slug(municipality) or municipality in RESERVED_MUNICIPALITY_IDS:
            raise unknown
        model = bound(ConfigurationItem)
        try:
            item = model.get(f"{municipality}#config", "current", consistent_read=True)
        except model.DoesNotExist:
            raise unknown from None
        return dict(item.document), int(item.version)

    @busy_if_unread
    def directory(self) -> Sequence[DirectoryEntry]:
        """Every municipality, by id: one Query of the directory's partition."""
        items = bound(ConfigurationItem).query(_DIRECTORY)
        return tuple(DirectoryEntry(id=item.sk, name=dict(item.document)) for item in items)

    def apply(self, document: Document, *, expected_version: int) -> int:
        """Store a validated document as the next version and return its number.

        Raises:
            Conflict: somebody applied another file since `expected_version` was read.
        """
        model, version = bound(ConfigurationItem), expected_version + 1
        municipality = str(document["id"])
        current = model(f"{municipality}#config", "current", document=document, version=version)
        condition = model.pk.does_not_exist() if expected_version == 0 else (model.version == expected_version)
        try:
            current.save(condition=condition)
        except PutError as exc:
            if response_code(exc) == "ConditionalCheckFailedException":
                message = "Somebody else applied a file at the same time; look at the differences again."
                raise Conflict(message) from exc
            raise
        with TransactWrite(connection=connection()) as transaction:
            transaction.save(model(f"{municipality}#config", f"v{version:06d}", document=document, version=version))
            transaction.save(model(_DIRECTORY, municipality, document=document["name"], version=version))
        self.forget(municipality)
        return version
