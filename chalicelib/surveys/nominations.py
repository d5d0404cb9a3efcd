"""Colleagues whom a comment names and who have said yes to the monthly vote (BF-13).

The comment itself is redacted as every other. Of a name that is taken out, a key stays only if its bearer has opted in,
for nominations alone; whoever hasn't leaves no trace, so nobody can be nominated against their will.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from chalicelib.surveys.redaction import normalised

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.shared.hashing import Keys


def named(text: str, opted_in: Collection[str], staff: Collection[str]) -> tuple[str, ...]:
    """Who of `opted_in` the text names: by the whole name, or by a first name that no other of the `staff` bears."""
    clean = normalised(text)
    firsts = [_first(name) for name in {*staff, *opted_in}]
    return tuple(
        name
        for name in opted_in
        if _stands_in(name, clean) or (firsts.count(_first(name)) == 1 and _stands_in(_first(name), clean))
    )


def nominee_key(keys: Keys, municipality: str, name: str) -> str:
    """16 hex digits that stand for a colleague in the vote of one municipality, the same each time."""
    text = f"nominee|{municipality}|{' '.join(name.casefold().split())}".encode()
    return hmac.new(keys.phone, text, hashlib.sha256).hexdigest()[:16]


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0].casefold() if name.strip() else ""


def _stands_in(name: str, text: str) -> bool:
    pattern = r"\s+".join(re.escape(part) for part in name.split())
    return bool(pattern) and re.search(rf"(?<!\w){pattern}(?:['’]?s)?(?!\w)", text, re.IGNORECASE) is not None
