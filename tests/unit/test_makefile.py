"""What the Makefile and the documents start with `python -m` really starts something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [ROOT / "Makefile", ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "bench").glob("*.md"))]
STARTED = {
    name for text in TEXTS for name in re.findall(r"\b(?:local|infra|bench|tests)(?:\.\w+)+\b", text.read_text())
}
MODULES = sorted(name for name in STARTED if (ROOT / f"{name.replace('.', '/')}.py").exists())


@pytest.mark.parametrize("module", MODULES)
def test_a_started_module_has_something_to_start(module: str) -> None:
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    assert '\nif __name__ == "__main__":\n' in text


def test_the_modules_are_found() -> None:
    assert {"local.run", "local.deployed", "infra.deploy", "bench.dispatch"} <= set(MODULES)
