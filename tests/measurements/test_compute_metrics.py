"""`manage.py compute_metrics`: what it prints and how it ends."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sts_qa.jobs.models import Job
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.studies.models import Membership, Study
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("compute_metrics", *arguments, stdout=out)
    return out.getvalue()


def numbers(printed: str, label: str) -> list[int]:
    (line,) = (line for line in printed.splitlines() if line.startswith(f"{label}  "))
    return [int(number) for number in re.findall(r"\d+", line[len(label) :])]


def test_it_computes_everything_and_prints_a_table_of_counts(dataset):
    printed = command("Teeth", "--as", "coordinator")

    assert numbers(printed, "Noise SD (wavelet)") == [6, 0, 0]
    assert numbers(printed, "Tooth/background AUC") == [3, 3, 0]
    assert numbers(printed, "Clipped to black") == [4, 0, 0]
    assert "6 items measured, 0 up to date, 0 failed." in printed
    assert MetricRun.objects.get().created_by.username == "coordinator"


def test_only_and_workers_are_handed_on(dataset):
    printed = command("Teeth", "--as", "coordinator", "--only", "tenengrad", "--workers", "2")

    assert set(Measurement.objects.values_list("metric", flat=True)) == {"tenengrad"}
    assert numbers(printed, "Tenengrad") == [6, 0, 0]
    assert numbers(printed, "Blur effect") == [0, 0, 6]
    assert MetricRun.objects.get().job.parameters["workers"] == 2


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5"])
def test_a_wrong_number_of_processes_is_refused_in_plain_words(dataset, number):
    with pytest.raises(
        CommandError, match=f"argument --workers: {number} is no whole number of at least 1"
    ):
        command("Teeth", "--as", "coordinator", f"--workers={number}")


@pytest.mark.parametrize(
    ("running", "told", "options"),
    [
        ({}, "all metrics", ["--only", "tenengrad"]),
        ({"only": ["tenengrad"]}, "tenengrad", []),
        ({"only": ["tenengrad", "entropy"]}, "tenengrad, entropy", ["--only", "tenengrad"]),
        ({}, "all metrics", ["--workers", "2"]),
        ({"workers": 3}, "all metrics; 3 processes", ["--workers", "2"]),
        ({"cluster": "tcp://a:1"}, "all metrics; cluster tcp://a:1", ["--cluster", "tcp://b:1"]),
    ],
)
def test_choices_other_than_those_of_the_running_job_are_refused(
    dataset, coordinator, running, told, options
):
    job = start_metrics(dataset=dataset, acting_user=coordinator, **running)
    with pytest.raises(CommandError, match=f"other choices than yours: {re.escape(told)}. Wait"):
        command("Teeth", "--as", "coordinator", *options)
    assert not Measurement.objects.exists()
    assert list(Job.objects.all()) == [job]


@pytest.mark.parametrize(
    ("running", "options"),
    [
        ({"only": ["tenengrad"], "workers": 1}, ["--only", "tenengrad", "--workers", "1"]),
        # Left open, it is as it is
        ({"only": ["tenengrad"], "workers": 1}, ["--only", "tenengrad"]),
    ],
)
def test_the_same_choices_go_on_with_the_job_that_waits(dataset, coordinator, running, options):
    job = start_metrics(dataset=dataset, acting_user=coordinator, **running)
    command("Teeth", "--as", "coordinator", *options)
    assert MetricRun.objects.get().job == job
    assert set(Measurement.objects.values_list("metric", flat=True)) == {"tenengrad"}


def test_items_that_fail_are_named_and_end_with_status_3(dataset, tmp_path):
    (tmp_path / "source" / "A-PXI/01.png").write_bytes(b"nothing")
    out = StringIO()
    with pytest.raises(CommandError, match="1 item could not be measured") as caught:
        call_command("compute_metrics", "Teeth", "--as", "coordinator", stdout=out)

    assert caught.value.returncode == 3
    assert "A-PXI/01.png: " in out.getvalue()
    assert Measurement.objects.filter(item_version__item__key="A-PXI/02.png").exists()


def test_an_unknown_metric_is_refused(dataset):
    with pytest.raises(CommandError, match="niqe"):
        command("Teeth", "--as", "coordinator", "--only", "niqe")


def test_a_dataset_of_others_is_not_found(dataset):
    make_user("stranger", coordinator=True)
    with pytest.raises(CommandError, match="stranger has no dataset named Teeth"):
        command("Teeth", "--as", "stranger")
    with pytest.raises(CommandError, match="coordinator has no dataset named Elsewhere"):
        command("Elsewhere", "--as", "coordinator")


def test_who_rates_in_an_open_study_computes_nothing(dataset, coordinator):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    make_membership(study, coordinator, role=Membership.Role.RATER)
    with pytest.raises(CommandError, match="rate in an open study"):
        command("Teeth", "--as", "coordinator")
    assert not Measurement.objects.exists()
