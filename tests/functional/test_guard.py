"""A web page that the developer happens to look at can't reach the embedded AWS, and nothing listens beyond loopback."""

from __future__ import annotations

import http.client
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.ministack import EmbeddedAwsFailed, MiniStack, interpreter

_LISTENING = "0A"
_LOOPBACK = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}


def listening_addresses(pid: int) -> set[str]:
    """The local addresses (hex, as /proc has them) on which a process or a child of it listens."""
    inodes = set()
    for process in [pid, *children(pid)]:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):  # threads close connections meanwhile
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and (fields[3] == _LISTENING or table.startswith("udp")):
                found.add(fields[1].partition(":")[0])
    return found


def children(pid: int) -> list[int]:
    direct = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*direct, *(below for child in direct for below in children(child))]


def status(url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> int:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        connection.putrequest(method, address.path or "/", skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Referer": "https://evil.example/"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_browser_or_a_foreign_name_cannot_reach_the_embedded_aws(embedded, headers, method):
    assert status(embedded.endpoint, method=method, headers=headers) == 403


def test_our_own_processes_reach_it(embedded):
    assert status(f"{embedded.endpoint}/_ministack/ready") == 200


def test_nothing_of_the_whole_product_listens_beyond_loopback(product):
    product.client("dynamodb").list_tables()

    assert listening_addresses(os.getpid()) <= _LOOPBACK
    assert len(listening_addresses(os.getpid())) == 1


@pytest.mark.parametrize("headers", FOREIGN[:1] + FOREIGN[2:3] + FOREIGN[5:])
@pytest.mark.parametrize("path", ["/local/clock", "/local/tick"])
def test_a_foreign_page_cannot_move_the_clock_or_start_anything(product, headers, path):
    assert status(f"{product.url}{path}", method="POST", headers={**headers, "Content-Length": "0"}) == 403


@pytest.mark.parametrize("path", ["/local/token?role=desk&municipality=fjordby", "/local/sms", "/local/sign-in"])
def test_a_foreign_page_cannot_sign_in_or_read_messages(product, path):
    assert status(product.url + path.partition("?")[0], headers={"Sec-Fetch-Site": "cross-site"}) == 403


@pytest.mark.parametrize("path", ["/", "/health", "/local/", "/static/local/local.css"])
def test_the_product_answers_only_to_its_own_name(product, path):
    assert status(f"{product.url}{path}", headers={"Host": "evil.example"}) == 403


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_the_local_athena_answers_no_browser(product, headers):
    endpoint = product.environment["AWS_ENDPOINT_URL_ATHENA"]

    assert status(endpoint, method="POST", headers={**headers, "Content-Length": "0"}) == 403


def test_a_missing_installation_is_named_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("MINISTACK_PYTHON", str(tmp_path / "nowhere"))

    with pytest.raises(EmbeddedAwsFailed, match="make setup"):
        interpreter()


def test_a_taken_port_is_named(tmp_path, embedded):
    taken = urlsplit(embedded.endpoint).port

    with pytest.raises(EmbeddedAwsFailed, match=str(taken)):
        MiniStack(tmp_path, port=int(taken or 0)).start()


def test_it_ends_when_its_launcher_is_gone_and_keeps_its_state(tmp_path):
    emulator = MiniStack(tmp_path, persistent=True)
    emulator.start()
    process = emulator._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # what the system does for a launcher that was killed

    assert process.wait(20) == 0
    emulator.stop()
    assert list((tmp_path / "state").glob("*.json")) or not (tmp_path / "state").exists()
