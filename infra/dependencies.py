"""What the functions are packed with: `requirements.txt` from `pyproject.toml` and the lock, and its wheels unpacked.

The wheels are fetched for the target's Python and platform by pip, which fails where one is missing. (Chalice's own
packer prints "Could not install dependencies", exits 0 and leaves a zip that can't be imported.)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import prune

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".local" / "package"
REQUIREMENTS: Final = ROOT / "requirements.txt"
_HEADER: Final = (
    "# Generated from pyproject.toml and requirements-dev.lock by `python -m infra.dependencies`; read by Chalice.\n"
)
# Amazon Linux 2023 has glibc 2.34; older wheels run there too.
_PLATFORMS: Final = tuple(f"manylinux_2_{minor}_x86_64" for minor in (34, 31, 28, 27, 26, 24, 17))
# Newest first. Lambda supports both until at least 2028.
LAMBDA_PYTHONS: Final = ("3.13", "3.12")


class PackagingFailed(RuntimeError):
    """The package could not be built; the message says what to do."""


def requirements() -> str:
    """The pinned closure of the project's dependencies, one a line.

    Raises:
        PackagingFailed: the lock lacks one.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = _pins()
    wanted: dict[str, None] = {}
    waiting = [Requirement(line) for line in project["dependencies"]]
    while waiting:
        requirement = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        if name in wanted:
            continue
        if name not in pins:
            raise PackagingFailed(f"requirements-dev.lock has no {name}; lock again")
        wanted[name] = None
        waiting += _needs(requirement)
    return _HEADER + "".join(f"{pins[name]}\n" for name in sorted(wanted))


def _pins() -> dict[str, str]:
    """Name → line of the lock."""
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(Requirement(line).name): line for line in lines if line and not line.startswith("#")}


def _needs(requirement: Requirement) -> list[Requirement]:
    """What a distribution requires on Lambda, with the extras that were asked for."""
    found = []
    for line in distribution(requirement.name).requires or []:
        needed = Requirement(line)
        environments = [{"extra": extra, "python_version": "3.13"} for extra in ("", *requirement.extras)]
        if needed.marker is None or any(needed.marker.evaluate(environment) for environment in environments):
            found.append(needed)
    return found


def interpreter(version: str) -> Path | None:
    """A Python of that version (`3.13`) on this machine; `PACKAGE_PYTHON` names one explicitly."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [
        os.environ.get("PACKAGE_PYTHON"),
        sys.executable,
        shutil.which(f"python{version}"),
        *(str(path / "bin" / "python") for path in sorted(pyenv.glob(f"{version}.*"))),
    ]
    return next((Path(path) for path in candidates if path and _is_version(path, version)), None)


def _is_version(path: str, version: str) -> bool:
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([path, "-c", question], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def lambda_interpreter() -> tuple[str, Path]:
    """The newest Python that Lambda runs and this machine has: its version and its path.

    Raises:
        PackagingFailed: there is none.
    """
    for version in LAMBDA_PYTHONS:
        if found := interpreter(version):
            return version, found
    raise PackagingFailed(
        "Packaging for AWS needs Python 3.13 or 3.12 on this machine, for bytecode that Lambda can use. "
        "Install one (`pyenv install 3.13`), or name it: PACKAGE_PYTHON=/path/to/python3.13 make package"
    )


def unpacked(version: str, python: Path) -> Path:
    """A folder with the requirements' packages for Lambda's Python: pruned, compiled, kept for the next time.

    Raises:
        PackagingFailed: a wheel is missing or something can't be compiled.
    """
    text = requirements()
    mark = hashlib.sha256((text + prune.fingerprint() + _build(python)).encode()).hexdigest()[:16]
    kept = CACHE / f"python{version}-{mark}"
    if kept.exists():
        return kept
    print(f"package: fetching what functions need, for Python {version} on Amazon Linux 2023", flush=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        packages = Path(scratch) / "packages"
        _fetch(text, version, packages)
        prune.prune(packages)
        compile_bytecode(python, packages)
        # At once or not at all, so that an interrupted or a second build at the same time leaves nothing half done.
        with contextlib.suppress(OSError):
            packages.rename(kept)
    return kept


def _fetch(text: str, version: str, packages: Path) -> None:
    wanted = packages.with_name("requirements.txt")
    wanted.write_text(text, encoding="utf-8")
    platforms = [option for platform in _PLATFORMS for option in ("--platform", platform)]
    _run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile",
         "--only-binary=:all:", "--implementation", "cp", "--python-version", version, *platforms,
         "--target", str(packages), "-r", str(wanted)],
        "a dependency has no wheel for Lambda",
    )  # fmt: skip


def compile_bytecode(python: Path, folder: Path) -> None:
    """Compiles everything below for that Python, valid whatever the files' times are (a zip changes them)."""
    _run(
        [str(python), "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash",
         "-s", str(folder), "-p", "/var/task", str(folder)],
        "something can't be compiled",
        PYTHONHASHSEED="0",
    )  # fmt: skip


def _build(python: Path) -> str:
    return subprocess.run([str(python), "-VV"], capture_output=True, text=True, check=True).stdout


def _run(command: list[str], meaning: str, **environment: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        raise PackagingFailed(f"{meaning}:\n{(done.stdout + done.stderr)[-3000:]}")


if __name__ == "__main__":
    REQUIREMENTS.write_text(requirements(), encoding="utf-8")
    print(f"{REQUIREMENTS.name} written")
