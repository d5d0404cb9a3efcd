"""Runs inside MiniStack's own virtual environment: the emulator behind a guard. Imports nothing of the product.

MiniStack answers anybody who can reach it, runs any code that it is handed as a Lambda function, and allows every
origin. So nothing but our own processes may reach it: it listens on one loopback socket that the launcher hands over,
and a request that a browser could have made is refused, wherever it came from (facts: docs/adr, "The embedded AWS").

Started by `local/ministack.py` as `python ministack_server.py SOCKET_DESCRIPTOR PORT`. Ends on SIGTERM, or when the
launcher is gone (its end of our standard input closes), and then saves its state.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

REFUSED_HEADERS = (b"origin", b"referer")
"""What only a browser sends; `Sec-Fetch-*` too."""


def is_allowed(headers: Iterable[tuple[bytes, bytes]], hosts: frozenset[bytes]) -> bool:
    """True for a request that no web page can have caused, addressed to one of our own names (no DNS rebinding)."""
    named = [(name.lower(), value) for name, value in headers]
    if any(name in REFUSED_HEADERS or name.startswith(b"sec-fetch-") for name, _ in named):
        return False
    return [value.lower() in hosts for name, value in named if name == b"host"] == [True]


def guarded(app: AsgiApp, port: int) -> AsgiApp:
    """The application, unreachable for web pages."""
    hosts = frozenset(f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost"))

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_allowed(scope["headers"], hosts):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This answers no browser and no other host.\n"})
        else:
            await send({"type": "websocket.close", "code": 1008})

    return guard


async def _serve(descriptor: int, port: int) -> None:
    from hypercorn.asyncio import serve  # type: ignore[import-not-found]
    from hypercorn.config import Config  # type: ignore[import-not-found]
    from ministack.app import app  # type: ignore[import-not-found]

    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 2
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    await serve(guarded(app, port), config, shutdown_trigger=stop.wait)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
