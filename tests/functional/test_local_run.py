"""`make run` as a person meets it: it says where the pages are, ends cleanly, and leaves nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from local.ministack import ROOT

_START_SECONDS = 120


def start(folder: Path, **environment: str) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    (folder / "history.loaded").touch()  # two years of history have their own test
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BORGERPULS_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "local.run"],
        cwd=ROOT,
        env={
            **inherited,
            "DATA": str(folder),
            "PORT": "0",
            "HEADLESS": "1",
            "BORGERPULS_ENVIRONMENT": str(folder / "environment.json"),
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def output_until(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if re.search(pattern, line):
            return seen
    raise AssertionError(f"ended without {pattern!r}:\n{seen}")


def descendants(pid: int) -> list[int]:
    direct = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*direct, *(below for child in direct for below in descendants(child))]


def apply_another(folder: Path) -> str:
    """A municipality of one's own, from a second terminal."""
    file = folder / "nyby.yaml"
    text = (ROOT / "demo/sandholm.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("id: sandholm", "id: nyby", 1), encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BORGERPULS_"))}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "cli.main", "municipality", "apply", str(file)],
        cwd=ROOT,
        env={**inherited, "BORGERPULS_ENVIRONMENT": str(folder / "environment.json")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def running(tmp_path):
    process = start(tmp_path)
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_the_pages_answers_and_stops_everything_that_it_started(running, tmp_path, number):
    seen = output_until(running, "Ctrl-C")
    url = str(re.search(r"runs at (\S+)", seen)[1])
    with urlopen(f"{url}/health", timeout=10) as answer:
        assert json.load(answer) == {"status": "ok"}
    assert f"{url}/local/phone" in seen
    assert f"{url}/fjordby" in seen
    assert json.loads((tmp_path / "environment.json").read_text())["BORGERPULS_STAGE"] == "local"
    children = descendants(running.pid)
    assert "it is new: its reports stay empty until" in apply_another(tmp_path)

    running.send_signal(number)

    assert running.wait(60) == 0
    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert not (tmp_path / "environment.json").exists()
    assert "nyby" in json.loads((tmp_path / "municipalities.json").read_text()), "its lake is there at the next start"
    with pytest.raises(OSError, match="refused"):
        urlopen(f"{url}/health", timeout=10)


def test_a_second_product_on_the_same_folder_says_so_in_one_line(running, tmp_path):
    output_until(running, "Ctrl-C")

    second = start(tmp_path)
    text = second.communicate(timeout=_START_SECONDS)[0]

    assert second.returncode == 1
    assert "DATA=" in text
    assert "Traceback" not in text


def test_a_port_that_is_no_number_is_named(tmp_path):
    process = start(tmp_path, PORT="eight")
    text = process.communicate(timeout=_START_SECONDS)[0]

    assert process.returncode == 1
    assert "PORT" in text
    assert "Traceback" not in text
