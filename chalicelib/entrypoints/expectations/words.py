"""What readers of an estimate are told, with no more figures than it has (GL-50)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from chalicelib.expectations.model import Kind
from chalicelib.web.formats import number, percent
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.expectations.bias import Spread

KINDS: Final = {Kind.LETTERS: "Breve", Kind.CAMPAIGN: "Kampagne", Kind.SERVICE: "Ny service"}
_PROBLEMS: Final = {
    "title": "Giv skønnet en overskrift på højst 80 tegn.",
    "owner": "Skriv, hvilken funktion der står for skønnet. Højst 80 tegn, uden telefonnummer og e-mail.",
    "assumptions": "Skriv, hvad skønnet bygger på. Højst 600 tegn, uden numre og adresser på personer.",
    "kind": "Vælg en af mulighederne.",
    "channel": "Vælg en af mulighederne.",
    "reasons": "Vælg en af mulighederne.",
    "starts": "Skriv en dato.",
    "weeks": "Skriv et antal uger fra 1 til 52.",
    "letters": "Skriv et antal breve fra 1 til 1.000.000.",
    "per_hundred": "Skriv, hvor mange der henvender sig for hver 100 breve: mere end 0 og højst 1.000.",
    "per_week": "Skriv et antal henvendelser om ugen fra 1 til 100.000.",
    "capacity": "Skriv et helt tal, der giver plads til mindst én henvendelse om dagen.",
    "minutes_each": "Skriv et antal minutter fra 1 til 120, eller lad feltet stå tomt.",
    "limit_percent": "Skriv en procent fra 100 til 1000.",
    "week": "Vælg en uge, der er begyndt.",
    "contacts": "Skriv et helt antal henvendelser.",
}
_FEW: Final = 100


class Words:
    """In one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def problems(self, fields: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with a form, by field."""
        return {name: gettext(self._language, _PROBLEMS[name]) for name in fields}

    def kind(self, kind: Kind) -> str:
        """What brings the contacts."""
        return gettext(self._language, KINDS[kind])

    def about(self, value: Decimal) -> str:
        """An estimate, in two figures: 1,238 is about 1,200."""
        return number(float(rough(value)), self._language)

    def between(self, spread: Spread) -> str:
        """Its range."""
        low, high = self.about(spread.low), self.about(spread.high)
        return low if low == high else gettext(self._language, "%(low)s til %(high)s", low=low, high=high)

    def times(self, ratio: Decimal) -> str:
        """How many times as many."""
        return number(float(ratio), self._language, decimals=1)

    def share(self, part: Decimal) -> str:
        """A share in whole per cent."""
        return percent(float(part), self._language)

    def plain(self, value: Decimal, decimals: int = 0) -> str:
        """A number as it is."""
        return number(float(value), self._language, decimals=decimals)


def rough(value: Decimal) -> Decimal:
    """The number with two figures that say something, and whole below a hundred."""
    if abs(value) < _FEW:
        return value.quantize(Decimal(1), ROUND_HALF_EVEN)
    step = Decimal(10) ** (value.adjusted() - 1)
    return (value / step).quantize(Decimal(1), ROUND_HALF_EVEN) * step
