"""Finding an enquiry reason by what a citizen types; forgives spelling. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import EnquiryReason

_ALIKE: Final = 0.72
_SHORTEST: Final = 3
_LONGEST_QUERY: Final = 60


def matching(reasons: Sequence[EnquiryReason], query: str) -> list[EnquiryReason]:
    """The reasons that every word of the query fits, in any of their languages, in their order; all for no query."""
    words = query[:_LONGEST_QUERY].casefold().split()
    return [reason for reason in reasons if all(_fits(word, _words_of(reason)) for word in words)]


def _words_of(reason: EnquiryReason) -> list[str]:
    texts = [*reason.name.values(), *reason.group.values(), *(reason.bring or {}).values()]
    return [word.strip(".,;:()") for text in texts for word in text.casefold().split()]


def _fits(word: str, known: Sequence[str]) -> bool:
    if len(word) < _SHORTEST:
        return any(text.startswith(word) for text in known)
    return any(word in text or SequenceMatcher(None, word, text).ratio() >= _ALIKE for text in known)
