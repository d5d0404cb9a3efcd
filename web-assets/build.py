"""Builds the static folder from what npm installed: a subset of Det Fælles Designsystem, right-to-left sheet, fonts.

`python web-assets/build.py TARGET` (run by `make setup` and by packaging). Nothing of it is committed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "node_modules" / "dkfds" / "dist"
FONTS = ("Regular", "SemiBold", "Bold")
SUBSETS = ("Latin1", "Latin2", "Cyrillic")
# The sheet's own @font-face rules make browsers fetch the old woff (78 kB) before the woff2 subset (17 kB).
FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")


def build(target: Path) -> None:
    """Fill `target` with `dkfds/` and `app/`.

    Raises:
        SystemExit: npm has not installed the packages; the message says what to run.
    """
    if not DIST.is_dir():
        sys.exit("web-assets/node_modules is missing: run `make setup` (it runs npm ci in web-assets)")
    css = target / "dkfds" / "css"
    css.mkdir(parents=True, exist_ok=True)
    sheet = FONT_FACE.sub("", (DIST / "css" / "dkfds.min.css").read_text(encoding="utf-8"))
    sheet = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", sheet)
    (css / "dkfds.min.css").write_text(sheet, encoding="utf-8")
    rtlcss = HERE / "node_modules" / ".bin" / "rtlcss"
    command = [str(rtlcss), str(css / "dkfds.min.css"), str(css / "dkfds.rtl.min.css")]
    subprocess.run(command, check=True, capture_output=True)
    fonts = target / "dkfds" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for weight in FONTS:
        for subset in SUBSETS:
            shutil.copy(DIST / "fonts/IBMPlexSans/split/woff2" / f"IBMPlexSans-{weight}-{subset}.woff2", fonts)
    shutil.copytree(DIST / "img", target / "dkfds" / "img", dirs_exist_ok=True)
    shutil.copy(DIST / "LICENSE.md", target / "dkfds" / "LICENSE.md")
    shutil.copytree(HERE.parent / "chalicelib" / "web" / "static" / "app", target / "app", dirs_exist_ok=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
