"""Colour arithmetic for the municipality's own colour: contrast by WCAG 2.2, and a darker shade for hovering."""

from __future__ import annotations

import re
from typing import Final

_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LINEAR_BELOW: Final = 0.04045
MINIMUM_CONTRAST: Final = 4.5
"""WCAG 2.2 AA, success criterion 1.4.3, for text of normal size on white."""


def is_colour(text: str) -> bool:
    """True for `#rrggbb`."""
    return _HEX.fullmatch(text) is not None


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast_with_white(colour: str) -> float:
    """The contrast ratio with white, 1 to 21 (WCAG 2.2, relative luminance)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= _LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def darker(colour: str, *, factor: float = 0.7) -> str:
    """The same colour, darker."""
    return "#" + "".join(f"{round(channel * factor):02x}" for channel in _channels(colour))
