"""Finding an enquiry reason by what a citizen types; forgives spelling. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import EnquiryReason
    from chalicelib.shared.languages import Text

_ALIKE: Final = 0.72
_SHORTEST: Final = 3
_LONGEST_QUERY: Final = 60


def matching(reasons: Sequence[EnquiryReason], query: str) -> list[EnquiryReason]:
    """The reasons that every word of the query fits, in their order; all for no query.

    What a reason is called counts first; only if no name fits, what one has to bring.
    """
    words = query[:_LONGEST_QUERY].casefold().split()
    by_name = [reason for reason in reasons if _all_fit(words, reason.name, reason.group)]
    return by_name or [reason for reason in reasons if _all_fit(words, reason.name, reason.bring or {})]


def _all_fit(words: Sequence[str], *texts: Text) -> bool:
    known = [word.strip(".,;:()") for text in texts for value in text.values() for word in value.casefold().split()]
    return all(_fits(word, known) for word in words)


def _fits(word: str, known: Sequence[str]) -> bool:
    if len(word) < _SHORTEST:
        return any(text.startswith(word) for text in known)
    return any(_alike(word, text) for text in known if len(text) >= _SHORTEST)


def _alike(word: str, text: str) -> bool:
    """Part of it, longer than it, or a few letters off: `pasport` is alike `pas`, `korekort` alike `kørekort`."""
    return word in text or word.startswith(text) or SequenceMatcher(None, word, text).ratio() >= _ALIKE
