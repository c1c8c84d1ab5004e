"""Importing further masks: which item each belongs to, what is refused, and what stays as it is."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from sts_qa.audit.models import Event
from sts_qa.catalogue import mask_work
from sts_qa.catalogue.actions import start_mask_import
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.extensions import NEEDED_CHECKSUMS
from sts_qa.catalogue.models import Item, MaskVersion
from sts_qa.catalogue.queries.further_masks import (
    further_masks_of,
    newest_further_masks,
)
from sts_qa.catalogue.queries.imports import dataset_hash
from sts_qa.catalogue.queries.stores import volume_files
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import JobReturned, run_job
from sts_qa.science.phantoms.files import nifti_bytes
from sts_qa.studies.queries.stored_files import stored_files
from tests.catalogue.folders import SPACING, mask_png, mask_volume, png, volume

pytestmark = pytest.mark.usefixtures("unlimited_store")

NAME = "Annotator 2"
A, C = "A-PXI/Labeled/Image", "C-PXI/Labeled/Image"
V = "STS-3D-Tooth/ROI/Labeled/Image"
TREE = {
    f"{A}/1.png": png(1),
    "A-PXI/Labeled/Mask/1.png": mask_png(),
    f"{A}/2.png": png(2),
    "A-PXI/Labeled/Mask/2.png": mask_png(),
    f"{A}/case_0000.png": png(3),
    "A-PXI/Labeled/Mask/case.png": mask_png(),
    f"{C}/1.png": png(4),
    "C-PXI/Labeled/Mask/1.png": mask_png(),
    f"{V}/1.nii.gz": volume(5),
    "STS-3D-Tooth/ROI/Labeled/Mask/1.nii.gz": mask_volume(),
}


def other_png(value: int = 1) -> bytes:
    """A mask with other bytes than the items' own."""
    return mask_png(value=value)


@pytest.fixture
def filled(dataset, write, bring_in):
    bring_in(dataset, write(TREE))
    assert dataset.items.count() == 5
    return dataset


@pytest.fixture
def masks(tmp_path) -> Path:
    folder = tmp_path / "further"
    folder.mkdir()
    return folder


@pytest.fixture
def bring_masks(filled, write, masks, owner):
    """Return a function that writes masks into a folder and imports it; its finished job."""

    def import_folder(files: dict[str, bytes], *, name: str = NAME, **options) -> Job:
        folder = write(files, options.pop("folder", masks))
        job = start_mask_import(
            dataset=filled, root=str(folder), name=name, acting_user=owner, **options
        )
        return run_job(job)

    return import_folder


def counts(job: Job) -> tuple[int, int, int, int]:
    assert job.state == Job.State.DONE, job.error
    found = job.result
    return found["added"], found["changed"], found["unchanged"], found["refused"]


def reasons(job: Job) -> dict[str, str]:
    return {error["where"]: error["reason"] for error in job.result["errors"]}


def further() -> dict[str, list[int]]:
    """The numbers of further masks by the item's key."""
    found: dict[str, list[int]] = {}
    for mask in MaskVersion.objects.exclude(name="").order_by("number"):
        found.setdefault(mask.item.key, []).append(mask.number)
    return found


def test_a_mask_is_stored_under_its_name_with_its_facts(bring_masks, filled, masks, owner):
    content = other_png()
    assert counts(bring_masks({"2.png": content})) == (1, 0, 0, 0)
    mask = MaskVersion.objects.get(name=NAME)
    assert (mask.item.key, mask.number, mask.key) == (f"{A}/2.png", 1, "2.png")
    assert mask.sha256 == hashlib.sha256(content).hexdigest()
    assert (mask.size_bytes, mask.location) == (len(content), str(masks / "2.png"))
    assert (mask.shape, mask.dtype, mask.values) == ([16, 32], "uint8", [0, 1])
    assert (mask.nonzero, mask.extent) == (40, [[4, 7], [10, 19]])


def test_the_import_is_on_record_without_the_name_in_the_log(bring_masks, filled, owner):
    content = other_png()
    bring_masks({"2.png": content})
    event = Event.objects.get(action="dataset.masks_added")
    line = f"{A}/2.png\0001\000{hashlib.sha256(content).hexdigest()}\n"
    assert event.chain.name == f"dataset:{filled.pk}"
    assert event.actor == str(owner.opaque_id)
    assert event.details["masks"] == 1
    assert event.details["sha256"] == hashlib.sha256(line.encode()).hexdigest()
    assert event.details["changed"] == []
    assert event.note == NAME
    assert NAME not in str(event.details)


def test_the_same_folder_again_changes_nothing(bring_masks):
    files = {"2.png": other_png(), "case.png": other_png()}
    assert counts(bring_masks(files)) == (2, 0, 0, 0)
    before = list(MaskVersion.objects.values()), Event.objects.count()
    assert counts(bring_masks(files)) == (0, 0, 2, 0)
    assert (list(MaskVersion.objects.values()), Event.objects.count()) == before


def test_a_changed_file_is_the_next_version_and_the_first_one_stays(bring_masks):
    bring_masks({"2.png": other_png(1)})
    first = MaskVersion.objects.filter(name=NAME).values().get()
    assert counts(bring_masks({"2.png": other_png(2)})) == (0, 1, 0, 0)
    assert MaskVersion.objects.filter(name=NAME, number=1).values().get() == first
    second = MaskVersion.objects.get(name=NAME, number=2)
    event = Event.objects.filter(action="dataset.masks_added").latest("pk")
    assert event.details["changed"] == [
        {"item": second.item_id, "number": 2, "checksum": second.sha256}
    ]
    # Only the newest is what a file is compared with
    assert counts(bring_masks({"2.png": other_png(1)})) == (0, 1, 0, 0)
    assert further() == {f"{A}/2.png": [1, 2, 3]}


def test_names_are_apart(bring_masks, filled):
    bring_masks({"2.png": other_png()})
    assert counts(bring_masks({"2.png": other_png()}, name="Model 3")) == (1, 0, 0, 0)
    bring_masks({"2.png": other_png(2)})
    item = filled.items.get(key=f"{A}/2.png")
    newest = newest_further_masks([item.pk])
    assert [(mask.name, mask.number) for mask in newest[item.pk]] == [(NAME, 2), ("Model 3", 1)]
    only = newest_further_masks([item.pk], name="Model 3")
    assert [mask.name for mask in only[item.pk]] == ["Model 3"]
    listed = [(mask.name, mask.number) for mask in further_masks_of(item)]
    assert listed == [(NAME, 2), (NAME, 1), ("Model 3", 1)]


def test_items_without_further_masks_have_none(bring_masks, filled):
    assert newest_further_masks(filled.items.values_list("pk", flat=True)) == {}


@pytest.mark.parametrize(
    ("file", "item"),
    [
        ("2.png", f"{A}/2.png"),
        ("2_mask.png", f"{A}/2.png"),
        ("case.png", f"{A}/case_0000.png"),
        ("case_0000.png", f"{A}/case_0000.png"),
        ("A-PXI/1.png", f"{A}/1.png"),
        ("C-PXI/1.png", f"{C}/1.png"),
        ("c pxi/1_seg.png", f"{C}/1.png"),
        ("C-PXI/Labeled/Mask/1.png", f"{C}/1.png"),
        ("Labeled/2.png", f"{A}/2.png"),
        ("1.nii.gz", f"{V}/1.nii.gz"),
        ("1.nii", f"{V}/1.nii.gz"),
    ],
)
def test_names_and_folders_lead_to_the_item(bring_masks, file, item):
    content = other_png()
    if ".nii" in file:
        voxels = np.ones((6, 5, 4), np.uint8)
        content = nifti_bytes(voxels, SPACING)
    if file.endswith(".nii"):
        content = gzip.decompress(content)
    assert counts(bring_masks({file: content})) == (1, 0, 0, 0)
    assert further() == {item: [1]}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"3.png": other_png()}, "The dataset has no radiograph of this name"),
        ({"2.nii.gz": mask_volume()}, "The dataset has no volume of this name"),
        ({"C-PXI/2.png": other_png()}, "lies in other folders of the dataset"),
        ({"Unlabeled/2.png": other_png()}, "lies in other folders of the dataset"),
        ({"fold 1/2.png": other_png()}, "lies in other folders of the dataset"),
        ({"1.png": other_png()}, "The mask 1.png fits more than one image."),
        ({"2.png": other_png(), "2_gt.png": other_png(2)}, "More than one mask fits: 2.png, 2_gt"),
        ({"2.png": other_png(), "A-PXI/2.png": other_png(2)}, "More than one mask fits"),
        ({"2.png": b""}, "The file is empty"),
        ({"2.png": b"no image"}, "This is not a PNG"),
        ({"2.dcm": b"x"}, "DICOM"),
        ({"2.png": mask_png((8, 8))}, "The image has 16 x 32 pixels, the mask 8 x 8."),
        ({"2.png": TREE[f"{A}/2.png"]}, "This is the image itself"),
        (
            {"1.nii.gz": mask_volume(affine=SPACING * [1, 1, 1.5, 1])},
            "Image and mask lie at different places",
        ),
        (
            {"1.nii.gz": mask_volume(shape=(5, 6, 4))},
            "The image has 6 x 5 x 4 pixels, the mask 5 x 6 x 4.",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_file_and_the_rest_is_done(bring_masks, files, said):
    job = bring_masks({**files, "case.png": other_png()})
    assert counts(job) == (1, 0, 0, len(files))
    assert further() == {f"{A}/case_0000.png": [1]}
    assert set(reasons(job)) == set(files)
    assert all(said in reason for reason in reasons(job).values())


def test_one_voxel_in_a_hundred_apart_still_fits(bring_masks):
    near, far = SPACING.copy(), SPACING.copy()
    near[0, 3], far[0, 3] = 0.3 * 0.009, 0.3 * 0.011
    assert counts(bring_masks({"1.nii.gz": mask_volume(affine=far)})) == (0, 0, 0, 1)
    assert counts(bring_masks({"1.nii.gz": mask_volume(affine=near)})) == (1, 0, 0, 0)


def test_images_beside_the_masks_are_no_masks(bring_masks):
    tree = {**TREE, "A-PXI/Labeled/Mask/2.png": other_png()}
    assert counts(bring_masks(tree)) == (5, 0, 0, 0)
    assert all("/Mask/" in mask.key for mask in MaskVersion.objects.filter(name=NAME))


def test_an_image_that_was_never_readable_takes_no_mask(bring_masks, filled, write, bring_in):
    bring_in(filled, write({f"{A}/bad.png": b"x", "A-PXI/Labeled/Mask/bad.png": mask_png()}))
    job = bring_masks({"bad.png": other_png()})
    assert "No import could read the image" in reasons(job)["bad.png"]


def test_links_that_lead_out_are_refused(bring_masks, masks, tmp_path):
    outside = tmp_path / "secret.png"
    outside.write_bytes(other_png())
    (masks / "2.png").symlink_to(outside)
    (tmp_path / "elsewhere").mkdir()
    (masks / "A-PXI").symlink_to(tmp_path / "elsewhere")
    job = bring_masks({"case.png": other_png()})
    assert set(reasons(job)) == {"2.png", "A-PXI"}
    assert all("leads out of the imported folder" in text for text in reasons(job).values())
    assert further() == {f"{A}/case_0000.png": [1]}


def test_file_names_with_odd_signs_are_refused_or_kept_as_they_are(bring_masks, masks):
    Path(os.fsdecode(os.fsencode(masks) + b"/\xff.png")).write_bytes(other_png())
    job = bring_masks({"2 <b>&'.png": other_png(), "牙.png": other_png()})
    assert set(reasons(job)) == {"\\xff.png", "2 <b>&'.png", "牙.png"}
    assert "not UTF-8" in reasons(job)["\\xff.png"]


def test_a_folder_without_masks_is_refused_as_a_whole(bring_masks):
    job = bring_masks({"notes.txt": b"x"})
    assert job.state == Job.State.FAILED
    assert "There are no masks in the folder “further”" in job.error


def test_a_folder_that_is_gone_when_the_job_begins_fails_it(filled, masks, owner, units_here):
    job = start_mask_import(dataset=filled, root=str(masks), name=NAME, acting_user=owner)
    masks.rmdir()
    job = run_job(job)
    assert job.state == Job.State.FAILED
    assert "cannot be listed" in job.error


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ("", "Name the folder"),
        ("nowhere", "There is no folder"),
        ("a\0b", "There is no folder"),
        ("file.txt", "file.txt is not a folder"),
        ("file.csv", "file.csv is not a folder"),
    ],
)
def test_what_is_no_folder_is_refused_at_once(filled, masks, owner, root, said):
    for name in ("file.txt", "file.csv"):
        (masks / name).write_bytes(b"x")
    place = str(masks / root) if root else ""
    with pytest.raises(CatalogueRefused, match=said):
        start_mask_import(dataset=filled, root=place, name=NAME, acting_user=owner)
    assert not Job.objects.filter(kind="import_masks").exists()


def test_pages_open_only_folders_below_the_roots(filled, masks, tmp_path, owner):
    inside = tmp_path / "open"
    inside.mkdir()
    (inside / "link").symlink_to(masks)
    for place in (masks, inside / "link", inside / ".." / "further"):
        with pytest.raises(CatalogueRefused, match="none of the folders open for import"):
            start_mask_import(
                dataset=filled, root=str(place), name=NAME, acting_user=owner, roots=[inside]
            )


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "\u202eb", "x" * 81, "a\ud800"])
def test_names_that_cannot_be_read_are_refused(filled, masks, owner, name):
    with pytest.raises(CatalogueRefused, match="need a name of 1 to 80"):
        start_mask_import(dataset=filled, root=str(masks), name=name, acting_user=owner)


@pytest.mark.parametrize(
    ("name", "stored"),
    [(" Dr. Ö'Neil <b> ", "Dr. Ö'Neil <b>"), ("Mo\u0308ller", "Möller"), ("第二位标注者", None)],
)
def test_any_visible_name_is_kept_in_one_form(bring_masks, name, stored):
    bring_masks({"2.png": other_png()}, name=name)
    assert MaskVersion.objects.exclude(name="").get().name == (stored or name)


def test_a_dry_run_says_the_same_and_writes_nothing(bring_masks, masks):
    bring_masks({"2.png": other_png(1), "case.png": other_png()})
    before = list(MaskVersion.objects.values()), Event.objects.count()
    files = {"2.png": other_png(2), "A-PXI/1.png": other_png(), "9.png": other_png()}
    job = bring_masks(files, dry_run=True)
    assert counts(job) == (1, 1, 1, 1)
    assert (list(MaskVersion.objects.values()), Event.objects.count()) == before
    assert counts(bring_masks(files)) == (1, 1, 1, 1)


def test_masks_are_read_by_other_processes(bring_masks, monkeypatch, settings):
    monkeypatch.undo()
    settings.WORKERS = 1
    job = bring_masks({"2.png": other_png(), "case.png": b"no image"})
    assert counts(job) == (1, 0, 0, 1)
    assert "This is not a PNG" in reasons(job)["case.png"]


def test_the_same_bytes_elsewhere_are_found_there(bring_masks, tmp_path):
    bring_masks({"2.png": other_png()})
    moved = tmp_path / "moved"
    assert counts(bring_masks({"2.png": other_png()}, folder=moved)) == (0, 0, 1, 0)
    mask = MaskVersion.objects.get(name=NAME)
    assert (mask.number, mask.location) == (1, str(moved / "2.png"))


def test_an_interrupted_import_goes_on_and_counts_all_of_its_masks(
    bring_masks, filled, write, masks, owner, monkeypatch
):
    monkeypatch.setattr(mask_work, "BATCH", 1)
    add_masks, calls = mask_work.add_masks, []

    def stops_at_the_second(**keywords):
        calls.append(1)
        if len(calls) == 2:
            raise JobReturned
        return add_masks(**keywords)

    monkeypatch.setattr(mask_work, "add_masks", stops_at_the_second)
    job = bring_masks({"2.png": other_png(), "case.png": other_png()})
    assert (job.state, len(further())) == (Job.State.QUEUED, 1)
    assert counts(run_job(job)) == (2, 0, 0, 0)
    assert further() == {f"{A}/2.png": [1], f"{A}/case_0000.png": [1]}


def test_the_same_import_is_joined_and_another_one_waits(filled, masks, owner):
    def start(name: str) -> Job:
        return start_mask_import(dataset=filled, root=str(masks), name=name, acting_user=owner)

    assert start(NAME) == start(NAME)
    with pytest.raises(CatalogueRefused, match="are being imported"):
        start("Model 3")


def test_nothing_that_raters_or_samples_rest_on_changes(bring_masks, filled):
    def standing():
        items = Item.objects.order_by("pk").values_list("key", "current_version", "labelled")
        own = MaskVersion.objects.filter(name="").order_by("pk").values()
        return list(items), list(own), dataset_hash(filled)

    before = standing()
    bring_masks({"2.png": other_png(), "1.nii.gz": mask_volume(affine=SPACING)})
    assert len(further()) == 2
    assert standing() == before


def test_own_masks_keep_their_own_numbers(bring_masks, bring_in, filled, write):
    bring_masks({"2.png": other_png(1)})
    bring_masks({"2.png": other_png(2)})
    bring_in(filled, write({"A-PXI/Labeled/Mask/2.png": other_png(3)}))
    item = filled.items.get(key=f"{A}/2.png")
    assert (item.current_version.mask.name, item.current_version.mask.number) == ("", 2)


def test_files_are_read_in_place_and_no_store_is_wanted(bring_masks, filled):
    stored, wanted = list(stored_files()), [key for key, _file in volume_files(filled)]
    voxels = np.ones((6, 5, 4), np.uint8)
    bring_masks({"2.png": other_png(), "1.nii.gz": nifti_bytes(voxels, SPACING)})
    assert len(further()) == 2
    checksums = set(MaskVersion.objects.exclude(name="").values_list("sha256", flat=True))
    assert list(stored_files()) == stored
    assert [key for key, _file in volume_files(filled)] == wanted
    assert [ask(checksums) for ask in NEEDED_CHECKSUMS] == [set() for _ask in NEEDED_CHECKSUMS]
