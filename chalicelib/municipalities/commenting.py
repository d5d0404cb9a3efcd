"""What a municipality decides about its work with comments; what it does not say has a default."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.shared.languages import Text

THEMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "waiting": {"da": "Ventetid", "en": "Waiting time"},
        "service": {"da": "Betjening", "en": "Service"},
        "information": {"da": "Information og vejledning", "en": "Information and guidance"},
        "access": {"da": "Åbningstid og tidsbestilling", "en": "Opening hours and booking"},
        "digital": {"da": "Selvbetjening og it", "en": "Self-service and IT"},
        "place": {"da": "Stedet", "en": "The place"},
        "outcome": {"da": "Afgørelse og resultat", "en": "Decision and result"},
        "other": {"da": "Andet", "en": "Other"},
    }
)


@dataclass(frozen=True, slots=True)
class CommentPolicy:
    """`themes` are what comments are sorted by, in this order (SK-21)."""

    themes: Mapping[str, Text] = field(default_factory=lambda: THEMES)


def comments_from(item: Mapping[str, Any]) -> CommentPolicy:
    """The policy of a stored document; what it lacks has the default."""
    return CommentPolicy(themes=dict(item["themes"])) if item.get("themes") else CommentPolicy()
