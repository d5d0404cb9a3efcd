"""The one builder of addresses inside the product, so that pages work under `/{stage}/` too (design 4.9)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Urls:
    """`base` is what stands before every path (`""` or `/api`), `static` where style sheets and fonts are."""

    base: str
    static: str

    def path(self, *parts: str, **query: str | None) -> str:
        """A path on this site from raw parts, each escaped; None in `query` leaves the parameter out."""
        given = {key: value for key, value in query.items() if value is not None}
        suffix = f"?{urlencode(given)}" if given else ""
        return f"{self.base}/{'/'.join(quote(part, safe='') for part in parts)}{suffix}"

    def asset(self, name: str) -> str:
        """A file of the static folder."""
        return f"{self.static}/{name}"
