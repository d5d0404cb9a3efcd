"""QR codes as addresses of images, so that pages need no inline drawing and no file."""

from __future__ import annotations


def qr_address(text: str) -> str:
    """The text as a QR code (SVG in a data address); error correction for scratched screens."""
    import segno  # few pages draw one

    return str(segno.make(text, error="q", micro=False).svg_data_uri(scale=4, border=2))
