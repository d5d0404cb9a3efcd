"""What of the dependencies never runs in a function, and is left out."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

# Every AWS service that a function calls; botocore describes 400 others. A test compares with the clients in the code.
SERVICES: Final = frozenset(
    {"athena", "dynamodb", "glue", "pinpoint-sms-voice-v2", "s3", "secretsmanager", "sesv2", "sns", "sqs", "sts"}
)

_NEEDLESS_FOLDERS: Final = frozenset({"__pycache__", "bin", "examples", "share", "swagger_ui", "test", "tests"})
_NEEDLESS_SUFFIXES: Final = frozenset({".c", ".h", ".pyi", ".pyx", ".md", ".rst", ".po"})
_NEEDLESS_PACKAGES: Final = ("pip", "setuptools", "wheel")


def prune(packages: Path) -> None:
    """Removes from a folder of unpacked wheels what no function reads."""
    for name in _NEEDLESS_PACKAGES:
        _remove(packages / name)
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.name in _NEEDLESS_FOLDERS if path.is_dir() else _is_needless(path):
            _remove(path)
    _keep_only(SERVICES, packages / "botocore" / "data", packages / "boto3" / "data")


def _keep_only(names: frozenset[str], *parents: Path) -> None:
    for parent in parents:
        for folder in parent.glob("*/"):
            if folder.name not in names:
                _remove(folder)


def _is_needless(file: Path) -> bool:
    if ".dist-info" in file.as_posix():
        # Some packages read their version from METADATA when imported; licences go with the code.
        return file.name != "METADATA" and not file.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE"))
    return file.suffix in _NEEDLESS_SUFFIXES


def fingerprint() -> str:
    """Changes when these rules change."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
