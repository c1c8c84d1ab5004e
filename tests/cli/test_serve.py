"""`manage.py serve` as a person at a terminal meets it: real processes, an empty data folder."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from sts_qa.cli.processes import CannotServeError, check_port_is_free

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Serving:
    """A running `manage.py serve` whose lines are read as they come."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "sts_qa.settings",
            "STS_QA_DATA": str(folder),
            "STS_QA_BIND": f"127.0.0.1:{port}",
            "STS_QA_ADDRESS": self.address,
            "DATABASE_URL": "",
        }
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def wait_for(self, text: str, seconds: float = 60) -> str:
        deadline, seen = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                continue
            seen += line
            if text in line:
                return line
        pytest.fail(f"no line with {text!r} within {seconds} s, but:\n{seen}")

    def child_running(self, name: str, seconds: float = 20) -> int:
        """Return the process id of the direct child whose command line contains `name`."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for child in children.read_text().split():
                if name in Path(f"/proc/{child}/cmdline").read_text():
                    return int(child)
            time.sleep(0.1)
        pytest.fail(f"no process {name} within {seconds} s")


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path, free_port())
    yield serving
    if serving.process.poll() is None:
        serving.process.send_signal(signal.SIGTERM)
        serving.process.wait(40)


def test_serves_replaces_a_dead_worker_and_stops_everything_on_ctrl_c(serving: Serving) -> None:
    serving.wait_for("create_coordinator --superuser")
    assert serving.address in serving.wait_for("STS-QA is at")
    with urlopen(f"{serving.address}/static/favicon.svg", timeout=10) as answer:
        assert answer.read() == (PROJECT / "static" / "favicon.svg").read_bytes()

    server, worker = serving.child_running("gunicorn"), serving.child_running("run_worker")
    os.kill(worker, signal.SIGKILL)
    serving.wait_for("The worker ended")
    replacement = serving.child_running("run_worker")
    assert replacement != worker

    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(40) == 0
    for process in (server, replacement):
        assert not Path(f"/proc/{process}").exists()


def test_a_second_start_keeps_what_the_first_one_made(tmp_path: Path) -> None:
    port = free_port()
    keys = []
    for _ in range(2):
        serving = Serving(tmp_path, port)
        serving.wait_for("STS-QA is at")
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(40) == 0
        keys.append((tmp_path / "secret_key").read_text())
    assert keys[0] == keys[1]


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(CannotServeError, match="STS_QA_BIND"),
    ):
        check_port_is_free(f"127.0.0.1:{listener.getsockname()[1]}")


def test_a_free_port_is_accepted() -> None:
    check_port_is_free(f"127.0.0.1:{free_port()}")
