"""Compiles the pages' translations (`.po` to `.mo`), for setup, tests and packaging: `python -m infra.translations`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent.parent / "chalicelib" / "web" / "translations"


def compile_all(folder: Path = FOLDER) -> int:
    """Compile every catalogue that is newer than its compiled form; returns how many were compiled."""
    compiled = 0
    for source in sorted(folder.glob("*/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.name, domain=source.stem, abort_invalid=True)
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        target.write_bytes(buffer.getvalue())
        compiled += 1
    return compiled


if __name__ == "__main__":
    print(f"{compile_all()} catalogues compiled")
    sys.exit(0)
