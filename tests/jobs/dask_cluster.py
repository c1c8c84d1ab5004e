"""A real Dask cluster on this machine: a scheduler and workers, each started as its own process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SECONDS_TO_START = 60


class Cluster:
    """A scheduler at `address`; `workers` are the processes that do the work."""

    def __init__(self, folder: Path, workers: int) -> None:
        self._file = folder / "scheduler.json"
        self._log = (folder / "cluster.log").open("wb")
        self._scheduler = self._start("dask_scheduler", "--port", "0", "--dashboard-address", ":0")
        self.address = self._address()
        self.workers = [self._start_worker(folder) for _ in range(workers)]

    def kill_worker(self) -> None:
        """End the first worker at once, as a crash of its machine would."""
        self.workers[0].send_signal(signal.SIGKILL)

    def close(self) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()
        self._log.close()

    def _start_worker(self, folder: Path) -> subprocess.Popen:
        return self._start(
            "dask_worker",
            "--nthreads",
            "1",
            # A nanny would start a killed worker again
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            str(folder),
        )

    def _start(self, module: str, *options: str) -> subprocess.Popen:
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        command = [sys.executable, "-m", f"distributed.cli.{module}"]
        return subprocess.Popen(
            [*command, "--scheduler-file", str(self._file), *options],
            env={**os.environ, "PYTHONPATH": str(ROOT), **threads},
            stdout=self._log,
            stderr=self._log,
        )

    def _address(self) -> str:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            try:
                return json.loads(self._file.read_text())["address"]
            except (FileNotFoundError, ValueError):
                time.sleep(0.1)
        raise TimeoutError("the scheduler has not started")


@contextmanager
def dask_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a cluster, wait until its workers are there, and end it."""
    from distributed import Client

    cluster = Cluster(folder, workers)
    try:
        with Client(cluster.address) as client:
            client.wait_for_workers(workers, timeout=SECONDS_TO_START)
        yield cluster
    finally:
        cluster.close()
