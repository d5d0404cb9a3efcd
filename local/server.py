"""A small threaded HTTP server on loopback: for the product's pages, and for the local Athena."""

from __future__ import annotations

import json
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from local.ministack import EmbeddedAwsFailed
from local.routing import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""API Gateway's own limit."""


class LoopbackServer(ThreadingHTTPServer):
    """Hands every request to one function. Answers only who asks for one of its own names (no DNS rebinding)."""

    request_queue_size = 256
    daemon_threads = False
    block_on_close = True

    def __init__(self, port: int, answer: Callable[[HttpRequest], HttpAnswer]) -> None:
        """Listens on 127.0.0.1; port 0 takes a free one.

        Raises:
            EmbeddedAwsFailed: the port is taken.
        """
        self._answer = answer
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="local-http", daemon=True)
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as exc:
            message = f"Port {port} is taken by another program ({exc.strerror}). Choose another with PORT=."
            raise EmbeddedAwsFailed(message) from exc

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def hosts(self) -> frozenset[str]:
        """The names that it answers to."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answers nobody any more; requests in progress are finished, idle connections closed."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for connection in list(self._open):
            _close_reading(connection)
        self.server_close()

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """What the function says, or that this is not for us."""
        if request.header("host") not in self.hosts:
            return HttpAnswer(403, [("Content-Type", "text/plain")], b"This server answers only to its own name.\n")
        return self._answer(request)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembers the connection, so that stopping need not wait for it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forgets the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _close_reading(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        return  # closed in the meantime


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: LoopbackServer
    protocol_version = "HTTP/1.1"
    timeout = 75
    # Answers in one packet: with Nagle's algorithm and small writes each one would take 44 ms (facts/chalice.md 1.8).
    disable_nagle_algorithm = True
    wbufsize = -1

    def _handle(self) -> None:
        path, _, query = self.path.partition("?")
        headers: dict[str, list[str]] = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        body = self._body()
        if body is None:
            return
        self._send(self.server.answer(HttpRequest(self.command, path, query, headers, body)))

    def _body(self) -> bytes | None:
        """The body; None when the request was already refused."""
        if "transfer-encoding" in self.headers:
            self._refuse(411, "malformed_request", "Send a Content-Length.")
            return None
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self._refuse(413, "too_large", "The request is too large.")
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.close_connection = True
        body = json.dumps({"code": code, "message": message}).encode()
        self._send(HttpAnswer(status, [("Content-Type", "application/json"), ("Connection", "close")], body))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What the base class refuses by itself: an unknown method, a request line or headers beyond reason."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", "No address here knows that method.")
        else:
            self._refuse(code, "malformed_request", "The request could not be read.")

    def _send(self, answer: HttpAnswer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in {204, 304}:
            self.wfile.write(answer.body)

    def version_string(self) -> str:
        """Says nothing about versions."""
        return "borgerpuls-local"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's signature
        """Nothing: paths hold link tokens."""

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _handle  # noqa: N815 - the base class's
