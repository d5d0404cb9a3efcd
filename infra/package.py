"""Builds what is deployed: `build/STAGE/` gets template.json, deployment.zip and analytics.zip.

    python -m infra.package --stage STAGE

Chalice writes the template (merged with app.yaml) and packs app.py and chalicelib. The rest is ours, as Chalice ships
no bytecode (a cold start costs three times as much) and 20 MB of descriptions of services that nobody calls.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chalicelib.web.pages import compile_templates
from infra import cfnyaml, dependencies
from infra.dependencies import PackagingFailed
from infra.translations import compile_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.cfnyaml import Template

ROOT: Final = Path(__file__).resolve().parents[1]
BUILD: Final = ROOT / "build"
# The embedded AWS runs functions in its own interpreter.
LOCAL_STAGE: Final = "local"
EMBEDDED_PYTHON: Final = ROOT / ".local" / "ministack" / "bin" / "python"

LIMIT_BYTES: Final = 250 * 1024 * 1024
# The AWS-managed pandas layer unpacked: 204 MiB in 3.16.1, the largest so far (aws/aws-sdk-pandas#3331).
LAYER_BYTES: Final = 205 * 1024 * 1024
# What only pages and the API need; in analytics.zip it would crowd out the layer.
_NOT_ANALYTICS: Final = (
    "_cffi_backend", "cffi", "chalicelib/web", "cryptography", "jinja2", "jwt", "markupsafe", "phonenumbers",
    "pycparser", "segno",
)  # fmt: skip
_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "*.pyc", "*.po", "*.pot", "templates")


@dataclass(frozen=True, slots=True)
class Package:
    """A built package."""

    template: Path
    deployment: Path
    analytics: Path


def package(stage: str, *, root: Path = BUILD) -> Package:
    """Builds the stage's package.

    Raises:
        PackagingFailed: something can't be packed; nothing half-built is left to deploy.
    """
    compile_all()
    dependencies.REQUIREMENTS.write_text(dependencies.requirements(), encoding="utf-8")
    version, python = _target(stage)
    packages = dependencies.unpacked(version, python)
    folder = root / stage
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "source"
    _copy_source(source)
    template = _chalice(stage, source, folder)
    code = folder / "code"
    _unzip(folder / "deployment.zip", code)
    _check_translations(code)
    dependencies.compile_bytecode(python, code)
    built = Package(folder / "template.json", folder / "deployment.zip", folder / "analytics.zip")
    sizes = [_zip(built.deployment, (code, packages)), _zip(built.analytics, (code, packages), without=_NOT_ANALYTICS)]
    _check_sizes(*sizes)
    _check_imports(python, built)
    built.template.write_text(json.dumps(_finished(template, version), indent=1), encoding="utf-8")
    for scratch in (source, code):
        shutil.rmtree(scratch)
    unpacked = " and ".join(_mib(size) for size in sizes)
    print(f"package: {folder.relative_to(root.parent)} for Python {version}, unpacked {unpacked}")
    return built


def _target(stage: str) -> tuple[str, Path]:
    if stage != LOCAL_STAGE:
        return dependencies.lambda_interpreter()
    python = Path(os.environ.get("MINISTACK_PYTHON") or EMBEDDED_PYTHON)
    if not python.exists():
        raise PackagingFailed("the embedded AWS is not installed: run `make setup`")
    version = subprocess.run(
        [str(python), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return version.stdout.strip(), python


def _copy_source(source: Path) -> None:
    source.mkdir(parents=True)
    shutil.copy(ROOT / "app.py", source)
    shutil.copytree(ROOT / "chalicelib", source / "chalicelib", ignore=_LEFT_OUT)
    compile_templates(source / "chalicelib" / "web" / "compiled")
    (source / ".chalice").mkdir()
    shutil.copy(ROOT / ".chalice" / "config.json", source / ".chalice")
    # Empty: the dependencies come from `dependencies.unpacked`.
    (source / "requirements.txt").touch()


def _chalice(stage: str, source: Path, folder: Path) -> Template:
    """Runs `chalice package` in the copied source; answers the merged template."""
    merge = folder / "merge.json"
    merge.write_text(json.dumps(cfnyaml.load(ROOT / "infra" / "app.yaml")), encoding="utf-8")
    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", chalice, "package", "--stage", stage, "--merge-template", str(merge), str(folder)]
    done = subprocess.run(
        command, cwd=source, capture_output=True, text=True, check=False,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-north-1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    said = done.stdout + done.stderr
    if done.returncode != 0 or "Could not install dependencies" in said:
        raise PackagingFailed(f"chalice package failed:\n{said[-3000:]}")
    written = folder / "sam.json"
    template: Template = json.loads(written.read_text(encoding="utf-8"))
    written.unlink()
    merge.unlink()
    return template


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def _check_translations(code: Path) -> None:
    compiled = {path.stem for path in code.glob("chalicelib/web/translations/*/*.mo")}
    missing = {path.stem for path in ROOT.glob("chalicelib/web/translations/*/*.po")} - compiled
    if missing:
        raise PackagingFailed(f"translations not compiled: {', '.join(sorted(missing))}")


def _zip(target: Path, folders: Iterable[Path], *, without: tuple[str, ...] = ()) -> int:
    """Writes the same bytes for the same files, and answers their unpacked size."""
    files = {
        path.relative_to(folder).as_posix(): path for folder in folders for path in folder.rglob("*") if path.is_file()
    }
    size = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            if name.startswith(without) and without:
                continue
            content = files[name].read_bytes()
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
            size += len(content)
    return size


def _check_sizes(deployment: int, analytics: int) -> None:
    if deployment > LIMIT_BYTES:
        raise PackagingFailed(f"deployment.zip unpacks to {_mib(deployment)}; Lambda takes 250 MiB")
    if analytics + LAYER_BYTES > LIMIT_BYTES:
        raise PackagingFailed(f"analytics.zip unpacks to {_mib(analytics)}; with the pandas layer that is over 250 MiB")


def _check_imports(python: Path, built: Package) -> None:
    """Imports each zip in the target's interpreter, as far as that needs no pandas and no AWS."""
    everything = "import app, cryptography.hazmat.primitives.asymmetric.rsa, jinja2, phonenumbers, segno"
    common = "import boto3, pynamodb.models, tzdata, chalicelib.adapters.tables, chalicelib.adapters.lake.s3_lake"
    for archive, statement, worker in ((built.deployment, everything, "0"), (built.analytics, "import app", "1")):
        folder = archive.with_suffix("")
        _unzip(archive, folder)
        done = subprocess.run(
            # -I: nothing but the package and the standard library.
            [str(python), "-I", "-B", "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{statement}\n{common}"],
            capture_output=True, text=True, check=False, env={"BORGERPULS_WORKER": worker},
        )  # fmt: skip
        shutil.rmtree(folder)
        if done.returncode != 0:
            raise PackagingFailed(f"{archive.name} can't be imported by {python}:\n{done.stderr[-3000:]}")


def _finished(template: Template, version: str) -> Template:
    """The template for that Python; Chalice writes the version that it runs on itself."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["Runtime"] = f"python{version}"
        if "placeholder" in json.dumps(resource):
            raise PackagingFailed(f"infra/app.yaml does not replace the placeholder in {name}")
    return template


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", default="test")
    arguments = parser.parse_args()
    try:
        package(arguments.stage)
    except PackagingFailed as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
