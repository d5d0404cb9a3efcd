"""AWS for a process that starts cold: an HTTP server on loopback with one municipality and nothing else in it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.builders import a_municipality_document

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENT = json.dumps(a_municipality_document())


@contextmanager
def canned_aws() -> Iterator[str]:
    """Its address while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer_to(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """What DynamoDB or Secrets Manager answer where only the configuration is stored."""
    if operation == "GetSecretValue":
        return {"SecretString": json.dumps({"seed": "bench"})}
    if operation == "Query":
        return {"Items": [], "Count": 0, "ScannedCount": 0}
    if operation == "GetItem" and body["Key"]["pk"]["S"].endswith("#config"):
        return {"Item": {**body["Key"], "document": {"S": _DOCUMENT}, "version": {"N": "1"}}}
    return {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        operation = self.headers["X-Amz-Target"].rsplit(".", 1)[1]
        content = json.dumps(answer_to(operation, body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
