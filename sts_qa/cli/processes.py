"""The two processes of an installation, web server and worker, run and stopped together.

As a program of its own this is all that stays of `manage.py serve` once the installation is ready:
it imports neither models nor pages.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from threading import Event

from django.conf import settings

STOPPED_AFTER_SECONDS = 30
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class CannotServeError(Exception):
    """The installation cannot be served; the message says why and what to do."""


def split_bind(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


def check_port_is_free(bind: str) -> None:
    """Refuse to start where another program listens, before anything else is done."""
    host, port = split_bind(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise CannotServeError(
            f"Cannot listen on {bind}: {error.strerror or error}. Stop the program that uses it, "
            "or choose another interface and port with STS_QA_BIND and the address that goes "
            "with it with STS_QA_ADDRESS."
        ) from error


def overseer_command() -> list[str]:
    return [sys.executable, "-m", "sts_qa.cli.processes"]


def server_command() -> list[str]:
    return [
        *[sys.executable, "-m", "gunicorn", "sts_qa.wsgi:application"],
        *["--bind", settings.BIND],
        *["--worker-class", "gthread", "--threads", str(settings.THREADS)],
        *["--graceful-timeout", "15", "--log-level", "warning", "--no-control-socket"],
        # The longest that it takes: a cursor and a filter in Chinese fill an address quickly
        *["--limit-request-line", "8190"],
    ]


def worker_command() -> list[str]:
    return [sys.executable, str(settings.BASE_FOLDER / "manage.py"), "run_worker"]


class Installation:
    """Starts web server and worker, replaces a worker that died, and stops both in good order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._stop = Event()
        self._server: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._pause = SHORTEST_PAUSE
        self._worker_started_at = 0.0

    def run(self) -> None:
        """Serve until a signal asks to stop.

        Raises
        ------
        CannotServeError
            When the web server ends by itself.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        try:
            self._server = _start(server_command())
            self._wait_until_served()
            while not self._stop.wait(0.5):
                self._check_server()
                self._keep_worker()
        finally:
            self._say("Stopping ...")
            _end([process for process in (self._server, self._worker) if process])

    def _wait_until_served(self) -> None:
        host, port = split_bind(settings.BIND)
        host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
        while not self._stop.is_set():
            self._check_server()
            try:
                socket.create_connection((host, port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                self._say(f"STS-QA is at {settings.ADDRESS} - Ctrl-C stops it.")
                return

    def _check_server(self) -> None:
        if self._server is not None and self._server.poll() is not None:
            raise CannotServeError(
                f"The web server ended with status {self._server.returncode}; its reason is above."
            )

    def _keep_worker(self) -> None:
        """Start the worker; where it dies at once again and again, ever more slowly."""
        if self._worker is not None and self._worker.poll() is None:
            return
        if self._worker is not None:
            if time.monotonic() - self._worker_started_at > LONGEST_PAUSE:
                self._pause = SHORTEST_PAUSE
            self._say(
                f"The worker ended with status {self._worker.returncode}; "
                f"another starts in {self._pause:.0f} s."
            )
            self._worker = None
            if self._stop.wait(self._pause):
                return
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._worker_started_at = time.monotonic()
        self._worker = _start(worker_command())


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches this process only, which then stops the others in order
    return subprocess.Popen(command, cwd=settings.BASE_FOLDER, start_new_session=True)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOPPED_AFTER_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    try:
        Installation(partial(print, flush=True)).run()
    except CannotServeError as error:
        sys.exit(f"CommandError: {error}")


if __name__ == "__main__":
    main()
