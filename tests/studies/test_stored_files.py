"""What studies need stays in the volume store, whatever its limit."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sts_qa.catalogue import files, store_limit
from sts_qa.jobs.running import run_job
from sts_qa.studies.actions import (
    add_member,
    close_study,
    create_study,
    draw_sample,
    pause_study,
    start_study,
)
from sts_qa.studies.models import Study
from tests.factories import make_protocol_version, make_user

# Real transactions: nothing is removed within one
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(dataset, coordinator, settings, tmp_path) -> Study:
    """A running study of the whole dataset."""
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()
    settings.STORE_LIMIT_BYTES = 0
    study = create_study(
        name="Whole",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        fraction=Decimal(1),
        practice_items=0,
        seed=3,
    )
    add_member(study=study, user=make_user(), acting_user=coordinator)
    study = draw_sample(study=study, acting_user=coordinator)
    assert run_job(start_study(study=study, acting_user=coordinator)).state == "done"
    # The sizes in the catalogue are made up; those of the files count
    for unit in study.sample.select_related("item_version__mask"):
        for file in (unit.item_version, unit.item_version.mask):
            if file is not None:
                file.size_bytes = Path(file.location).stat().st_size
                file.save()
    return Study.objects.get(pk=study.pk)


def _enforce(settings) -> set[str]:
    """Set the smallest limit; return the checksums whose stores are left."""
    newest = settings.DATA_FOLDER / "previews" / "00" / "newest.png"
    newest.parent.mkdir(parents=True, exist_ok=True)
    newest.write_bytes(b"A picture that was asked for last is never removed.")
    settings.STORE_LIMIT_BYTES = 1
    store_limit.keep_within_limit()
    return {path.name.split(".")[0] for path in settings.DATA_FOLDER.glob("store/*/*")}


@pytest.mark.parametrize("state", ["drawn", "running", "paused"])
def test_images_and_masks_of_a_study_that_is_not_closed_stay(study, coordinator, settings, state):
    if state == "paused":
        pause_study(study=study, acting_user=coordinator)
    if state == "drawn":
        Study.objects.filter(pk=study.pk).update(state=Study.State.DRAFT)
    volumes = [unit.item_version for unit in study.sample.filter(kind="main")]
    volumes = [version for version in volumes if version.item.kind == "volume"]
    expected = {version.sha256 for version in volumes}
    expected |= {version.mask.sha256 for version in volumes if version.mask}
    assert len(expected) == 2, "all volumes are equal, and all masks"
    assert _enforce(settings) == expected


def test_those_of_a_closed_study_go_and_can_be_made_again(study, coordinator, settings):
    close_study(study=study, acting_user=coordinator)
    version = next(
        unit.item_version for unit in study.sample.all() if unit.item_version.item.kind == "volume"
    )
    assert _enforce(settings) == set()
    assert files.open_volume(version).shape == (16, 12, 10)
