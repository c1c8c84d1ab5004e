"""Importing a folder: what becomes of its files, and what a second import changes."""

from __future__ import annotations

import hashlib
import hmac
import shutil

import numpy as np
import pytest

from sts_qa.audit.models import Event
from sts_qa.audit.queries import events_of
from sts_qa.catalogue.models import (
    Category,
    ImportEntry,
    Item,
    ItemVersion,
    MaskVersion,
)
from sts_qa.catalogue.queries.imports import dataset_hash
from tests.catalogue.folders import SPACING, mask_png, mask_volume, png, volume

pytestmark = pytest.mark.django_db

LABELLED = "STS-2D-Tooth/A-PXI/Labeled"
UNLABELLED = "STS-2D-Tooth/C-PXI/Unlabeled"


def tree() -> dict[str, bytes]:
    return {
        f"{LABELLED}/Image/a.png": png(1),
        f"{LABELLED}/Mask/a.png": mask_png(),
        f"{UNLABELLED}/Image/c.png": png(2),
        "STS-3D-Tooth/ROI/Labeled/Image/r.nii.gz": volume(3),
        "STS-3D-Tooth/ROI/Labeled/Mask/r.nii.gz": mask_volume(),
    }


def counts(run) -> dict[str, int]:
    return {outcome: count for outcome, count in run.summary["counts"].items() if count}


def entries(run, outcome) -> dict[str, tuple[str, str]]:
    rows = run.entries.filter(outcome=outcome)
    return {entry.key: (entry.reason_code, entry.reason) for entry in rows}


def rows_in_catalogue() -> list[int]:
    return [model.objects.count() for model in (Category, Item, ItemVersion, MaskVersion, Event)]


def test_a_plan_changes_nothing(dataset, plan, write):
    before = rows_in_catalogue()
    run = plan(dataset, write(tree()))
    assert run.state == run.State.PLANNED
    assert counts(run) == {"new": 3}
    assert rows_in_catalogue() == before


def test_facts_of_images_and_masks_are_stored(dataset, bring_in, write):
    files = tree()
    bring_in(dataset, write(files))

    item = Item.objects.get(key=f"{LABELLED}/Image/a.png")
    version = item.current_version
    assert (item.category.name, item.category.group) == ("A-PXI", "STS-2D-Tooth")
    assert (item.labelled, item.kind, item.state) == (True, "radiograph", "present")
    assert version.sha256 == hashlib.sha256(files[item.key]).hexdigest()
    assert version.size_bytes == len(files[item.key])
    assert (version.number, version.shape, version.dtype) == (1, [16, 32], "uint8")
    assert (version.spacing, version.orientation, version.affine) == (None, "", None)
    mask_key = f"{LABELLED}/Mask/a.png"
    assert version.mask.sha256 == hashlib.sha256(files[mask_key]).hexdigest()
    assert (version.mask.key, version.mask.values) == (mask_key, [0, 255])
    assert (version.mask.nonzero, version.mask.extent) == (40, [[4, 7], [10, 19]])

    item = Item.objects.get(key="STS-3D-Tooth/ROI/Labeled/Image/r.nii.gz")
    version = item.current_version
    assert (item.category.name, item.category.group) == ("STS-3D-Tooth", "")
    assert (item.kind, item.attributes) == ("volume", {"region": "ROI"})
    assert (version.shape, version.dtype, version.orientation) == ([6, 5, 4], "int16", "RAS")
    assert version.spacing == pytest.approx([0.3, 0.3, 0.3])
    assert np.allclose(version.affine, SPACING)
    assert version.mask.nonzero == 4


def test_categories_stand_in_the_order_of_the_paper(dataset, bring_in, write):
    bring_in(dataset, write(tree()))
    assert [category.name for category in dataset.categories.all()] == [
        "A-PXI",
        "C-PXI",
        "STS-3D-Tooth",
    ]


def test_the_same_folder_again_changes_nothing(dataset, bring_in, write):
    root = write({**tree(), "STS-2D-Tooth/A-PXI/Labeled/Image/bad.png": b"no png"})
    bring_in(dataset, root)
    before = rows_in_catalogue()
    run = bring_in(dataset, root)
    assert counts(run) == {"unchanged": 3, "error": 1}
    assert run.summary["to_apply"] == 0
    assert rows_in_catalogue() == before


def test_a_changed_image_is_a_new_version_of_its_item_only(dataset, bring_in, write):
    root = write(tree())
    bring_in(dataset, root)
    key = f"{LABELLED}/Image/a.png"
    old = {item.key: item.current_version_id for item in Item.objects.all()}
    first = ItemVersion.objects.get(item__key=key)

    write({key: png(99)})
    run = bring_in(dataset, root)

    assert counts(run) == {"changed": 1, "unchanged": 2}
    item = Item.objects.get(key=key)
    assert item.current_version.number == 2
    assert item.current_version.mask_id == first.mask_id
    assert ItemVersion.objects.get(pk=first.pk).sha256 == first.sha256
    now = {item.key: item.current_version_id for item in Item.objects.all()}
    assert {key for key in now if now[key] != old[key]} == {key}


def test_a_changed_mask_is_a_new_version_of_mask_and_item(dataset, bring_in, write):
    root = write(tree())
    bring_in(dataset, root)
    write({f"{LABELLED}/Mask/a.png": mask_png(value=1)})
    bring_in(dataset, root)
    version = Item.objects.get(key=f"{LABELLED}/Image/a.png").current_version
    assert (version.number, version.mask.number, version.mask.values) == (2, 2, [0, 1])


def test_a_change_that_leaves_size_and_time_alone_is_seen(dataset, bring_in, write):
    import os

    root = write({"c/a.bmp": b""})
    pixels = np.full((8, 8), 7, np.uint8)
    import cv2

    path = root / "c/a.bmp"
    path.write_bytes(cv2.imencode(".bmp", pixels)[1].tobytes())
    bring_in(dataset, root)
    status = path.stat()
    pixels[0, 0] = 8
    path.write_bytes(cv2.imencode(".bmp", pixels)[1].tobytes())
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert counts(bring_in(dataset, root)) == {"changed": 1}


def test_a_file_that_is_gone_is_missing_and_nothing_is_deleted(dataset, bring_in, write):
    root = write(tree())
    bring_in(dataset, root)
    key = f"{UNLABELLED}/Image/c.png"
    before = rows_in_catalogue()[:4]
    (root / key).unlink()

    run = bring_in(dataset, root)
    assert counts(run) == {"missing": 1, "unchanged": 2}
    assert rows_in_catalogue()[:4] == before
    assert Item.objects.get(key=key).state == Item.State.MISSING

    write({key: tree()[key]})
    run = bring_in(dataset, root)
    assert counts(run) == {"changed": 1, "unchanged": 2}
    item = Item.objects.get(key=key)
    assert (item.state, item.current_version.number) == (Item.State.PRESENT, 1)


def test_an_unreadable_image_is_counted_and_does_not_stop_the_rest(dataset, bring_in, write):
    root = write({**tree(), f"{UNLABELLED}/Image/bad.png": png(5)[:100]})
    run = bring_in(dataset, root)
    assert counts(run) == {"new": 3, "error": 1}
    item = Item.objects.get(key=f"{UNLABELLED}/Image/bad.png")
    assert (item.state, item.current_version, item.labelled) == ("unreadable", None, False)
    assert item.category.name == "C-PXI"
    assert item.state_reason == entries(run, "error")[item.key][1] != ""

    write({item.key: png(5)})
    bring_in(dataset, root)
    item.refresh_from_db()
    assert (item.state, item.state_reason, item.current_version.number) == ("present", "", 1)


def test_an_image_that_becomes_unreadable_keeps_its_version(dataset, bring_in, write):
    root = write(tree())
    bring_in(dataset, root)
    key = f"{UNLABELLED}/Image/c.png"
    write({key: b""})
    bring_in(dataset, root)
    item = Item.objects.get(key=key)
    assert (item.state, item.current_version.number) == ("unreadable", 1)


@pytest.mark.parametrize(
    ("image", "mask", "error"),
    [
        (png(1), mask_png((16, 31)), "shape"),
        (png(1), None, "missing"),
        (png(1), b"no png", "unreadable"),
        (volume(1), mask_volume((6, 5, 3)), "shape"),
        (volume(1), mask_volume(affine=np.diag([0.3, 0.3, 0.31, 1])), "affine"),
    ],
)
def test_an_item_whose_mask_does_not_fit_is_held_back(dataset, bring_in, write, image, mask, error):
    ending = "png" if image == png(1) else "nii.gz"
    files = {f"A-PXI/Labeled/Image/a.{ending}": image}
    if mask is not None:
        files[f"A-PXI/Labeled/Mask/a.{ending}"] = mask
    root = write(files)
    run = bring_in(dataset, root)
    assert counts(run) == {"held_back": 1}
    item = Item.objects.get()
    assert item.labelled
    assert item.current_version.mask_error == error
    assert item.current_version.mask_error_reason
    assert (item.current_version.mask is not None) == (error in ("shape", "affine"))
    assert bring_in(dataset, root).summary["to_apply"] == 0


def test_a_mask_within_a_hundredth_of_a_voxel_fits(dataset, bring_in, write):
    near = SPACING.copy()
    near[0, 3] += 0.009 * 0.3
    root = write({"c/images/a.nii.gz": volume(1), "c/masks/a.nii.gz": mask_volume(affine=near)})
    assert counts(bring_in(dataset, root)) == {"new": 1}


def test_a_labelled_item_is_never_turned_into_an_unlabelled_one(dataset, bring_in, write):
    root = write({"c/images/a.png": png(1), "c/masks/a.png": mask_png()})
    bring_in(dataset, root)
    shutil.rmtree(root / "c/masks")
    run = bring_in(dataset, root)
    assert counts(run) == {"held_back": 1}
    item = Item.objects.get()
    assert (item.labelled, item.current_version.mask_error) == (True, "missing")


def test_a_mended_mask_frees_the_item(dataset, bring_in, write):
    root = write({"c/images/a.png": png(1), "c/masks/a.png": b"bad"})
    bring_in(dataset, root)
    write({"c/masks/a.png": mask_png()})
    run = bring_in(dataset, root)
    assert counts(run) == {"changed": 1}
    version = Item.objects.get().current_version
    assert (version.number, version.mask_error, version.mask.nonzero) == (2, "", 40)


def test_a_refused_file_makes_its_item_unreadable(dataset, bring_in, write):
    root = write({"c/a.png": png(1), "c/b.png": png(2)})
    bring_in(dataset, root)
    write({"c/A.png": png(3)})
    run = bring_in(dataset, root)
    assert set(entries(run, "error")) == {"c/a.png", "c/A.png"}
    assert Item.objects.get(key="c/a.png").state == Item.State.UNREADABLE
    assert not Item.objects.filter(key="c/A.png").exists()


def test_an_empty_folder_is_an_error_and_not_a_dataset_of_missing_files(
    dataset, bring_in, plan, write
):
    root = write(tree())
    bring_in(dataset, root)
    shutil.rmtree(root / "STS-2D-Tooth")
    shutil.rmtree(root / "STS-3D-Tooth")
    run = plan(dataset, root)
    assert (run.state, run.job.state) == ("failed", "failed")
    assert f"“{root.name}”" in run.job.error


def test_the_same_files_at_another_place_only_get_a_new_place(dataset, bring_in, write, tmp_path):
    bring_in(dataset, write(tree()))
    moved = write(tree(), tmp_path / "moved")
    run = bring_in(dataset, moved)
    assert counts(run) == {"unchanged": 3}
    dataset.refresh_from_db()
    assert dataset.root == str(moved)
    for item in Item.objects.all():
        assert item.current_version.number == 1
        assert item.current_version.location.startswith(str(moved))
    assert bring_in(dataset, moved).summary["to_apply"] == 0


def test_files_are_kept_by_checksum_when_asked(dataset, bring_in, write, settings):
    root = write(tree())
    run = bring_in(dataset, root, keep_files=True)
    sizes = sum(len(content) for content in tree().values())
    assert run.summary["kept_bytes"] == sizes
    shutil.rmtree(root)
    for key, content in tree().items():
        sha256 = hashlib.sha256(content).hexdigest()
        ending = ".nii.gz" if key.endswith(".nii.gz") else ".png"
        kept = settings.DATA_FOLDER / "kept" / sha256[:2] / (sha256 + ending)
        assert kept.read_bytes() == content
    places = set(ItemVersion.objects.values_list("location", flat=True))
    assert all(place.startswith(str(settings.DATA_FOLDER / "kept")) for place in places)


def test_subject_and_source_are_stored_as_salted_codes_only(dataset, bring_in, write):
    table = "category,image,subject,source\nc,a.png,Li Wei 1984,Clinic 7\nc,b.png,Li Wei 1984,\n"
    root = write({"a.png": png(1), "b.png": png(2), "manifest.csv": table.encode()})
    bring_in(dataset, root)
    first, second = Item.objects.order_by("key")
    digest = hmac.new(dataset.subject_salt.encode(), b"subject:Li Wei 1984", "sha256").hexdigest()
    assert first.subject == second.subject == digest
    assert len(first.source) == 8
    assert second.source == ""
    stored = repr(list(ImportEntry.objects.values())) + repr(list(Item.objects.values()))
    stored += repr(list(Event.objects.values()))
    assert "Li Wei" not in stored
    assert "Clinic" not in stored


def test_details_of_a_manifest_change_without_a_new_version(dataset, bring_in, write):
    root = write({"a.png": png(1), "manifest.csv": b"category,image,subject\nc,a.png,p1\n"})
    bring_in(dataset, root)
    write({"manifest.csv": b"category,group,image\nd,G,a.png\n"})
    run = bring_in(dataset, root)
    assert counts(run) == {"changed": 1}
    item = Item.objects.get()
    assert (item.category.name, item.category.group) == ("d", "G")
    assert item.current_version.number == 1
    assert item.subject != ""


def test_an_image_that_the_manifest_no_longer_names_is_missing(dataset, bring_in, write):
    files = {"a.png": png(1), "b.png": png(2)}
    root = write({**files, "manifest.csv": b"category,image\nc,a.png\nc,b.png\n"})
    bring_in(dataset, root)
    write({"manifest.csv": b"category,image\nc,a.png\n"})
    run = bring_in(dataset, root)
    assert counts(run) == {"missing": 1, "unchanged": 1}


def test_an_import_is_recorded_once_and_each_changed_item_with_it(dataset, bring_in, write):
    root = write(tree())
    bring_in(dataset, root)
    key = f"{LABELLED}/Image/a.png"
    write({key: png(77)})
    bring_in(dataset, root)
    events = events_of(f"dataset:{dataset.pk}")
    actions = [event.action for event in events]
    assert actions == [
        "dataset.created",
        "dataset.member_added",
        "dataset.items_added",
        "dataset.imported",
        "dataset.items_changed",
        "dataset.imported",
    ]
    item = Item.objects.get(key=key)
    assert events[2].details["items"] == dataset.items.count()
    assert events[4].details["items"] == [
        {"item": item.pk, "version": 2, "checksum": item.current_version.checksum}
    ]
    assert events[5].details["dataset_hash"] == dataset_hash(dataset)
    assert events[5].details["counts"]["changed"] == 1


def test_the_hash_of_a_dataset_can_be_worked_out_by_hand(dataset, bring_in, write):
    files = {"c/b.png": png(1), "c/a.png": png(2), "c/é.png": png(3)}
    bring_in(dataset, write(files))
    lines = b"".join(
        key.encode() + b"\0" + hashlib.sha256(files[key]).hexdigest().encode() + b"\n"
        for key in ("c/a.png", "c/b.png", "c/é.png")
    )
    assert dataset_hash(dataset) == hashlib.sha256(lines).hexdigest()


def test_hostile_text_in_names_reaches_the_catalogue_as_it_is(dataset, bring_in, write):
    names = ["<script>alert(1)</script>", "'; DROP TABLE item;--", "a\nb", "%s%n", "😀", "\u202eb"]
    root = write({f"c/{name.replace('/', '_')}.png": png(i) for i, name in enumerate(names)})
    run = bring_in(dataset, root)
    assert counts(run) == {"new": len(names)}
