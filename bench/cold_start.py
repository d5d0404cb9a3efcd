"""What a cold start costs against a bare Chalice app: `python -m bench.cold_start`.

Each start is a new interpreter that sees nothing but an unpacked package, made as `make package STAGE=local` makes it:
pruned, with bytecode, and told that it is Lambda's. Both sides take turns; what counts is the process's CPU time. The
bare app is one route of Chalice, from the same package; the second bare app also reads one item of DynamoDB, as an app
with data must. AWS is a server on loopback without TLS, whose certificates would cost both sides the same again. “512
MB” is what a citizen waits for if, as is observed of Lambda, a function starts with a whole CPU and is called with its
memory's part of one.

`ROUNDS=` starts of each. It also lists which packages the imports spend their time in, and the size of the packages.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.parts.canned_aws import canned_aws
from infra.dependencies import compile_bytecode
from infra.deploy import VARIABLES
from infra.package import EMBEDDED_PYTHON, LAYER_BYTES, LIMIT_BYTES, LOCAL_STAGE, package
from local.ministack import CREDENTIALS
from local.routing import HttpRequest, proxy_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.package import Package

ROUNDS = int(os.environ.get("ROUNDS", "15"))
CHILD = Path(__file__).parent / "parts" / "cold_child.py"
CONTACTS = Path(__file__).parents[1] / "tests" / "events" / "contacts_stream.json"
MOST_EXPENSIVE, TRACED = 12, 5
PART_OF_CPU = 512 / 1769
MIB = 1024 * 1024

BARE = """
from chalice import Chalice
app = Chalice(app_name="bare")

@app.route("/health")
def health():
    return {"status": "ok"}
"""
BARE_WITH_DATA = """
from chalice import Chalice
app = Chalice(app_name="bare")

@app.route("/health")
def health():
    import boto3
    boto3.client("dynamodb").get_item(TableName="t", Key={"pk": {"S": "bare"}})
    return {"status": "ok"}
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to start: the package, the event, the handler in it, and whether the process is a worker."""

    folder: Path
    event: Path
    handler: str = "app"
    worker: str = "0"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, canned_aws() as endpoint:
        folder = Path(scratch)
        built = package(LOCAL_STAGE, root=folder / "build")
        _sizes(built)
        starts = _starts(built, folder)
        environment = {**dict.fromkeys(VARIABLES, "x"), **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint,
                       "AWS_EC2_METADATA_DISABLED": "true", "PUBLIC_URL": "https://x", "SMS_PROVIDER": "sns",
                       "SMS_MODE": "live", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}  # fmt: skip
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in starts}
        for _ in range(ROUNDS):
            for name, start in starts.items():
                found[name].append(json.loads(_run(start, environment).stdout))
        _table(found)
        for name in ("a page of booking", "worker: a contact is decided about"):
            _imports(name, [_run(starts[name], environment, "-X", "importtime").stderr for _ in range(TRACED)])


def _sizes(built: Package) -> None:
    for archive, layer in ((built.deployment, 0), (built.analytics, LAYER_BYTES)):
        with zipfile.ZipFile(archive) as opened:
            parts = Counter[str]()
            for entry in opened.infolist():
                parts[entry.filename.split("/")[0]] += entry.file_size
        unpacked, zipped = sum(parts.values()), archive.stat().st_size
        largest = ", ".join(f"{name} {size / MIB:.1f}" for name, size in parts.most_common(5))
        beside = f" + layer {layer / MIB:.0f}" if layer else ""
        share = (unpacked + layer) / LIMIT_BYTES
        print(
            f"{archive.name}: {zipped / MIB:.1f} MiB zipped, {unpacked / MIB:.1f}{beside} unpacked, {share:.0%} of what"
        )
        print(f"  Lambda takes; largest: {largest}")


def _starts(built: Package, folder: Path) -> dict[str, Start]:
    product = folder / "product"
    with zipfile.ZipFile(built.deployment) as opened:
        opened.extractall(product)
    bare, data = folder / "bare", folder / "data"
    for where, source in ((bare, BARE), (data, BARE_WITH_DATA)):
        where.mkdir()
        (where / "app.py").write_text(source, encoding="utf-8")
        compile_bytecode(EMBEDDED_PYTHON, where)
        for part in product.iterdir():
            if part.name not in {"app.py", "chalicelib", "__pycache__"}:
                (where / part.name).symlink_to(part)
    health = _event(folder, "/health", "/health")
    reason = "/{municipality}/book/{reason}/{office}"
    page = _event(folder, reason, "/fjordby/book/passport/raadhuset")
    slots = "/api/v1/municipalities/{municipality}/offices/{office}/slots"
    asked = "reason=passport&from=2026-11-23&to=2026-11-29"
    week = _event(folder, slots, "/api/v1/municipalities/fjordby/offices/raadhuset/slots", asked)
    return {
        "bare Chalice": Start(bare, health),
        "bare Chalice, one item": Start(data, health),
        "health": Start(product, health),
        "slots of a week": Start(product, week),
        "a page of booking": Start(product, page),
        "worker: a contact is decided about": Start(product, CONTACTS, "dispatch_contact", "1"),
    }


def _event(folder: Path, template: str, path: str, query: str = "") -> Path:
    names, values = re.findall(r"\{(\w+)\}", template), re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), path)
    assert values is not None
    request = HttpRequest("GET", path, query, {"accept": ["*/*"], "host": ["x"]})
    event = proxy_event(request, template, dict(zip(names, values.groups(), strict=True)), request_id="r")
    file = folder / f"{path.strip('/').replace('/', '-')}.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    return file


def _run(start: Start, environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(EMBEDDED_PYTHON), "-I", "-B", *options, str(CHILD), str(start.folder), str(start.event), "app"]
    done = subprocess.run(  # noqa: S603 - an interpreter of ours
        [*command, start.handler], capture_output=True, text=True, check=False,
        env={**environment, "BORGERPULS_WORKER": start.worker},
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(done.stderr[-3000:])
    return done


def _table(found: Mapping[str, list[dict[str, Any]]]) -> None:
    columns = f"{'import':>8}{'first':>8}{'sum':>8}{'512 MB':>8}{'second':>8}{'modules':>9}"
    print(f"\n{'CPU ms, median':38}{columns}  against bare, with item")
    medians = {
        name: {key: median(run[key] for run in runs) for key in ("import", "first", "second", "modules")}
        | {"sum": median(run["import"] + run["first"] for run in runs)}
        | {"waited": median(run["import"] + run["first"] / PART_OF_CPU for run in runs)}
        for name, runs in found.items()
    }
    bare, data = (medians[name]["sum"] for name in ("bare Chalice", "bare Chalice, one item"))
    for name, row in medians.items():
        shown = "".join(f"{row[key]:8.0f}" for key in ("import", "first", "sum", "waited"))
        ratios = f"{row['sum'] / bare:8.2f}{row['sum'] / data:8.2f}"
        print(f"{name:38}{shown}{row['second']:8.1f}{row['modules']:9.0f}{ratios}   {found[name][0]['status']}")


def _imports(name: str, traces: list[str]) -> None:
    """What each package's own modules took, without what they import in turn: the least of several traces."""
    least: dict[str, int] = {}
    for took, module in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", "\n".join(traces), re.MULTILINE):
        least[module] = min(int(took), least.get(module, int(took)))
    spent = Counter[str]()
    for module, took in least.items():
        parts = module.split(".")
        spent[".".join(parts[:2]) if parts[0] == "chalicelib" else parts[0]] += took
    print(f"\nimports of “{name}”, own time in ms (with tracing on), {spent.total() / 1000:.0f} in all")
    for package_name, took in spent.most_common(MOST_EXPENSIVE):
        print(f"  {package_name:32}{took / 1000:8.1f}")


if __name__ == "__main__":
    main()
