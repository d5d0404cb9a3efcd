"""`borgerpuls status` and `redrive` from a second terminal, beside the running product."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

from chalicelib.shared.work import SHARDS
from local.ministack import ROOT
from tests.e2e.walk import M, Walk

if TYPE_CHECKING:
    from pathlib import Path

    from local.product import Product

POISON = "P0ISON"


def borgerpuls(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "environment.json"
    file.write_text(json.dumps(environment))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BORGERPULS_"))}
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=ROOT,
        env={**inherited, "BORGERPULS_ENVIRONMENT": str(file)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_what_is_poisoned_is_named_stops_nobody_and_is_done_when_it_is_mended(product: Product, tmp_path: Path) -> None:
    walk = Walk(product.url)
    walk.set_clock("2027-02-01T10:00:00+01:00")  # which the terminal's own clock knows nothing of
    tables, queues = product.client("dynamodb"), product.client("sqs")
    due = "2027-02-01T08:00:00Z"
    for kind in ("decide", "land_contact"):
        row = {"pk": f"fjordby#{zlib.crc32(POISON.encode()) % SHARDS}", "sk": f"{due}#{kind}#{POISON}", "kind": kind}
        item = {name: {"S": value} for name, value in {**row, "subject": POISON, "payload": "{}"}.items()}
        tables.put_item(TableName="borgerpuls-local-work", Item={**item, "version": {"N": "0"}})
    failures = product.environment["SEND_QUEUE_URL"].removesuffix("send") + "failures"
    queues.send_message(QueueUrl=failures, MessageBody="{}")
    try:
        status = borgerpuls(tmp_path, product.environment, "status", "--municipality", "fjordby")
        assert "decide 1" in status.stdout, status
        assert "overdue, the oldest for 6" in status.stdout, "minutes by the product's clock"
        assert "! failures: 1 messages, see docs/runbook.md#given-up" in status.stdout
        assert status.returncode == 1

        called = {
            "source_id": "redriven",
            "channel": "phone",
            "department": "benefits",
            "reason": "pension",
            "started_at": "2027-02-01T09:50:00+01:00",
            "ended_at": "2027-02-01T09:55:00+01:00",
        }
        walk.post(f"{M}/contacts", {"contacts": [called]}, **walk.as_role("system"))
        redriven = borgerpuls(tmp_path, product.environment, "redrive", "--municipality", "fjordby")
        assert redriven.returncode == 1
        (line,) = redriven.stdout.splitlines()
        assert line.startswith("fjordby: decide ")
        assert "failed 1" in line
        assert POISON in redriven.stderr, "the log says what failed"

        tables.delete_item(TableName="borgerpuls-local-work", Key={name: item[name] for name in ("pk", "sk")})
        decide = {**item, "sk": {"S": f"{due}#decide#{POISON}"}}
        tables.delete_item(TableName="borgerpuls-local-work", Key={name: decide[name] for name in ("pk", "sk")})
        mended = borgerpuls(tmp_path, product.environment, "redrive", "--municipality", "fjordby")
        assert (mended.returncode, "failed 0" in mended.stdout) == (0, True), mended
        balanced = borgerpuls(
            tmp_path, product.environment, "reconcile", "--from", "2027-02-01", "--municipality", "fjordby"
        )
        assert "fjordby 2027-02 from 2027-02-01 to 2027-02-01: adds up" in balanced.stdout
    finally:
        queues.purge_queue(QueueUrl=failures)


def test_a_file_shows_its_messages_before_it_is_applied(product: Product, tmp_path: Path) -> None:
    file = tmp_path / "town.yaml"
    text = (ROOT / "demo/fjordby.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("Tak for dit besøg", "Tak for dit besøg 👍"), encoding="utf-8")
    shown = borgerpuls(tmp_path, product.environment, "sms", "preview", str(file), "--price-per-part", "0.35")
    assert shown.returncode == 1
    assert "fjordby · invitation · da · from Fjordby: ucs2" in shown.stdout
    assert "2 parts, 0.70 at the list price you gave" in shown.stdout
    assert "! characters that a text message can't hold in its short form: 👍" in shown.stdout


def test_what_a_killed_product_left_behind_is_no_product(tmp_path: Path) -> None:
    left = borgerpuls(tmp_path, {"PUBLIC_URL": "http://127.0.0.1:9"}, "status")
    assert left.returncode == 2
    assert left.stderr.startswith("borgerpuls: the product does not answer at http://127.0.0.1:9: start it with")


def test_a_municipality_that_is_not_there_is_named_as_what_is_missing(product: Product, tmp_path: Path) -> None:
    wrong = borgerpuls(tmp_path, product.environment, "reconcile", "--municipality", "nowhere")
    assert (wrong.returncode, wrong.stderr) == (2, "borgerpuls: There is no such municipality.\n")
