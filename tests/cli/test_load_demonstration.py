"""`manage.py load_demonstration` on a smaller tree: what is there, and that a second run adds
nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from sts_qa.accounts.actions import accept_notice
from sts_qa.accounts.models import User
from sts_qa.catalogue.models import Dataset, MaskVersion
from sts_qa.cli.demonstration import loading, simulation
from sts_qa.cli.demonstration.accounts import PASSWORD, RATERS, SIMULATED_RATERS
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries import counts_by_metric
from sts_qa.rating.models import Rating, Score
from sts_qa.science.phantoms import demonstration
from sts_qa.science.phantoms.ratings import ScoreRange, simulate_ratings
from sts_qa.studies.models import Assignment, SampledItem, Study
from tests.factories import make_user
from tests.small_demonstration import small_demonstration

CODES = ("contrast", "sharpness", "artifacts", "pixel_accuracy", "boundary_accuracy")


def load() -> str:
    out = StringIO()
    call_command("load_demonstration", stdout=out)
    return out.getvalue()


@contextmanager
def undone_demonstration(folder: Path) -> Iterator[None]:
    """A small demonstration in an empty data folder; the database is left as it was."""
    with small_demonstration(folder), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """What the first run printed."""
    folder = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), undone_demonstration(folder / "data"):
        yield load()


@pytest.fixture
def to_rate(loaded) -> Study:
    return Study.objects.get(name="Demonstration: rate me")


@pytest.fixture
def simulated(loaded) -> Study:
    return Study.objects.get(name="Demonstration: closed, simulated ratings")


def everything() -> dict[str, list[Any]]:
    """Every row of the product's tables."""
    models = [model for model in apps.get_models() if model.__module__.startswith("sts_qa.")]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


def test_address_and_log_ins_are_printed_and_let_people_in(loaded, settings):
    assert settings.ADDRESS in loaded
    for name in ("coordinator", *RATERS):
        assert any(line.split()[:2] == [name, PASSWORD] for line in loaded.splitlines())
        assert authenticate(username=name, password=PASSWORD) is not None


def test_the_log_in_page_shows_the_accounts(loaded):
    page = Client().get(reverse("accounts:log_in")).content.decode()
    for name in ("coordinator", *RATERS):
        assert f"<code>{name}</code>" in page
    assert PASSWORD in page
    assert "simulated" not in page


def test_only_the_coordinator_may_coordinate_and_nobody_logs_in_as_the_simulation(loaded):
    may = [user.username for user in User.objects.all() if user.has_perm("accounts.can_coordinate")]
    assert may == ["coordinator"]
    for name in SIMULATED_RATERS:
        assert not User.objects.get(username=name).has_usable_password()


def test_the_dataset_is_the_planned_tree_read_below_the_data_folder(loaded, settings):
    dataset = Dataset.objects.get()
    planned = demonstration.demonstration_plan(loading.SEED)

    assert dataset.is_demonstration
    rows = set(dataset.items.values_list("key", "category__name", "labelled", "state"))
    assert rows == {(item.key, item.category, item.labelled, "present") for item in planned}
    for item in dataset.items.all():
        assert Path(item.current_version.location).is_relative_to(settings.DATA_FOLDER)
        assert item.current_version.mask_error == ""


def test_raters_get_the_presets_of_the_dataset_and_square_pixels(to_rate):
    kinds = [(preset["name"]["en"], preset["kind"]) for preset in to_rate.viewing["presets"]]
    assert kinds == [("Bright parts", "volume"), ("Middle tones", "radiograph")]
    assert {shape["source"] for shape in to_rate.viewing["categories"].values()} == {"square"}
    # Phantoms are no scans
    assert not to_rate.viewing["hounsfield"]


def test_every_metric_is_computed(loaded):
    counts = counts_by_metric(Dataset.objects.get())
    assert sum(count.values for count in counts) > 0
    assert {count.not_computed for count in counts} == {0}


def test_some_items_have_a_second_mask_that_says_it_is_simulated(loaded, settings):
    further = MaskVersion.objects.exclude(name="").select_related("item__category")
    assert {mask.name for mask in further} == {"Simulated second annotator"}
    assert sorted(mask.item.category.name for mask in further) == ["A-PXI", "STS-3D-Tooth"]
    images = settings.DATA_FOLDER / "demonstration"
    for mask in further:
        own = mask.item.current_version.mask
        assert mask.sha256 != own.sha256
        assert Path(mask.location).is_relative_to(settings.DATA_FOLDER)
        # Another import of the images would take them for masks that have come since
        assert not Path(mask.location).is_relative_to(images)


def test_the_metrics_of_agreement_compare_it_with_the_first_mask(loaded, client):
    values = Measurement.objects.filter(metric="dice", mask__isnull=False)
    assert values.count() == 2
    assert all(0.5 < measurement.value < 1 for measurement in values)

    coordinator = User.objects.get(username="coordinator")
    accept_notice(acting_user=coordinator)
    client.force_login(coordinator)
    address = reverse("measurements:show_metrics", args=[Dataset.objects.get().pk])
    page = client.get(address).content.decode()
    assert "Simulated second annotator" in page


def test_the_study_to_rate_runs_with_five_raters_and_nothing_rated(to_rate):
    assert (to_rate.state, to_rate.simulated) == (Study.State.RUNNING, False)
    assert to_rate.sample.filter(kind=SampledItem.Kind.PRACTICE).count() == 2
    assert to_rate.sample.filter(kind=SampledItem.Kind.MAIN).count() == 3 + 1
    members = to_rate.memberships.filter(role="rater")
    assert {member.user.username for member in members} == set(RATERS)
    assert {member.assigned_count for member in members} == {4}
    assert not Rating.objects.filter(assignment__membership__study=to_rate).exists()


def test_the_closed_study_is_marked_simulated_and_completely_rated(simulated):
    assert (simulated.state, simulated.simulated) == (Study.State.CLOSED, True)
    assert "simulated" in simulated.name
    members = simulated.memberships.filter(role="rater")
    assert {member.user.username for member in members} == set(SIMULATED_RATERS)
    for member in members:
        assert member.rated_count == member.assigned_count > 0
    open_ones = Assignment.objects.filter(
        membership__study=simulated, is_rated=False, dropped_at__isnull=True
    )
    assert not open_ones.exists()


def test_every_simulated_rating_says_so_and_was_in_time(simulated):
    ratings = Rating.objects.filter(assignment__membership__study=simulated)
    assert ratings.count() == Rating.objects.count() > 0
    for rating in ratings:
        assert rating.viewer_state == {"simulated": True}
        assert rating.channel == Rating.Channel.IMPORT
        assert rating.is_current
        assert not rating.is_late
        assert 0 < rating.active_ms <= rating.wall_ms


def test_scores_are_those_of_the_model_for_the_item_and_the_rater(simulated):
    items = demonstration.demonstration_plan(loading.SEED)
    latent = demonstration.latent_qualities(items, CODES)
    ranges = [ScoreRange(code, 0, 20) for code in CODES]
    # The model's first block is of main ratings, the others of repeats and practice
    expected = simulate_ratings(np.tile(latent, (3, 1)), ranges, raters=5, seed=loading.SEED)
    rows = {item.key: row for row, item in enumerate(items)}
    scores = Score.objects.filter(
        rating__assignment__membership__study=simulated, rating__assignment__kind="main"
    ).values_list(
        "rating__assignment__sampled_item__item_version__item__key",
        "criterion__code",
        "rating__assignment__membership__user__username",
        "value",
        "code",
    )

    # 60% of 9 and of 3 items, five criteria, five raters
    assert len(scores) == (5 + 2) * len(CODES) * 5
    for key, code, username, value, missing in scores:
        score = expected[rows[key], CODES.index(code), SIMULATED_RATERS.index(username)]
        if np.isnan(score):
            assert (value, missing) == (None, "not_applicable")
        else:
            assert (float(value), missing) == (score, "")


def test_the_second_run_says_so_and_changes_nothing(loaded):
    before = everything()
    printed = load()

    assert "all there; nothing was changed" in printed
    assert "rater5" in printed
    assert everything() == before


@pytest.mark.django_db
def test_a_run_that_was_stopped_is_taken_up_again(tmp_path, monkeypatch):
    count = 0
    submit = simulation.submit_rating

    def submit_some(**arguments):
        nonlocal count
        count += 1
        if count == 12:
            raise KeyboardInterrupt
        return submit(**arguments)

    with undone_demonstration(tmp_path / "data"):
        monkeypatch.setattr(simulation, "submit_rating", submit_some)
        with pytest.raises(KeyboardInterrupt):
            load()
        kept = set(Rating.objects.values_list("pk", flat=True))
        assert len(kept) == 11
        assert "<code>" not in Client().get(reverse("accounts:log_in")).content.decode()

        assert "The demonstration is loaded." in load()
        assert kept < set(Rating.objects.values_list("pk", flat=True))
        states = dict(Study.objects.values_list("simulated", "state"))
        assert states == {True: Study.State.CLOSED, False: Study.State.RUNNING}
        assert Dataset.objects.get().imports.count() == 1


@pytest.mark.django_db
def test_outside_a_demonstration_nothing_is_made(settings, tmp_path):
    settings.DEMONSTRATION = False
    settings.DATA_FOLDER = tmp_path / "data"
    with pytest.raises(CommandError, match="STS_QA_DEMONSTRATION=true"):
        load()
    assert not User.objects.exists()
    assert not settings.DATA_FOLDER.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["somebody", "coordinator"])
def test_an_installation_for_real_work_is_left_alone(settings, tmp_path, username):
    settings.DEMONSTRATION = True
    settings.DATA_FOLDER = tmp_path / "data"
    make_user(username, coordinator=True)
    with pytest.raises(CommandError, match="nothing was added"):
        load()
    assert User.objects.count() == 1
    assert not settings.DATA_FOLDER.exists()


@pytest.mark.django_db
def test_log_ins_of_a_demonstration_are_no_file_that_tells_more(tmp_path):
    with undone_demonstration(tmp_path / "data"):
        loading.folder.claim()
        loading.folder.complete(loading.accounts.log_ins())
        content = json.loads((tmp_path / "data" / "demonstration_log_ins.json").read_text())
    assert {tuple(entry) for entry in content} == {("username", "password", "role")}
