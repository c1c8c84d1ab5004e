"""Units of work on real processes: results, errors, deaths, bounds and endings."""

import os
import platform
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from sts_qa.jobs.units import IN_FLIGHT_PER_WORKER, UnitRunner, dask_executor, local_executor
from tests.jobs import handlers

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def runner():
    runner = UnitRunner(partial(local_executor, 2))
    yield runner
    runner.close()


def test_every_argument_comes_back_with_its_own_result(runner):
    outcomes = list(runner.map(handlers.double, iter(range(100))))
    assert sorted(outcomes) == [(number, 2 * number, None) for number in range(100)]


def test_an_error_is_the_outcome_of_its_unit_only(runner):
    outcomes = sorted(runner.map(handlers.fail_on_three, range(6)))
    assert outcomes[3] == (3, None, "ValueError: three is not liked")
    assert [outcome for outcome in outcomes if outcome[0] != 3] == [
        (number, number, None) for number in (0, 1, 2, 4, 5)
    ]


def test_a_dead_process_fails_only_its_unit(runner):
    outcomes = {
        argument: (result, error)
        for argument, result, error in runner.map(handlers.die_on_three, range(40))
    }
    assert outcomes.pop(3)[0] is None
    assert outcomes == {number: (number, None) for number in range(40) if number != 3}


def test_a_dead_process_is_said_to_have_died(runner):
    outcomes = {argument: error for argument, _, error in runner.map(handlers.die_on_three, [3])}
    assert "died" in outcomes[3]


def test_arguments_are_read_only_as_units_finish(runner):
    read = []

    def arguments():
        for number in range(200):
            read.append(number)
            yield number

    outcomes = runner.map(handlers.double, arguments())
    next(outcomes)
    assert len(read) <= 2 * IN_FLIGHT_PER_WORKER + 1
    assert len(list(outcomes)) == 199


def test_a_process_has_one_thread_and_no_django(tmp_path):
    # A process of its own, because a pool imports the main module of the program that makes it
    program = (
        "from functools import partial\n"
        "from sts_qa.jobs.units import UnitRunner, local_executor\n"
        "from tests.jobs.handlers import describe_process\n"
        "if __name__ == '__main__':\n"
        "    runner = UnitRunner(partial(local_executor, 1))\n"
        "    print(next(runner.map(describe_process, [0]))[1])\n"
        "    runner.close()\n"
    )
    script = tmp_path / "describe.py"
    script.write_text(program)
    output = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert "'django': False" in output
    assert "'cv2_threads': 1" in output
    assert "'blosc2_threads': 1" in output


def test_a_result_that_cannot_be_sent_fails_only_its_unit(runner):
    outcomes = {
        argument: (result, error)
        for argument, result, error in runner.map(
            handlers.give_no_result_that_can_be_sent_for_three, range(40)
        )
    }
    assert outcomes.pop(3)[0] is None
    assert outcomes == {number: (number, None) for number in range(40) if number != 3}


class CountingExecutor(ThreadPoolExecutor):
    """Counts how often something was handed out."""

    count = 0

    def submit(self, *arguments, **named):
        self.count += 1
        return super().submit(*arguments, **named)


@pytest.mark.parametrize(
    ("function", "least", "most"), [(handlers.double, 7, 20), (handlers.double_slowly, 40, 40)]
)
def test_short_units_are_handed_out_several_at_a_time(function, least, most):
    executor = CountingExecutor(2)
    runner = UnitRunner(lambda: (executor, 2))
    outcomes = sorted(runner.map(function, range(40)))
    runner.close()
    assert outcomes == [(number, 2 * number, None) for number in range(40)]
    assert least <= executor.count <= most


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_memory_of_one_array_serves_the_next(runner):
    [(_, faults, error)] = runner.map(handlers.count_page_faults, [0])
    assert error is None
    # 20 times 8 MB in pages of 4 kB would be 40,000
    assert faults < 1000


def test_closing_ends_a_unit_that_still_runs(runner):
    calls = []

    def stop_soon():
        calls.append(1)
        if len(calls) > 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(runner.map(handlers.wait_long, range(20), stop_soon))
    started = time.monotonic()
    runner.close()
    assert time.monotonic() - started < 10


def test_processes_end_when_the_program_that_made_them_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(
        "from functools import partial\n"
        "from sts_qa.jobs.units import UnitRunner, local_executor\n"
        "from tests.jobs.handlers import describe_process\n"
        "if __name__ == '__main__':\n"
        "    runner = UnitRunner(partial(local_executor, 1))\n"
        "    print(next(runner.map(describe_process, [0]))[1]['process'], flush=True)\n"
        "    input()\n"
    )
    program = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(program.stdout.readline())
    assert _is_alive(child)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    deadline = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Lost(ThreadPoolExecutor):
    """A cluster that goes away: it takes its units back undone."""

    def submit(self, function, /, *arguments, **named):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_units_of_a_cluster_that_went_away_are_done_when_it_is_back():
    clusters = iter([Lost(1), ThreadPoolExecutor(1)])
    runner = UnitRunner(lambda: (next(clusters), 1))
    outcomes = sorted(runner.map(handlers.double, range(20)))
    runner.close()
    assert outcomes == [(number, 2 * number, None) for number in range(20)]


def test_a_cluster_without_its_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match="pip install distributed"):
        dask_executor("tcp://localhost:8786")


def test_the_same_units_run_on_a_dask_cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        runner = UnitRunner(partial(dask_executor, cluster.scheduler_address))
        outcomes = sorted(runner.map(handlers.fail_on_three, range(20)))
        runner.close()
    assert outcomes[3] == (3, None, "ValueError: three is not liked")
    assert [outcome[1] for outcome in outcomes if outcome[0] != 3] == [
        number for number in range(20) if number != 3
    ]
