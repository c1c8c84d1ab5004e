"""Computing metrics of whole masks, and their agreement with further masks."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from sts_qa.catalogue.models import Item, MaskVersion
from sts_qa.measurements.models import Measurement
from sts_qa.science.metrics.compute import of_scope
from tests.measurements.images import (
    AFFINE,
    sha256,
    teeth,
    volume,
    volume_mask,
    write_nifti,
    write_png,
)
from tests.measurements.running_jobs import AGREEMENT, ALL_ROWS, VOLUME_METRICS, run, stored

pytestmark = pytest.mark.django_db


def test_metrics_of_a_whole_mask_have_one_value_per_item(dataset, coordinator):
    run(dataset, coordinator, only=of_scope(VOLUME_METRICS, "mask"))

    labelled, unlabelled = (stored(f"3D/{number}.nii.gz") for number in range(2))
    inside = volume_mask() != 0
    assert labelled["foreground_share"].value == pytest.approx(inside.mean(), rel=1e-12)
    # Axial slices are counted along the third axis of this file: 4 of 8, without a gap
    assert labelled["mask_missing_slices"].value == 0
    assert labelled["mask_slice_dice"].value == 1
    assert {row.slice_values for row in labelled.values()} == {None}
    assert {(row.value, row.reason) for row in unlabelled.values()} == {(None, "no mask")}


def test_the_mask_of_a_volume_of_another_orientation_is_cut_along_its_axial_slices(
    dataset, coordinator, tmp_path
):
    # Stored axes: S, R, A. Teeth on slices 2 to 5 along the first, with a gap of one
    mask = np.moveaxis(volume_mask(), 2, 0).copy()
    mask[3] = 0
    affine = np.array([[0, 0.3, 0, 0], [0, 0, 0.4, 0], [0.5, 0, 0, 0], [0, 0, 0, 1.0]])
    item = Item.objects.get(key="3D/0.nii.gz")
    version = item.current_version
    for file, data in ((version, np.moveaxis(volume(0), 2, 0)), (version.mask, mask)):
        nibabel.save(nibabel.Nifti1Image(data, affine), file.location)
        file.sha256, file.shape = sha256(file.location), [8, 40, 36]
        file.affine, file.spacing = affine.tolist(), [0.5, 0.3, 0.4]
        file.save()
    run(dataset, coordinator, only=["mask_missing_slices", "noise_sigma"])

    rows = stored(item.key)
    assert rows["mask_missing_slices"].value == 1
    assert len(rows["noise_sigma"].slice_values) == 8
    assert rows["noise_sigma"].slice_values[0] is None


def add_further_mask(item: Item, pixels: np.ndarray, *, name: str, number: int = 1) -> MaskVersion:
    own = item.current_version.mask or item.current_version
    path = Path(own.location).parents[1] / name / str(number) / Path(item.key).name
    write = write_nifti if item.kind == "volume" else write_png
    write(path, pixels)
    return MaskVersion.objects.create(
        item=item,
        name=name,
        key=f"{name}/{item.key}",
        number=number,
        sha256=sha256(path),
        size_bytes=path.stat().st_size,
        location=str(path),
        shape=list(pixels.shape),
        dtype="uint8",
        affine=item.current_version.affine,
        nonzero=int(np.count_nonzero(pixels)),
    )


def dice_of(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + second.sum())


def test_the_own_mask_is_compared_with_each_further_one(dataset, coordinator):
    radiograph_item, volume_item = (
        Item.objects.get(key=key) for key in ("A-PXI/01.png", "3D/0.nii.gz")
    )
    own, own_volume = teeth(48, 64), volume_mask() != 0
    moved, grown = np.roll(own, 3, axis=1), np.roll(own_volume, 1, axis=2)
    masks = [
        add_further_mask(radiograph_item, moved.astype(np.uint8), name="model"),
        add_further_mask(radiograph_item, own.astype(np.uint8), name="second reader"),
        add_further_mask(volume_item, grown.astype(np.uint8), name="model"),
    ]
    result = run(dataset, coordinator).result

    assert (result["computed"], result["failed"]) == (6, 0)
    assert Measurement.objects.filter(mask=None).count() == ALL_ROWS
    assert Measurement.objects.exclude(mask=None).count() == 3 * len(AGREEMENT)
    found = dict(Measurement.objects.filter(metric="dice").values_list("mask", "value"))
    assert found == {
        masks[0].pk: pytest.approx(dice_of(own, moved), rel=1e-12),
        masks[1].pk: 1.0,
        masks[2].pk: pytest.approx(dice_of(own_volume, grown), rel=1e-12),
    }
    # One slice of 0.5 mm up
    distance = Measurement.objects.get(mask=masks[2], metric="hausdorff_95").value
    assert distance == pytest.approx(0.5, rel=1e-9)


def test_only_the_newest_of_a_further_mask_is_compared_and_only_once(dataset, coordinator):
    item = Item.objects.get(key="A-PXI/00.png")
    own = teeth(48, 64).astype(np.uint8)
    first = add_further_mask(item, np.roll(own, 3, axis=1), name="model")
    run(dataset, coordinator)
    second = add_further_mask(item, own, name="model", number=2)
    again = run(dataset, coordinator).result
    third = run(dataset, coordinator).result

    assert (again["computed"], again["up_to_date"]) == (1, 5)
    assert (third["computed"], third["up_to_date"]) == (0, 6)
    values = dict(Measurement.objects.filter(metric="dice").values_list("mask", "value"))
    assert set(values) == {first.pk, second.pk}
    assert values[second.pk] == 1.0


def test_masks_that_cannot_be_compared_say_why(dataset, coordinator):
    unlabelled, cut = (Item.objects.get(key=f"A-PXI/0{number}.png") for number in (3, 0))
    add_further_mask(unlabelled, teeth(48, 64).astype(np.uint8), name="model")
    add_further_mask(cut, teeth(48, 60).astype(np.uint8), name="model")
    run(dataset, coordinator, only=["dice"])

    reasons = Measurement.objects.values_list("item_version__item__key", "value", "reason")
    assert set(reasons) == {
        (unlabelled.key, None, "no mask"),
        (cut.key, None, "the further mask does not fit the image"),
    }


def test_a_mask_of_an_image_that_came_again_at_another_place_is_not_compared(dataset, coordinator):
    item = Item.objects.get(key="3D/0.nii.gz")
    add_further_mask(item, volume_mask(), name="model")
    moved = AFFINE.copy()
    moved[0, 3] = 30.0
    version = item.current_version
    for file in (version, version.mask):
        data = np.asarray(nibabel.load(file.location).dataobj)
        nibabel.save(nibabel.Nifti1Image(data, moved), file.location)
        file.sha256, file.affine = sha256(file.location), moved.tolist()
        file.save()
    run(dataset, coordinator, only=list(AGREEMENT))

    rows = Measurement.objects.filter(item_version=version)
    assert {(row.metric, row.value, row.reason) for row in rows} == {
        (name, None, "the further mask does not fit the image") for name in AGREEMENT
    }


def test_a_damaged_further_mask_is_named_and_everything_else_of_the_item_is_measured(
    dataset, coordinator
):
    item = Item.objects.get(key="A-PXI/00.png")
    mask = add_further_mask(item, teeth(48, 64).astype(np.uint8), name="model")
    Path(mask.location).write_bytes(b"nothing")
    result = run(dataset, coordinator).result

    assert (result["computed"], result["failed"]) == (5, 1)
    assert [error["where"] for error in result["errors"]] == ["A-PXI/00.png (model)"]
    assert Measurement.objects.count() == ALL_ROWS
