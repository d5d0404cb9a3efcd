"""Starts and stops MiniStack, the emulator that is our embedded AWS, as a guarded child process on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parent.parent
REGION: Final = "eu-north-1"
ACCOUNT: Final = "000000000000"
CREDENTIALS: Final = {
    # MiniStack takes this one for the account's owner, also where it checks policies.
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What every AWS client in this process needs; worth nothing outside the embedded AWS."""

_SERVICES: Final = (
    "apigateway,athena,cloudformation,cognito-idp,dynamodb,dynamodbstreams,events,glue,iam,kms,lambda,logs,monitoring,"
    "s3,scheduler,secretsmanager,sns,sqs,ssm,sts,tagging,wafv2"
)
"""Only what the templates use: the others could open ports of their own."""

_READY_SECONDS: Final = 60
_STOP_SECONDS: Final = 30


class EmbeddedAwsFailed(RuntimeError):
    """The embedded AWS did not start; the message says what to do."""


def interpreter() -> Path:
    """The Python of MiniStack's own virtual environment.

    Raises:
        EmbeddedAwsFailed: it is not there.
    """
    path = Path(os.environ.get("MINISTACK_PYTHON") or ROOT / ".local/ministack/bin/python")
    if not path.exists():
        message = (
            f"MiniStack is not installed: {path} is missing. "
            "Run `make setup`, or point MINISTACK_PYTHON at a virtual environment with requirements-ministack.lock."
        )
        raise EmbeddedAwsFailed(message)
    return path


@dataclass
class MiniStack:
    """One emulator. `folder` keeps its log and, with `persistent`, its state from one start to the next.

    `authorise` makes it check each caller's IAM policies.
    """

    folder: Path
    persistent: bool = False
    authorise: bool = False
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """Where AWS clients find it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The child process; None when it does not run."""
        return self._process.pid if self._process else None

    @property
    def _scratch(self) -> Path:
        """Where the emulator unpacks functions; it never tidies up itself."""
        return self.folder / "scratch"

    @property
    def log(self) -> Path:
        """What the emulator has printed."""
        return self.folder / "ministack.log"

    def start(self) -> None:
        """Runs and answers afterwards.

        Raises:
            EmbeddedAwsFailed: not installed, the port is taken, or it ended at once.
        """
        python = interpreter()
        self._scratch.mkdir(parents=True, exist_ok=True)
        with _listening_socket(self.port) as listener, self.log.open("wb") as log:
            self.port = listener.getsockname()[1]
            self._process = subprocess.Popen(
                [str(python), "-P", str(ROOT / "local/ministack_server.py"), str(listener.fileno()), str(self.port)],
                env=self._environment(os.environ),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        self._wait_until_ready()

    def _environment(self, outer: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: outer[name] for name in ("PATH", "HOME", "LANG") if name in outer}
        switch = "1" if self.persistent else "0"
        return {
            **inherited,
            "TMPDIR": str(self._scratch),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "SERVICES": _SERVICES,
            "MINISTACK_REGION": REGION,
            "MINISTACK_HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            "AUTH": "true" if self.authorise else "false",
            "DOCKER_HOST": "unix:///nonexistent",
            "PERSIST_STATE": switch,
            "S3_PERSIST": switch,
            "STATE_DIR": str(self.folder / "state"),
            "S3_DATA_DIR": str(self.folder / "s3"),
            "PYTHONUNBUFFERED": "1",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urlopen(f"{self.endpoint}/_ministack/ready", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        message = f"The embedded AWS did not start. The end of {self.log}:\n{tail}"
        raise EmbeddedAwsFailed(message)

    def stop(self) -> None:
        """Nothing of it runs afterwards; its state is saved if it is persistent. Harmless when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _listening_socket(port: int) -> socket.socket:
    """A loopback socket that the child takes over, so that no other program can take the port in between."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError as exc:
        listener.close()
        message = f"Port {port} is taken by another program ({exc.strerror}). Choose another."
        raise EmbeddedAwsFailed(message) from exc
    return listener
