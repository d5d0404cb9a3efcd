"""Packages for tests, built once per session."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra import dependencies
from infra.dependencies import PackagingFailed
from infra.package import package

if TYPE_CHECKING:
    from infra.package import Package


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="borgerpuls-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def packaged(stage: str) -> Package:
    """The stage's package; skips the test where this machine lacks the Python that Lambda runs."""
    if stage != "local":
        try:
            dependencies.lambda_interpreter()
        except PackagingFailed as reason:
            pytest.skip(str(reason))
    return package(stage, root=_folder())
