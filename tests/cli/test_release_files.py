"""`manage.py release_files`, on studies with real files."""

from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from sts_qa.audit.models import Event
from sts_qa.catalogue import files
from sts_qa.catalogue.models import ImportRun, ItemVersion
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
from tests.factories import make_item, make_protocol_version, make_user
from tests.studies.conftest import coordinator, dataset  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir()


@pytest.fixture(autouse=True)
def chief():
    return make_user("chief", is_superuser=True)


def release(*options: str) -> str:
    output = StringIO()
    call_command("release_files", *options, stdout=output)
    return output.getvalue()


def stored() -> set[Path]:
    return {path for path in settings.DATA_FOLDER.rglob("*") if path.is_file()}


@pytest.fixture
def started(dataset, coordinator):  # noqa: F811
    def start(name: str, fraction: str = "1") -> Study:
        study = create_study(
            name=name,
            dataset=dataset,
            protocol_version=make_protocol_version(),
            acting_user=coordinator,
            fraction=Decimal(fraction),
            practice_items=0,
            seed=3,
        )
        add_member(study=study, user=make_user(), acting_user=coordinator)
        study = draw_sample(study=study, acting_user=coordinator)
        assert run_job(start_study(study=study, acting_user=coordinator)).state == "done"
        return Study.objects.get(pk=study.pk)

    return start


def test_all_of_a_closed_study_is_removed_and_can_be_made_again(started, coordinator):  # noqa: F811
    study = started("Whole")
    before = stored()
    sizes = sum(path.stat().st_size for path in before)
    # 20 radiographs and their one mask; the equal bytes of 6 volumes, and of 2 masks, are kept once
    assert len(before) == 23
    assert "would be removed: 0" in release("--dry-run")
    close_study(study=study, acting_user=coordinator)

    assert "would be removed: 23" in release("--dry-run")
    assert stored() == before
    output = release()
    assert "removed: 23" in output
    assert all(str(path) in output for path in before)
    assert stored() == set()
    details = Event.objects.get(action="files.released").details
    assert details == {"files": 23, "bytes": sizes}
    assert "removed: 0" in release()
    assert Event.objects.filter(action="files.released").count() == 1

    for unit in study.sample.all():
        is_volume = unit.item_version.item.kind == "volume"
        (files.build_store if is_volume else files.keep)(unit.item_version)
    assert before > stored()


@pytest.mark.parametrize("state", ["drawn", "running", "paused"])
def test_what_an_open_study_has_drawn_stays(started, coordinator, dataset, state):  # noqa: F811
    closed = started("Closed")
    half = started("Half", "0.5")
    if state == "paused":
        pause_study(study=half, acting_user=coordinator)
    if state == "drawn":
        Study.objects.filter(pk=half.pk).update(state=Study.State.DRAFT)
    close_study(study=closed, acting_user=coordinator)
    needed = set()
    for unit in half.sample.all():
        version, mask = unit.item_version, unit.item_version.mask
        path = files.store_path if version.item.kind == "volume" else files.kept_path
        needed |= {path(file) for file in (version, mask) if file}
    assert 0 < len(needed) < 23

    release()
    assert stored() == needed


def test_what_is_gone_or_changed_at_the_source_stays(started, coordinator):  # noqa: F811
    study = started("Whole")
    close_study(study=study, acting_user=coordinator)
    versions = [u.item_version for u in study.sample.filter(stratum__name="unlabelled")[:2]]
    Path(versions[0].location).unlink()
    Path(versions[1].location).write_bytes(b"changed")

    assert "the source file is gone or has changed: 2" in release()
    assert stored() == {files.kept_path(version) for version in versions}


def test_uploaded_bytes_and_what_nothing_names_stay(dataset, tmp_path):  # noqa: F811
    source = tmp_path / "upload.png"
    source.write_bytes(b"uploaded")
    version = make_item(dataset, "A-PXI/upload.png", location=str(source)).current_version
    version.sha256 = files.checksum_of(str(source))
    version.save()
    kept = files.keep(version)
    ItemVersion.objects.filter(pk=version.pk).update(location=str(kept))
    unknown = kept.with_name("f" * 64 + ".png")
    unknown.write_bytes(b"nobody knows")

    output = release()
    assert "no other copy: 1" in output
    assert "of no image or mask known here: 1" in output
    assert stored() == {kept, unknown}


def test_it_waits_for_an_import_that_copies_files(dataset, chief):  # noqa: F811
    ImportRun.objects.create(
        dataset=dataset,
        root="/somewhere",
        layout="folders",
        keep_files=True,
        state=ImportRun.State.APPLYING,
        created_by=chief,
    )
    with pytest.raises(CommandError, match="import"):
        release()


def test_only_superusers_remove_files(coordinator):  # noqa: F811
    with pytest.raises(CommandError, match="superuser"):
        release("--as", "coordinator")
