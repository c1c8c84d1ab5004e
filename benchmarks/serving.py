"""The real server and worker of an installation, as `make serve` starts them, for benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STARTED_AFTER_SECONDS = 60
STOPPED_AFTER_SECONDS = 60


def choose_address() -> str:
    """Set a free port of this machine for the installation; before Django is set up."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    os.environ["STS_QA_BIND"] = bind
    os.environ["STS_QA_ADDRESS"] = address = f"http://{bind}"
    return address


@contextmanager
def served(address: str, log: Path) -> Iterator[int]:
    """Run `manage.py serve` with this process's settings; what it says goes to the file `log`.

    Yields the number of the process, of which web server and worker are children.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_answered(f"{address}/account/log-in/", server, log)
        yield server.pid
    finally:
        server.terminate()
        server.wait(STOPPED_AFTER_SECONDS)


def _wait_until_answered(page: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTED_AFTER_SECONDS
    while True:
        try:
            urllib.request.urlopen(page, timeout=10).close()
        except urllib.error.HTTPError:
            raise
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server does not answer:\n{log.read_text()}") from error
            time.sleep(0.2)
        else:
            return
