"""Stores are built once, by real processes at once too, and after a builder was killed."""

import hashlib
import os
import signal
import subprocess
import sys

import blosc2
import numpy as np
import pytest

from sts_qa.science.imaging.errors import OutdatedStore, UnreadableFile
from sts_qa.science.imaging.store import is_current, open_store, write_store
from sts_qa.science.imaging.store_building import (
    StoreUnit,
    alone,
    build_unit,
    note_use,
    open_or_build,
)
from sts_qa.science.imaging.value_ranges import value_ranges
from tests.science.imaging.files import save_nifti

VALUES = np.random.default_rng(31).integers(-900, 2000, (40, 50, 60)).astype(np.int16)

BUILD = """
import sys
from sts_qa.science.imaging import store_building
source, sha256, store, log = sys.argv[1:]
really_write = store_building.write_store
def write_store(*arguments, **named):
    open(log, "a").write("built\\n")
    return really_write(*arguments, **named)
store_building.write_store = write_store
print("ready", flush=True)
sys.stdin.readline()
opened = store_building.open_or_build(lambda: source, sha256, store)
print(int(opened.stored().astype("int64").sum()), flush=True)
"""
HOLD = """
import sys, time
from pathlib import Path
from sts_qa.science.imaging import store, store_building, store_file
source, sha256, path = sys.argv[1:]
def hang(descriptor):
    print("writing", flush=True)
    time.sleep(600)
store_file.os.fsync = hang
store_building.open_or_build(lambda: source, sha256, path)
"""
READ = """
import sys
from sts_qa.science.imaging.store import open_store
opened = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
print(int(opened.stored().astype("int64").sum()), flush=True)
"""


def run(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go_on(process):
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.fixture
def source(tmp_path):
    return save_nifti(tmp_path / "source.nii.gz", VALUES)


@pytest.fixture
def sha256(source):
    return hashlib.sha256(source.read_bytes()).hexdigest()


def test_processes_that_want_one_volume_at_once_build_it_once(source, sha256, tmp_path):
    store, log = tmp_path / "store" / "a.b2nd", tmp_path / "log"
    processes = [run(BUILD, source, sha256, store, log) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        go_on(process)
    sums = {process.communicate(timeout=60)[0] for process in processes}
    assert sums == {f"{VALUES.astype(np.int64).sum()}\n"}
    assert log.read_text() == "built\n"
    assert [path.name for path in store.parent.iterdir()] == ["a.b2nd"]


def test_a_killed_builder_leaves_nothing_in_the_way(source, sha256, tmp_path):
    store = tmp_path / "store" / "a.b2nd"
    process = run(HOLD, source, sha256, store)
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert len(list(store.parent.glob(".*"))) == 2, "half a file and its lock"
    opened = open_or_build(lambda: source, sha256, store)
    assert np.array_equal(opened.stored(), VALUES)
    assert [path.name for path in store.parent.iterdir()] == ["a.b2nd"]


def test_a_process_reads_on_when_its_store_is_removed(source, sha256, tmp_path):
    store = tmp_path / "a.b2nd"
    write_store(source, store)
    process = run(READ, store)
    assert process.stdout.readline() == "open\n"
    store.unlink()
    go_on(process)
    assert process.communicate(timeout=60)[0] == f"{VALUES.astype(np.int64).sum()}\n"


def test_one_at_a_time_is_alone(tmp_path):
    order = []
    holder = run(
        "import sys\nfrom pathlib import Path\n"
        "from sts_qa.science.imaging.store_building import alone\n"
        "with alone(Path(sys.argv[1])):\n"
        "    print('in', flush=True)\n    sys.stdin.readline()\n    print('out', flush=True)\n",
        tmp_path / "a",
    )
    assert holder.stdout.readline() == "in\n"
    waiter = run(
        "import sys\nfrom pathlib import Path\n"
        "from sts_qa.science.imaging.store_building import alone\n"
        "print('asks', flush=True)\n"
        "with alone(Path(sys.argv[1])):\n    open(sys.argv[2], 'w').close()\n",
        tmp_path / "a",
        tmp_path / "was-in",
    )
    assert waiter.stdout.readline() == "asks\n"
    with pytest.raises(subprocess.TimeoutExpired):
        waiter.wait(timeout=1)
    assert not (tmp_path / "was-in").exists()
    go_on(holder)
    order.append(holder.communicate(timeout=60)[0])
    assert waiter.wait(timeout=60) == 0
    assert order == ["out\n"]
    with alone(tmp_path / "a"):
        assert (tmp_path / "was-in").exists()


@pytest.mark.parametrize("content", [None, b"", b"nothing"])
def test_what_is_missing_or_damaged_is_built(source, sha256, tmp_path, content):
    store = tmp_path / "a.b2nd"
    if content is not None:
        store.write_bytes(content)
    assert np.array_equal(open_or_build(lambda: source, sha256, store).stored(), VALUES)

    def not_needed():
        raise AssertionError("a sound store needs no source")

    assert np.array_equal(open_or_build(not_needed, sha256, store).stored(), VALUES)


def test_the_store_of_another_source_is_replaced(source, sha256, tmp_path):
    store = tmp_path / "a.b2nd"
    write_store(save_nifti(tmp_path / "other.nii", VALUES + 1), store)
    assert not is_current(store, sha256)
    assert np.array_equal(open_or_build(lambda: source, sha256, store).stored(), VALUES)
    assert is_current(store, sha256)


@pytest.mark.parametrize("content", [b"no volume any more", None])
def test_a_source_with_other_bytes_is_refused_and_leaves_nothing(source, tmp_path, content):
    if content is not None:
        source.write_bytes(content)
    unit = StoreUnit(str(source), "0" * 64, str(tmp_path / "store" / "a.b2nd"))
    with pytest.raises(UnreadableFile) as caught:
        build_unit(unit)
    assert caught.value.code == "changed"
    assert list((tmp_path / "store").iterdir()) == []


def write_version_1(path, values, sha256):
    """A store as version 1 of the format had it."""
    array = blosc2.asarray(np.ascontiguousarray(values.T))
    array.schunk.vlmeta["sts_qa"] = {
        "version": 1,
        "shape": values.shape,
        "dtype": values.dtype.name,
        "source_sha256": sha256,
        "scale_slope": 0.5,
        "scale_intercept": -3.0,
        "affine": np.diag([-1.0, 2, 3, 1]).tolist(),
        "spacing": (1.0, 2.0, 3.0),
        "robust_range": (-890.0, 1990.0),
        "notices": ("Said before.",),
    }
    frame = bytes(array.to_cframe())
    path.write_bytes(frame + b"STSQAv01" + hashlib.sha256(frame).digest())


def test_an_older_store_whose_source_is_gone_is_renewed_from_its_own_values(tmp_path):
    path = tmp_path / "a.b2nd"
    write_version_1(path, VALUES, "1" * 64)
    with pytest.raises(OutdatedStore):
        open_store(path)
    assert not is_current(path, "1" * 64)
    store = open_or_build(lambda: tmp_path / "gone.nii", "1" * 64, path)
    assert np.array_equal(store.stored(), VALUES)
    assert store.scale == (0.5, -3.0)
    assert store.facts.notices == ("Said before.",)
    assert store.facts.affine == np.diag([-1.0, 2, 3, 1]).tolist()
    assert store.facts.percentiles == value_ranges(VALUES).percentiles
    assert store.facts.size_bytes == path.stat().st_size


def test_a_damaged_older_store_is_not_renewed(source, sha256, tmp_path):
    path = tmp_path / "a.b2nd"
    write_version_1(path, VALUES + 1, sha256)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert np.array_equal(open_or_build(lambda: source, sha256, path).stored(), VALUES)


def test_noting_a_use_leaves_the_time_of_change(source, sha256, tmp_path):
    path = tmp_path / "a.b2nd"
    write_store(source, path)
    changed = path.stat().st_mtime_ns
    os.utime(path, ns=(10**18, changed))
    open_or_build(lambda: source, sha256, path)
    assert path.stat().st_atime_ns > 10**18
    assert path.stat().st_mtime_ns == changed
    path.unlink()
    note_use(path)
