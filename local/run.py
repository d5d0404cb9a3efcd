"""`make run` or `python -m local.run`: the whole product on this machine until it is interrupted.

Reads PORT, DATA (a folder) and HEADLESS=1 from the environment.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import threading
import time
import webbrowser
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from infra.stacks import DeploymentFailed
from infra.translations import compile_all
from local.logs import LogFile
from local.ministack import ROOT, EmbeddedAwsFailed
from local.product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEMO: Final = ROOT / "demo"
DEFAULT_PORT: Final = 8000


def main(environment: Mapping[str, str] = os.environ) -> int:
    """Runs until SIGINT or SIGTERM, then stops everything that it started. 1: it could not start, and says why."""
    folder = Path(environment.get("DATA") or ROOT / ".local" / "data").resolve()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    begun = time.monotonic()
    compile_all()
    folder.mkdir(parents=True, exist_ok=True)
    product = Product(folder, persistent=True, municipalities=_known(folder), progress=_say)
    with LogFile(folder / "product.log", on_metrics=product.record_metrics).instead_of_stdout():
        try:
            product.port = _port(environment)
            product.start()
        except (EmbeddedAwsFailed, DeploymentFailed) as exc:
            _say(f"error: {exc}")
            return 1
        try:
            with _announced(product, environment):
                _fill(folder, stop)
                _remember(folder)
                _show(product, folder, time.monotonic() - begun)
                if environment.get("HEADLESS") != "1":
                    webbrowser.open(f"{product.url}/local/")
                stop.wait()
                _say("stopping …")
                _remember(folder)
        finally:
            product.stop()
    _say("stopped")
    return 0


def _port(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit():
        raise EmbeddedAwsFailed(f"PORT must be a number, not {text!r}")
    return int(text)


def _fill(folder: Path, stop: threading.Event) -> None:
    """Demo municipalities and two years of history are there, from the first start on."""
    if not bootstrap.municipalities().directory():
        from cli.municipality_file import apply_file

        for file in sorted(DEMO.glob("*.yaml")):
            apply_file(file)
            _say(f"stored {file.name}")
        bootstrap.municipalities.cache_clear()
    loaded = folder / "history.loaded"
    if loaded.exists() or stop.is_set() or importlib.util.find_spec("cli.demo") is None:
        return
    demo = importlib.import_module("cli.demo")
    _say("loading two years of demo history, once (about a minute)")
    demo.load(now=bootstrap.clock().now(), progress=_say)
    loaded.touch()


def _known(folder: Path) -> list[str]:
    """The municipalities at the last stop: the lake's catalogue is deployed before the tables can be asked."""
    file = folder / "municipalities.json"
    return list(json.loads(file.read_text())) if file.exists() else []


def _remember(folder: Path) -> None:
    entries = [entry.id for entry in bootstrap.municipalities().directory()]
    (folder / "municipalities.json").write_text(json.dumps(entries))


@contextmanager
def _announced(product: Product, environment: Mapping[str, str]) -> Iterator[None]:
    """The command line, in another terminal, finds the product while it runs (cli/environment.py)."""
    file = Path(environment.get("BORGERPULS_ENVIRONMENT") or ROOT / ".local" / "environment.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(product.environment, indent=1))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _show(product: Product, folder: Path, seconds: float) -> None:
    lines = [f"Borgerpuls runs at {product.url} (ready after {seconds:.0f} s)", ""]
    lines += [f"  {'All pages':<12} {product.url}/local/", f"  {'Phone':<12} {product.url}/local/phone"]
    for entry in bootstrap.municipalities().directory():
        lines += ["", f"  {entry.name['da']}"]
        lines += [f"  {'Citizens':<12} {product.url}/{entry.id}"]
        for title, role, page in (("Desk", "desk", "desk"), ("Report", "leader", "reports")):
            back = f"/local/sign-in?role={role}&municipality={entry.id}&back=/{entry.id}/{page}"
            lines += [f"  {title:<12} {product.url}{back}"]
    lines += ["", f"  Data and log in {folder}. Ctrl-C stops everything."]
    _say("\n".join(lines))


def _say(text: str) -> None:
    print(text, file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
