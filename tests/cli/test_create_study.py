"""`manage.py create_study`, on a dataset with real files."""

import re
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from sts_qa.accounts.models import User
from sts_qa.studies.models import Invitation, Study
from tests.factories import make_user
from tests.studies.conftest import coordinator, dataset  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()


@pytest.fixture
def run(dataset):  # noqa: F811
    def create(*options: str, name: str = "Teeth", protocol: str = "sts-evaluation") -> str:
        output = StringIO()
        arguments = [name, "--dataset", dataset.name, "--protocol", protocol]
        call_command("create_study", *arguments, "--as", "coordinator", *options, stdout=output)
        return output.getvalue()

    return create


def table(output: str) -> dict[str, tuple[int, int]]:
    rows = re.findall(r"^  (\S+) +(\d+) +(\d+)$", output, re.MULTILINE)
    return {name: (int(frame), int(drawn)) for name, frame, drawn in rows}


def test_it_plans_thirty_percent_and_draws_nothing_unasked(run):
    output = run("--seed", "5")
    study = Study.objects.get()
    assert (study.name, study.seed, study.state, study.drawn_at) == ("Teeth", 5, "draft", None)
    assert not study.allows_program_ratings
    assert "not drawn yet" in output
    # 6 of 20 and 2 (1.8) of 6
    assert table(output) == {
        "A-PXI/labelled": (4, 1),
        "A-PXI/unlabelled": (16, 5),
        "STS-3D-Tooth/labelled": (2, 1),
        "STS-3D-Tooth/unlabelled": (4, 1),
        "all": (26, 8),
    }


def test_started_it_runs_and_each_new_rater_gets_a_link_once(run, client):
    make_user("old")
    output = run("--raters", "wei, old", "--start", "--practice", "1", "--fraction", "0.5")
    study = Study.objects.get()
    assert study.state == "running"
    assert study.memberships.filter(role="rater", assigned_count=13).count() == 2
    links = re.findall(r"^wei: \S+?(/studies/invitations/\S+/)", output, re.MULTILINE)
    assert len(links) == Invitation.objects.count() == 1
    assert not User.objects.get(username="wei").has_usable_password()
    assert "old takes part" in output
    assert re.search(
        r"^Disk space: \S+\sKB needed for the drawn files, \S+\s\wB free", output, re.M
    )
    assert client.get(links[0]).status_code == 200


def test_a_full_disk_is_said_and_nothing_is_started(run, monkeypatch):
    disk = SimpleNamespace(total=1024, used=1024, free=0)
    monkeypatch.setattr("sts_qa.studies.actions.start.shutil.disk_usage", lambda _: disk)
    with pytest.raises(CommandError, match="0\xa0bytes are free"):
        run("--raters", "wei", "--start")
    assert Study.objects.get().state == "draft"


def test_every_option_reaches_the_plan(run):
    run(
        *("--unit", "slice", "--slices-per-volume", "2", "--stratification", "none"),
        *("--repeats", "0.25", "--repeat-distance", "4", "--raters-per-item", "2"),
        *("--order", "mixed", "--practice", "3", "--carry-window", "--draw"),
        "--program-ratings",
    )
    study = Study.objects.get()
    assert (study.unit, study.slices_per_volume, study.stratification) == ("slice", 2, "none")
    assert (study.repeat_share, study.repeat_distance) == (Decimal("0.25"), 4)
    assert (study.raters_per_item, study.order, study.practice_items) == (2, "mixed", 3)
    assert (study.view_policy, study.carries_window) == ("free", True)
    assert study.allows_program_ratings
    assert study.drawn_at is not None
    assert study.sample.filter(slice_index__isnull=False, kind="main").count() == 4


def test_the_view_is_free_after_the_standard_view_unless_locked(run):
    run(name="Free")
    run("--view-policy", "locked", name="Locked")
    views = Study.objects.order_by("pk").values_list("view_policy", "carries_window")
    assert list(views) == [("free", False), ("locked", False)]
    with pytest.raises(CommandError, match="no window to keep"):
        run("--view-policy", "locked", "--carry-window", name="Both")


def test_the_same_seed_draws_the_same_sample(run):
    for name in ("First", "Second"):
        run("--seed", "8", "--draw", name=name)
    first, second = (
        set(study.sample.filter(kind="main").values_list("item_version", flat=True))
        for study in Study.objects.order_by("pk")
    )
    assert first == second


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--raters", "good,not good"), "not good"),
        (("--raters", "twice,twice"), "takes part in this study already"),
        (("--fraction", "1.5"), "at most 1"),
        (("--fraction", "half"), "half"),
        (("--seed", "-1"), "seed"),
        (("--start",), "Add at least one rater"),
        (("--raters", "a1", "--raters-per-item", "2", "--start"), "2 raters"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_started(run, options, reason):
    with pytest.raises(CommandError, match=reason):
        run(*options)
    assert not Study.objects.exclude(state="draft").exists()
    if "--start" not in options:
        assert not Study.objects.exists()
        assert not User.objects.exclude(username="coordinator").exists()


def test_unknown_names_come_with_the_known_ones(run, dataset):  # noqa: F811
    with pytest.raises(CommandError, match="iqsc"):
        run(protocol="unknown")
    with pytest.raises(CommandError, match=dataset.name):
        call_command(
            "create_study",
            "x",
            dataset="unknown",
            protocol="iqsc",
            acting_user="coordinator",
        )
    run()
    with pytest.raises(CommandError, match="already"):
        run()


def test_only_coordinators_of_the_dataset_may(run, dataset):  # noqa: F811
    make_user("outsider", coordinator=True)
    with pytest.raises(CommandError, match="sees no dataset"):
        run("--as", "outsider")
    dataset.members.create(user=make_user("plain"))
    with pytest.raises(CommandError, match="Only coordinators"):
        run("--as", "plain")
    assert not Study.objects.exists()


def test_the_page_of_the_new_study_opens(run, client):
    run()
    client.force_login(User.objects.get(username="coordinator"))
    address = reverse("studies:show_study", args=[Study.objects.get().public_id])
    assert client.get(address).status_code == 200
