"""After an import a job makes volumes ready for viewing."""

from __future__ import annotations

import os

import numpy as np
import pytest

from sts_qa.catalogue import files
from sts_qa.catalogue.actions.stores import prepare_volume, prepare_volumes
from sts_qa.catalogue.models import ItemVersion, MaskVersion
from sts_qa.catalogue.store_work import FACTS_BYTES
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import JobContext, JobReturned, run_job
from sts_qa.science.imaging.store import is_current, open_store
from sts_qa.science.imaging.store_building import build_unit
from tests.catalogue.folders import mask_png, mask_volume, png, volume

pytestmark = pytest.mark.usefixtures("unlimited_store")


@pytest.fixture
def imported(dataset, bring_in, write):
    """Three volumes, one of them with a mask, and a radiograph."""
    images = {f"A/image/{n}.nii.gz": volume(n) for n in range(3)}
    masks = {"A/mask/1.nii.gz": mask_volume()}
    return bring_in(dataset, write({**images, **masks, "B/1.png": png(1)}))


def _queued() -> Job:
    return Job.objects.get(kind="build_stores")


def _stores() -> dict[str, bool]:
    versions = [*ItemVersion.objects.filter(item__kind="volume"), *MaskVersion.objects.all()]
    return {
        os.path.relpath(version.location).split("data/")[-1]: is_current(
            files.store_path(version), version.sha256
        )
        for version in versions
    }


def _size_of_a_volume(dataset) -> int:
    """Of its store; nothing is left of it."""
    version = ItemVersion.objects.filter(item__dataset=dataset, item__kind="volume").first()
    path = files.build_store(version)
    size_bytes = path.stat().st_size
    path.unlink()
    return size_bytes


def test_an_import_of_volumes_queues_it_and_it_builds_volumes_and_masks(imported, dataset, owner):
    job = _queued()
    assert (job.state, job.created_by, job.subject_id) == ("queued", owner, dataset.pk)
    assert set(_stores().values()) == {False}
    job = run_job(job)
    assert job.state == "done", job.error
    assert job.result == {"built": 4, "present": 0, "left_out": 0, "failed": 0, "errors": []}
    assert (job.done, job.total) == (4, 4)
    assert len(_stores()) == 4
    assert set(_stores().values()) == {True}
    version = ItemVersion.objects.get(item__key__endswith="2.nii.gz")
    expected = np.random.default_rng(2).integers(-1000, 3000, (6, 5, 4)).astype(np.int16)
    assert np.array_equal(open_store(files.store_path(version)).stored(), expected)


def test_radiographs_need_none(dataset, bring_in, write):
    bring_in(dataset, write({"A/image/1.png": png(1), "A/mask/1.png": mask_png()}))
    assert not Job.objects.filter(kind="build_stores").exists()


def test_a_second_import_asks_again_only_for_what_is_missing(
    imported, dataset, owner, bring_in, write
):
    assert prepare_volumes(dataset=dataset, acting_user=owner) == _queued()
    run_job(_queued())
    assert prepare_volumes(dataset=dataset, acting_user=owner) is None
    bring_in(dataset, write({"A/image/9.nii.gz": volume(9)}))
    job = run_job(Job.objects.filter(kind="build_stores").latest("pk"))
    assert (job.result["built"], job.result["present"]) == (1, 4)


def test_bad_volumes_are_listed_and_the_others_built(imported, monkeypatch):
    changed = ItemVersion.objects.get(item__key__endswith="0.nii.gz")
    with open(changed.location, "ab") as stream:
        stream.write(b"more")
    gone = ItemVersion.objects.get(item__key__endswith="2.nii.gz")
    os.unlink(gone.location)

    def map_units(self, function, arguments, workers=None):
        from sts_qa.jobs.units import call_unit

        for argument in arguments:
            answer = call_unit(function, argument)
            yield argument, answer.value, answer.error

    monkeypatch.setattr(JobContext, "map_units", map_units)
    job = run_job(_queued())
    assert job.state == "done", job.error
    assert (job.result["built"], job.result["failed"]) == (2, 2)
    first, second = job.result["errors"]
    assert first["where"] == changed.item.key
    assert "has changed" in first["reason"]
    assert second["where"] == gone.item.key
    assert "cannot be opened" in second["reason"]


def test_real_processes_build_them(dataset, imported, monkeypatch, settings):
    monkeypatch.undo()
    settings.WORKERS = 2
    assert JobContext.map_units.__module__ == "sts_qa.jobs.running"
    job = run_job(_queued())
    assert (job.state, job.result["built"]) == ("done", 4), job.error
    assert set(_stores().values()) == {True}


def test_what_does_not_fit_is_left_for_later_and_said(imported, settings):
    job = _queued()
    volume_bytes = _size_of_a_volume(imported.dataset)
    # For two of the four, and not quite for what a third one is expected to take
    settings.STORE_LIMIT_BYTES = 2 * volume_bytes + FACTS_BYTES
    job = run_job(job)
    assert job.state == "done"
    assert (job.result["built"], job.result["left_out"]) == (2, 2)
    (notice,) = job.result["errors"]
    assert "STS_QA_STORE_LIMIT_MB" in notice["reason"]
    total = sum(path.stat().st_size for path in settings.DATA_FOLDER.glob("store/*/*"))
    assert total <= settings.STORE_LIMIT_BYTES
    # At first use
    version = ItemVersion.objects.filter(item__kind="volume").last()
    assert files.open_volume(version).shape == (6, 5, 4)


def test_a_stopped_job_goes_on_where_it_was(imported, monkeypatch):
    built = []

    def map_units(self, function, arguments, workers=None):
        for argument in arguments:
            if len(built) == 2:
                raise JobReturned
            built.append(argument.name)
            yield argument, build_unit(argument), None

    monkeypatch.setattr(JobContext, "map_units", map_units)
    assert run_job(_queued()).state == "queued"
    done = list(built)
    built.clear()
    job = run_job(_queued())
    assert job.state == "done"
    assert len(built) == 2
    assert not set(built) & set(done)
    assert (job.result["built"], job.result["present"]) == (2, 2)


def test_a_cancelled_job_keeps_what_it_built(imported, monkeypatch, owner):
    def map_units(self, function, arguments, workers=None):
        for argument in arguments:
            yield argument, build_unit(argument), None
            Job.objects.filter(pk=self.job.pk).update(cancel_requested=True)
            self._written_at = 0.0
            self.check_cancelled()

    monkeypatch.setattr(JobContext, "map_units", map_units)
    assert run_job(_queued()).state == "cancelled"
    assert sum(_stores().values()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_for_one_volume_makes_room_for_it(imported, settings):
    other, wanted = ItemVersion.objects.filter(item__kind="volume").order_by("item__key")[:2]
    path = files.build_store(other)
    # Longer ago than any other
    os.utime(path, (0, 0))
    # No room for two volumes, but for one and its smaller mask
    settings.STORE_LIMIT_BYTES = path.stat().st_size * 2 - 100
    job = run_job(prepare_volume(version=wanted, acting_user=None))
    assert (job.state, job.created_by) == ("done", None), job.error
    assert (job.done, job.total, job.result["ready"]) == (2, 2, 2)
    there = [files.store_path(file).exists() for file in (other, wanted, wanted.mask)]
    assert there == [False, True, True]


def test_a_job_for_one_volume_mends_what_only_seems_to_be_there(imported):
    version = ItemVersion.objects.get(item__key__endswith="1.nii.gz")
    path = files.build_store(version)
    sound = path.read_bytes()
    # The same size and times, so that only its checksum tells
    status = path.stat()
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert is_current(path, version.sha256)
    run_job(prepare_volume(version=version, acting_user=None))
    expected = np.random.default_rng(1).integers(-1000, 3000, (6, 5, 4)).astype(np.int16)
    assert np.array_equal(open_store(path, recheck=True).stored(), expected)


def test_a_job_for_one_volume_does_not_stand_for_the_whole_dataset(imported, dataset, owner):
    run_job(_queued())
    version, gone = ItemVersion.objects.filter(item__kind="volume").order_by("item__key")[:2]
    files.store_path(gone).unlink()
    alone = prepare_volume(version=version, acting_user=None)
    assert prepare_volume(version=version, acting_user=owner) == alone
    whole = prepare_volumes(dataset=dataset, acting_user=owner)
    assert whole != alone
    assert whole.parameters == {"dataset": dataset.pk}


def test_a_job_for_one_volume_names_what_it_cannot_read(imported):
    version = ItemVersion.objects.get(item__key__endswith="0.nii.gz")
    os.unlink(version.location)
    job = run_job(prepare_volume(version=version, acting_user=None))
    assert (job.state, job.result["ready"], job.result["failed"]) == ("done", 0, 1)
    (error,) = job.result["errors"]
    assert error["where"] == version.item.key
    assert "cannot be opened" in error["reason"]
