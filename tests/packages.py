"""Packages for tests, built once per session."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from infra import dependencies
from infra.dependencies import PackagingFailed
from infra.package import ROOT, package

if TYPE_CHECKING:
    from infra.package import Package

FOLDER = ROOT / ".local" / "test-packages"


@cache
def packaged(stage: str) -> Package:
    """The stage's package; skips the test where this machine lacks the Python that Lambda runs."""
    if stage != "local":
        try:
            dependencies.lambda_interpreter()
        except PackagingFailed as reason:
            pytest.skip(str(reason))
    return package(stage, root=FOLDER)
