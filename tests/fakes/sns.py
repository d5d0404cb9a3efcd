"""An SNS on loopback that answers as told: what the real one does on bad days, which the embedded AWS never has."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"'


@dataclass
class FakeSns:
    """`answer` is (status, error code), "accept", "hang" (takes it, never answers) or "hang up"."""

    answer: tuple[int, str] | str = "accept"
    requests: list[dict[str, str]] = field(default_factory=list)
    endpoint: str = ""
    message_id: str = field(default_factory=lambda: f"m-{uuid4()}")

    @property
    def accepted(self) -> str:
        """A successful answer."""
        return (
            f"<PublishResponse {_SPACE}><PublishResult><MessageId>{self.message_id}</MessageId></PublishResult>"
            "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"
        )


@contextmanager
def fake_sns(*, hang_seconds: float = 1.5) -> Iterator[FakeSns]:
    state = FakeSns()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            state.requests.append({name: values[0] for name, values in parse_qs(body).items()})
            if state.answer == "hang up":
                self.close_connection = True
                return
            if state.answer == "hang":
                time.sleep(hang_seconds)
            self._answer()

        def _answer(self) -> None:
            status, text = 200, state.accepted
            if isinstance(state.answer, tuple):
                status, code = state.answer
                echo = state.requests[-1].get("PhoneNumber", "")
                text = (
                    f"<ErrorResponse {_SPACE}><Error><Type>Sender</Type><Code>{code}</Code>"
                    f"<Message>Invalid parameter: {echo}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
                )
            try:
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
