"""Computing metrics on a Dask cluster of two workers that are processes of their own."""

from __future__ import annotations

from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command

from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.jobs.units import UnitRunner, dask_executor
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries import units
from tests.jobs import handlers
from tests.jobs.dask_cluster import dask_cluster
from tests.measurements.images import add_radiograph
from tests.measurements.running_jobs import all_rows, run

dask = pytest.importorskip("dask", reason="no Dask: pip install -r requirements-dev.txt")

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    with dask_cluster(folder) as started:
        yield started


def on_the_pool(dataset, coordinator, **options) -> list[tuple]:
    run(dataset, coordinator, workers=2, **options)
    rows = all_rows()
    Measurement.objects.all().delete()
    return rows


def test_values_are_those_of_the_pool_to_the_last_bit(dataset, coordinator, cluster, monkeypatch):
    monkeypatch.setattr(units, "SLICES_PER_SLAB", 3)
    expected = on_the_pool(dataset, coordinator)
    arguments = ("Teeth", "--as", "coordinator", "--cluster", cluster.address)
    call_command("compute_metrics", *arguments, stdout=StringIO())

    assert all_rows() == expected
    assert Job.objects.latest("pk").parameters["cluster"] == cluster.address


def test_a_worker_killed_in_the_middle_loses_nothing(
    dataset, coordinator, cluster, monkeypatch, tmp_path
):
    monkeypatch.setattr(units, "SLICES_PER_SLAB", 1)
    for number in range(4, 60):
        add_radiograph(dataset, tmp_path / "source", number)
    some = {"only": ["noise_sigma", "blur_effect"]}
    expected = on_the_pool(dataset, coordinator, **some)
    done_before = []

    def kill_once(done, total, message):
        if done >= 5 and not done_before:
            done_before.append(done)
            cluster.kill_worker()

    options = {"dataset": dataset, "acting_user": coordinator, "cluster": cluster.address}
    job = run_job(start_metrics(**options, **some), kill_once)
    assert job.state == Job.State.DONE, job.error
    assert 5 <= done_before[0] < 50
    assert cluster.workers[0].poll() is not None
    assert (job.result["computed"], job.result["failed"]) == (62, 0)
    assert all_rows() == expected


def test_what_a_killed_worker_had_in_hand_is_done_by_the_other(cluster):
    runner = UnitRunner(partial(dask_executor, cluster.address))
    outcomes = []
    for outcome in runner.map(handlers.double_slowly, range(60)):
        outcomes.append(outcome)
        if len(outcomes) == 10:
            cluster.kill_worker()
    runner.close()
    assert sorted(outcomes) == [(number, 2 * number, None) for number in range(60)]


def test_a_cluster_that_cannot_be_reached_fails_the_job_with_its_address(dataset, coordinator):
    with dask.config.set({"distributed.comm.timeouts.connect": "2s"}):
        job = run_job(
            start_metrics(dataset=dataset, acting_user=coordinator, cluster="tcp://127.0.0.1:9")
        )
    assert job.state == Job.State.FAILED
    assert "127.0.0.1:9" in job.error
