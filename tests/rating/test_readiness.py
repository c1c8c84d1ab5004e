"""Volumes that a rater comes to soon: a job builds what is missing, the server only looks at it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sts_qa.catalogue import files
from sts_qa.catalogue.actions import stores
from sts_qa.catalogue.models import ImageKind
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.jobs.states import cancel
from sts_qa.rating.queries import volume_facts
from sts_qa.science.imaging import store_building
from tests.factories import make_item, make_sampled_item
from tests.rating.helpers import (
    add_rater,
    at_once,
    in_order,
    log_in,
    queue_of,
    running_study,
    tokens,
)

pytestmark = pytest.mark.django_db
VALUES = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


@pytest.fixture
def built(monkeypatch) -> list[Path]:
    """Where a store was built in this process, in this order."""
    seen = []
    write = store_building.write_store

    def write_store(source, path, **options):
        seen.append(path)
        return write(source, path, **options)

    monkeypatch.setattr(store_building, "write_store", write_store)
    return seen


@pytest.fixture
def unit(files_study):
    """A volume with a mask, second of three; nothing of it was built yet."""
    files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    unit = files_study.volume("v.nii.gz", VALUES, mask=(VALUES > 9).astype(np.uint8))
    files_study.radiograph("b.png", np.zeros((4, 4), np.uint8))
    return unit


@pytest.fixture
def rater(files_study, unit):
    return add_rater(files_study.study)


def _start_anew(monkeypatch) -> None:
    """Forget what this process knows, as after a restart of the server."""
    monkeypatch.setattr(volume_facts, "_known", volume_facts._Known())


def _stores(unit) -> list[Path]:
    return [files.store_path(file) for file in (unit.item_version, unit.item_version.mask)]


def _handed_out(client, study, expected: list[str]) -> dict:
    """Ask until the queue is as expected: stores are opened in the background."""
    deadline = time.monotonic() + 20
    while tokens(queue := queue_of(client, study)) != expected:
        assert time.monotonic() < deadline, queue["assignments"]
        time.sleep(0.02)
    return queue


def _order(rater) -> list[str]:
    return [assignment.token for assignment in in_order(rater)]


def test_nobody_waits_for_a_volume_further_on_which_a_job_builds(
    client, files_study, unit, rater, built
):
    order = _order(rater)
    log_in(client, rater)
    assert tokens(queue_of(client, files_study.study)) == order[:1]
    job = Job.objects.get()
    assert (job.kind, job.state, job.created_by) == ("build_stores", "queued", None)
    assert built == []
    job = run_job(job)
    assert (job.state, job.done, job.total) == ("done", 2, 2)
    assert job.result == {"ready": 2, "failed": 0, "errors": []}
    assert built == _stores(unit)
    queue = _handed_out(client, files_study.study, order)
    # 0 to 59
    assert queue["assignments"][1]["image"]["range"] == [0, 59]
    assert built == _stores(unit)
    assert Job.objects.count() == 1


def test_asking_again_neither_queues_nor_writes_anything(client, files_study, rater):
    log_in(client, rater)
    queue_of(client, files_study.study)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            assert len(tokens(queue_of(client, files_study.study))) == 1
    writing = ("INSERT", "UPDATE", "DELETE", "SAVEPOINT", "BEGIN")
    assert [query["sql"] for query in asked if query["sql"].startswith(writing)] == []
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_raters_who_come_to_it_at_once_queue_one_job(files_study, unit):
    raters = [add_rater(files_study.study) for _ in range(4)]
    clients = [log_in(Client(), rater) for rater in raters]
    answers = at_once(*(lambda one=one: queue_of(one, files_study.study) for one in clients))
    assert [len(tokens(answer)) for answer in answers] == [1, 1, 1, 1]
    assert Job.objects.count() == 1


def test_without_a_worker_the_current_volume_is_built_by_whoever_needs_it(
    client, files_study, rater, built
):
    order = _order(rater)
    log_in(client, rater)
    assert tokens(queue_of(client, files_study.study)) == order[:1]
    rater.assignments.filter(token=order[0]).update(is_rated=True, showing=1)
    rater.shown_count = rater.rated_count = 1
    rater.save()
    entry = queue_of(client, files_study.study)["assignments"][0]
    assert (entry["token"], entry["image"]["range"]) == (order[1], [0, 59])
    assert len(built) == 1
    plane = entry["image"]["planes"]["axial"]
    # Rows run along the second axis of the array, columns along the first
    answer = client.get(plane["url"].replace("{slice}", "1"))
    assert answer.content == VALUES[:, :, 1].T.astype(entry["image"]["dtype"]).tobytes()
    # The job that waited finds the volume there, and builds the mask only
    assert run_job(Job.objects.get()).result["ready"] == 2
    assert len(built) == 2


def test_a_store_that_was_removed_is_built_again_by_a_job(client, files_study, unit, rater, built):
    log_in(client, rater)
    for path in _stores(unit):
        path.unlink(missing_ok=True)
    queue_of(client, files_study.study)
    run_job(Job.objects.get())
    _handed_out(client, files_study.study, _order(rater))
    Job.objects.update(finished_at=timezone.now() - stores.RETRY_AFTER)
    image, mask = _stores(unit)
    mask.unlink()
    assert tokens(queue_of(client, files_study.study)) == _order(rater)[:1]
    run_job(Job.objects.latest("pk"))
    _handed_out(client, files_study.study, _order(rater))
    assert built == [image, mask, mask]


def test_a_damaged_store_is_found_and_built_again_by_a_job(
    client, files_study, unit, rater, built, monkeypatch
):
    for file in (unit.item_version, unit.item_version.mask):
        files.build_store(file)
    image, _mask = _stores(unit)
    content = bytearray(image.read_bytes())
    content[len(content) // 2] ^= 1
    image.write_bytes(bytes(content))
    built.clear()
    _start_anew(monkeypatch)
    log_in(client, rater)
    deadline = time.monotonic() + 20
    while not Job.objects.exists():
        assert tokens(queue_of(client, files_study.study)) == _order(rater)[:1]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert built == []
    run_job(Job.objects.get())
    assert built == [image]
    queue = _handed_out(client, files_study.study, _order(rater))
    assert queue["assignments"][1]["image"]["range"] == [0, 59]
    assert Job.objects.count() == 1


def test_stores_that_are_there_need_no_job(client, files_study, unit, rater, built, monkeypatch):
    for file in (unit.item_version, unit.item_version.mask):
        files.build_store(file)
    built.clear()
    _start_anew(monkeypatch)
    log_in(client, rater)
    _handed_out(client, files_study.study, _order(rater))
    assert (Job.objects.count(), built) == (0, [])


def test_an_unreadable_volume_is_handed_out_and_tried_again_only_later(client, monkeypatch):
    study = running_study(items=1)
    item = make_item(
        study.dataset, "3D/0.nii.gz", kind=ImageKind.VOLUME, shape=(8, 6, 5), dtype="int16"
    )
    make_sampled_item(study, item)
    order = _order(rater := add_rater(study))
    log_in(client, rater)
    assert tokens(queue_of(client, study)) == order[:1]
    job = run_job(Job.objects.get())
    assert (job.state, job.result["failed"]) == ("done", 1)
    assert job.result["errors"][0]["where"] == item.key
    # Also once this process has forgotten it, and in another one
    for _ in range(3):
        assert tokens(queue_of(client, study)) == order
        _start_anew(monkeypatch)
    assert Job.objects.count() == 1
    Job.objects.update(finished_at=timezone.now() - stores.RETRY_AFTER - timedelta(seconds=1))
    assert tokens(queue_of(client, study)) == order[:1]
    assert Job.objects.count() == 2


def test_a_mask_that_cannot_be_read_does_not_take_the_volume_away(client, files_study, unit, rater):
    Path(unit.item_version.mask.location).write_bytes(b"changed")
    log_in(client, rater)
    queue_of(client, files_study.study)
    job = run_job(Job.objects.get())
    assert (job.result["ready"], job.result["failed"]) == (1, 1)
    queue = _handed_out(client, files_study.study, _order(rater))
    assert queue["assignments"][1]["image"]["range"] == [0, 59]


def test_a_cancelled_job_is_not_queued_again_at_once(client, files_study, rater):
    log_in(client, rater)
    queue_of(client, files_study.study)
    cancel(Job.objects.get())
    assert tokens(queue_of(client, files_study.study)) == _order(rater)[:1]
    assert Job.objects.count() == 1
