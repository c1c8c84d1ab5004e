"""Bytes kept below the data folder are compared before they are used, and mended where possible."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from sts_qa.catalogue import files
from sts_qa.catalogue.models import ItemVersion
from sts_qa.science.imaging.store import open_store

OPEN_IN_THREADS = """
import sys, threading
import django
django.setup()
from sts_qa.catalogue import files
from sts_qa.catalogue.models import ItemVersion
location, sha256 = sys.argv[1:]
together = threading.Barrier(4)
def open_volume():
    together.wait()
    files.open_volume(ItemVersion(location=location, sha256=sha256)).axial(0)
threads = [threading.Thread(target=open_volume) for _ in range(4)]
print("ready", flush=True)
sys.stdin.readline()
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"


def _version(path: Path) -> ItemVersion:
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return ItemVersion(location=str(path), sha256=checksum)


@pytest.fixture
def version(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"the bytes imported")
    return _version(path)


@pytest.fixture
def values():
    return np.random.default_rng(2).integers(-500, 500, (9, 8, 7)).astype(np.int16)


@pytest.fixture
def volume(tmp_path, values):
    path = tmp_path / "v.nii.gz"
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    return _version(path)


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _rot(path: Path) -> None:
    """Damage a file as a failing disk does: neither size nor times tell."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    with path.open("r+b") as stream:
        stream.write(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_damaged_copy_is_made_anew_and_logged(version, caplog):
    kept = files.keep(version)
    _damage(kept)
    assert files.keep(version).read_bytes() == b"the bytes imported"
    assert str(kept) in caplog.text


@pytest.mark.parametrize("lose", [os.unlink, lambda path: Path(path).write_bytes(b"changed")])
def test_a_damaged_copy_without_a_sound_source_is_refused(version, lose):
    kept = files.keep(version)
    _damage(kept)
    lose(version.location)
    with pytest.raises(files.ChangedFile, match="backup") as refusal:
        files.keep(version)
    assert version.location in str(refusal.value)


def test_a_damaged_copy_of_an_upload_is_its_own_source(version):
    uploaded = _version(files.keep(version))
    _damage(Path(uploaded.location))
    uploaded.sha256 = version.sha256
    with pytest.raises(files.ChangedFile, match="only copy"):
        files.keep(uploaded)


def test_a_copy_found_sound_is_read_again_only_when_asked(version):
    kept = files.keep(version)
    files.keep(version)
    _rot(kept)
    files.keep(version)
    assert files.keep(version, recheck=True).read_bytes() == b"the bytes imported"


def test_a_damaged_store_is_built_anew_and_logged(volume, values, caplog):
    path = files.build_store(volume)
    _damage(path)
    assert np.array_equal(files.open_volume(volume).stored(), values)
    assert str(path) in caplog.text
    _rot(path)
    files.build_store(volume, recheck=True)
    assert np.array_equal(open_store(path, recheck=True).stored(), values)


def test_a_new_volume_that_many_want_at_once_is_not_called_damaged(volume, tmp_path):
    """Threads of one process and several processes, as the planes of a volume are asked for."""
    environment = {
        **os.environ,
        "STS_QA_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "sts_qa.settings",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_IN_THREADS, volume.location, volume.sha256],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert said == ["", ""]
    assert files.store_path(volume).exists()


def test_the_store_of_another_file_is_not_taken_for_ones_own(volume, tmp_path):
    other = tmp_path / "w.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.ones((9, 8, 7), np.int16), np.eye(4)), other)
    path = files.build_store(_version(other))
    files.store_path(volume).parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, files.store_path(volume))
    assert files.open_volume(volume).facts.source_sha256 == volume.sha256


def test_a_store_is_never_built_from_a_damaged_copy(volume, values):
    kept = files.keep(volume)
    # A sound volume, but not the one that was imported
    nibabel.save(nibabel.Nifti1Image(values + 1, np.eye(4)), kept)
    assert np.array_equal(files.open_volume(volume).stored(), values)

    files.store_path(volume).unlink()
    for path in (kept, Path(volume.location)):
        nibabel.save(nibabel.Nifti1Image(values + 1, np.eye(4)), path)
    with pytest.raises(files.ChangedFile):
        files.build_store(volume)
    assert not files.store_path(volume).exists()
