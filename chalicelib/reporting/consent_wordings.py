"""The randomised test of consent wordings: did another wording get more people to say yes (SK-11)?

Each citizen saw one wording, chosen by a hash and by nobody, so the difference is the wording's. Several wordings are
several tests against the one in force, so the p-values are Holm's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.reporting.statistics import Proportion, compare_shares, holm, wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.reporting.model import Asked
    from chalicelib.reporting.statistics import Comparison, Interval

_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class TriedWording:
    """How a wording did against the one in force. Without enough people asked there is a share and no verdict."""

    version: str
    accepted: Proportion
    interval: Interval
    against: Comparison | None = None
    p_adjusted: float | None = None

    @property
    def is_better(self) -> bool:
        """True if more said yes, beyond chance."""
        return self._is_beyond_chance and self.against is not None and self.against.difference > 0

    @property
    def is_worse(self) -> bool:
        """True if fewer said yes, beyond chance."""
        return self._is_beyond_chance and self.against is not None and self.against.difference < 0

    @property
    def _is_beyond_chance(self) -> bool:
        return self.p_adjusted is not None and self.p_adjusted < _SIGNIFICANT


def wording_test(
    asked: Mapping[str, Asked], in_force: str, tried: Sequence[str], *, small_base: int
) -> list[TriedWording]:
    """The wording in force first, then those tried; a wording that nobody was asked by is left out.

    Nothing is compared as long as either of two has no more than `small_base` people asked (GL-52).
    """
    shares = {
        version: Proportion(asked[version].granted, asked[version].offered)
        for version in (in_force, *tried)
        if version in asked and asked[version].offered
    }
    base = shares.get(in_force)
    carries = {version for version, share in shares.items() if share.n > small_base}
    compared = {
        version: compare_shares(base, share)
        for version, share in shares.items()
        if base is not None and version != in_force and {version, in_force} <= carries
    }
    adjusted = dict(zip(compared, holm([each.p_value for each in compared.values()]), strict=True))
    return [
        TriedWording(version, share, wilson(share), compared.get(version), adjusted.get(version))
        for version, share in shares.items()
    ]
