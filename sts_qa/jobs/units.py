"""Doing many independent units of work on a process pool or a Dask cluster.

A unit is a function of `science/` with one argument: no database, and no Django in the processes
that do it. This file is imported by those processes, so it imports neither.
"""

from __future__ import annotations

import ctypes
import itertools
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_any
from typing import Any

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
IN_FLIGHT_PER_WORKER = 4
# Short units are handed out several at a time: handing one out takes a twentieth of a radiograph
BATCH_SECONDS, MOST_IN_BATCH = 0.05, 16
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)

# Of mallopt in glibc's malloc.h, and bytes; of freed memory, more than that goes back at once
TRIM_THRESHOLD, MOST_KEPT = -1, 64 * 1024**2
MMAP_THRESHOLD, LARGEST_KEPT = -3, 16 * 1024**2

UnitOutcome = tuple[Any, Any, str | None]


@dataclass(frozen=True)
class Answer:
    """What a unit gave back: a value, or the error in a form that always survives pickling."""

    value: Any = None
    error: str | None = None
    trace: str = ""


class UnitRunner:
    """Runs units on an executor that `open_executor` makes, and makes again when it broke.

    Parameters
    ----------
    open_executor
        Returns a new executor and the number of units that it does at a time.
    """

    def __init__(self, open_executor: Callable[[], tuple[Executor, int]]) -> None:
        self._open_executor = open_executor
        self._executor: Executor | None = None
        self._at_a_time = 1
        self._batch_size = 1

    def map(
        self,
        function: Callable[[Any], Any],
        arguments: Iterable[Any],
        check: Callable[[], None] = lambda: None,
    ) -> Iterator[UnitOutcome]:
        """Yield (argument, result, error) for every argument, as completed.

        Arguments are taken from their iterable as units finish, so that thousands of them do not
        pile up. `check` is called at least twice a second and may raise to stop.
        """
        remaining = iter(arguments)
        in_flight: dict[Future, list[Any]] = {}
        self._batch_size = 1
        try:
            while True:
                check()
                broken = self._fill(in_flight, function, remaining)
                if not in_flight:
                    return
                finished, _ = wait(in_flight, POLL_SECONDS, FIRST_COMPLETED)
                for future in finished:
                    if _is_broken(future):
                        broken = True
                        continue
                    batch = in_flight.pop(future)
                    if future.exception() is not None and len(batch) > 1:
                        # One result could not be sent, and took the others with it
                        yield from self._retry_alone(function, batch, check)
                    else:
                        yield from self._outcomes(batch, future)
                if broken:
                    suspects = list(itertools.chain.from_iterable(in_flight.values()))
                    logger.warning("A process died; %d units are tried again.", len(suspects))
                    in_flight.clear()
                    self._close_executor()
                    yield from self._retry_alone(function, suspects, check)
        finally:
            for future in in_flight:
                future.cancel()

    def close(self) -> None:
        """Give up what waits and what runs; a unit leaves nothing behind that matters."""
        self._close_executor()

    def _fill(
        self,
        in_flight: dict[Future, list[Any]],
        function: Callable[[Any], Any],
        remaining: Iterator[Any],
    ) -> bool:
        """Hand out units up to the bound; True when the pool was found broken on the way."""
        executor = self._opened()
        while len(in_flight) < IN_FLIGHT_PER_WORKER * self._at_a_time:
            batch = list(itertools.islice(remaining, self._batch_size))
            if not batch:
                return False
            try:
                future = executor.submit(call_units, function, batch)
            except BrokenProcessPool as error:
                # Kept among the suspects: they were taken from the arguments
                future = Future()
                future.set_exception(error)
                in_flight[future] = batch
                return True
            in_flight[future] = batch
        return False

    def _outcomes(self, batch: list[Any], future: Future) -> Iterator[UnitOutcome]:
        """Outcomes of a batch; the next ones are as large as its units were short."""
        if (error := future.exception()) is not None:
            logger.error("Units were lost", exc_info=error)
            yield from ((argument, None, f"{type(error).__name__}: {error}") for argument in batch)
            return
        answers, seconds = future.result()
        fitting = int(BATCH_SECONDS * len(batch) / max(seconds, 1e-9))
        self._batch_size = min(max(fitting, 1), MOST_IN_BATCH)
        for argument, answer in zip(batch, answers, strict=True):
            if answer.trace:
                logger.error("A unit failed: %s", answer.trace)
            yield argument, answer.value, answer.error

    def _retry_alone(
        self, function: Callable[[Any], Any], suspects: list[Any], check: Callable[[], None]
    ) -> Iterator[UnitOutcome]:
        """Do units one at a time, so that only the guilty one is reported."""
        for argument in suspects:
            check()
            future = self._opened().submit(call_units, function, [argument])
            while not future.done():
                wait([future], POLL_SECONDS)
                check()
            if _is_broken(future):
                self._close_executor()
                yield argument, None, "The process died, most often because memory ran out."
            else:
                yield from self._outcomes([argument], future)

    def _opened(self) -> Executor:
        if self._executor is None:
            self._executor, self._at_a_time = self._open_executor()
        return self._executor

    def _close_executor(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


def local_executor(processes: int) -> tuple[Executor, int]:
    """Return a pool of `processes` (0: one per core) that share nothing with this process."""
    count = processes or os.cpu_count() or 1
    return LocalPool(count), count


class LocalPool(ProcessPoolExecutor):
    """A pool whose processes end at once with it, even in the middle of a unit.

    Each process holds the reading end of a pipe of which only this process has the writing end,
    so that it notices the closing of the pool, and the death of this process, alike.
    """

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        lifeline, self._lifeline = context.Pipe(duplex=False)
        super().__init__(
            processes, mp_context=context, initializer=_prepare_process, initargs=(lifeline,)
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._lifeline.close()
        super().shutdown(wait=wait, cancel_futures=cancel_futures)


def dask_executor(scheduler: str) -> tuple[Executor, int]:
    """Return an executor on the Dask cluster of `scheduler`.

    Raises
    ------
    ModuleNotFoundError
        When the package `distributed` is not installed.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "A Dask cluster is asked for, but the package `distributed` is not installed: run "
            "`pip install distributed`, or leave out --cluster and empty STS_QA_DASK_SCHEDULER "
            "to work on this machine."
        ) from None
    client = Client(scheduler)
    return DaskExecutor(client), max(sum(client.nthreads().values()), 1)


class DaskExecutor(Executor):
    """A Dask client with the face of a pool: submit, and cancel when closed."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._futures = client.get_executor(pure=False)

    def submit(self, function: Callable, /, *arguments: Any, **named: Any) -> Future:
        return self._futures.submit(_call_on_one_thread, function, *arguments, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._futures.shutdown(wait=wait and not cancel_futures)
        self._client.close()


def call_units(function: Callable[[Any], Any], batch: list[Any]) -> tuple[list[Answer], float]:
    """Do some units in a worker process, one after the other; also the seconds that took."""
    start = time.monotonic()
    answers = [call_unit(function, argument) for argument in batch]
    return answers, time.monotonic() - start


def call_unit(function: Callable[[Any], Any], argument: Any) -> Answer:
    """Do one unit in a worker process; an error comes back as text."""
    try:
        return Answer(value=function(argument))
    except Exception as error:
        # Errors of our own say what is wrong and need no name or trace
        expected = type(error).__module__.startswith("sts_qa.")
        text = str(error) if expected else f"{type(error).__name__}: {error}"
        return Answer(error=text, trace="" if expected else traceback.format_exc())


def _is_broken(future: Future) -> bool:
    # A cluster that is gone takes its units back
    return future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


def _call_on_one_thread(function: Callable, /, *arguments: Any, **named: Any) -> Any:
    _use_one_thread()
    _keep_freed_memory()
    return function(*arguments, **named)


@cache
def _use_one_thread() -> None:
    """Keep libraries from starting threads; several processes already share the cores."""
    import blosc2
    import cv2

    cv2.setNumThreads(1)
    blosc2.set_nthreads(1)


@cache
def _keep_freed_memory() -> None:
    """Let memory of one array serve the next: a tenth of the time of a radiograph went into that.

    Else most of what is freed goes back to the system, which clears it before it is given again.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        # Other C libraries than glibc have no such setting
        if hasattr(library, "mallopt"):
            library.mallopt(TRIM_THRESHOLD, MOST_KEPT)
            library.mallopt(MMAP_THRESHOLD, LARGEST_KEPT)


def _prepare_process(lifeline: Connection) -> None:
    """Set a pool process up: one thread each, Ctrl-C left to the parent, no life without it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Some libraries read a variable when they are imported, others have a call of their own
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"
    _use_one_thread()
    _keep_freed_memory()
    threading.Thread(target=_end_with_pool, args=(lifeline,), daemon=True).start()


def _end_with_pool(lifeline: Connection) -> None:
    wait_for_any([lifeline])
    os._exit(1)
