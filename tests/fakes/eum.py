"""An AWS End User Messaging on loopback that answers as told: the embedded AWS has none."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class FakeEum:
    """`answer` is (status, error code, more of the body), "accept", "hang" (takes it, never answers) or "hang up"."""

    answer: tuple[int, str, dict[str, Any]] | str = "accept"
    requests: list[dict[str, Any]] = field(default_factory=list)
    endpoint: str = ""
    message_id: str = field(default_factory=lambda: f"m-{uuid4()}")

    def respond(self) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        if isinstance(self.answer, str):
            return 200, {"MessageId": self.message_id}
        status, code, more = self.answer
        echo = self.requests[-1].get("DestinationPhoneNumber", "")
        return status, {"__type": code, "Message": f"refused: {echo}", **more}


@contextmanager
def fake_eum(*, hang_seconds: float = 1.5) -> Iterator[FakeEum]:
    state = FakeEum()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["X-Amz-Target"] == "PinpointSMSVoiceV2.SendTextMessage"
            state.requests.append(json.loads(body))
            if state.answer == "hang up":
                self.close_connection = True
                return
            if state.answer == "hang":
                time.sleep(hang_seconds)
            status, said = state.respond()
            text = json.dumps(said).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
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
