"""The demonstration's folder tree: STS-Tooth layout, planned contents, planted mistakes."""

import gzip
import hashlib
from collections import Counter
from dataclasses import replace

import cv2
import nibabel
import numpy as np
import pytest
from scipy import ndimage

from sts_qa.science.phantoms.demonstration import (
    RADIOGRAPH,
    VOLUME,
    PlannedItem,
    demonstration_plan,
    latent_qualities,
)
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.tree import item_files, spoil_mask, write_demonstration

CODES = ["contrast", "sharpness", "artifacts", "pixel_accuracy", "boundary_accuracy", "iqsc"]
PLAIN = PlannedItem("a.png", "m.png", "A-PXI", "panoramic", seed=5)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demonstration")
    return folder, write_demonstration(folder, seed=2025)


def test_counts_by_category_and_label(written):
    _, items = written
    assert Counter((item.category, item.labelled) for item in items) == {
        ("A-PXI", True): 6, ("A-PXI", False): 24,
        ("C-PXI", True): 4, ("C-PXI", False): 8,
        ("STS-3D-Tooth", True): 2, ("STS-3D-Tooth", False): 4,
    }  # fmt: skip
    assert sum(item.kind == RADIOGRAPH for item in items) == 3


def test_files_are_those_of_the_plan_in_the_folders_of_the_dataset(written):
    folder, items = written
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    keys = {item.key for item in items} | {item.mask_key for item in items if item.labelled}
    assert files == keys
    assert {key.rsplit("/", 1)[0] for key in files} == {
        f"{top}/{part}"
        for top in (
            "STS-2D-Tooth/A-PXI",
            "STS-2D-Tooth/C-PXI",
            "STS-3D-Tooth/ROI",
            "STS-3D-Tooth/Integrity",
        )
        for part in ("Labeled/Image", "Labeled/Mask", "Unlabeled/Image")
    }


def test_masks_fit_their_images(written):
    folder, items = written
    for item in items:
        if not item.labelled:
            continue
        if item.kind == VOLUME:
            image, mask = (nibabel.load(folder / key) for key in (item.key, item.mask_key))
            assert image.shape == mask.shape
            assert np.allclose(image.affine, mask.affine)
            assert set(np.unique(np.asarray(mask.dataobj))) == {0, 1}
        else:
            image, mask = (
                cv2.imread(str(folder / key), cv2.IMREAD_UNCHANGED)
                for key in (item.key, item.mask_key)
            )
            assert image.shape == mask.shape == (320, 640)
            assert set(np.unique(mask)) == {0, 255}


def test_an_item_is_written_with_the_same_bytes_again(written):
    folder, items = written
    some = [items[0], next(item for item in items if item.kind == VOLUME)]
    for item in some:
        for key, content in item_files(item).items():
            assert (
                hashlib.sha256(content).digest()
                == hashlib.sha256((folder / key).read_bytes()).digest()
            )


def test_volumes_carry_no_time_of_writing(written):
    folder, items = written
    for item in items:
        if item.kind == VOLUME:
            content = (folder / item.key).read_bytes()
            assert content[4:8] == bytes(4)
            assert len(gzip.decompress(content)) > 352


def test_no_two_images_are_alike(written):
    folder, items = written
    checksums = [hashlib.sha256((folder / item.key).read_bytes()).digest() for item in items]
    assert len(set(checksums)) == len(items)


def test_plan_depends_on_the_seed_alone():
    assert demonstration_plan(1) == demonstration_plan(1)
    assert demonstration_plan(1) != demonstration_plan(2)


def test_a_tooth_left_out_of_the_mask():
    phantom = panoramic_phantom(5, missing_teeth=0)
    spoiled = spoil_mask(phantom.mask, phantom.teeth, replace(PLAIN, teeth_left_out=2))
    lost = np.unique(phantom.teeth[(phantom.mask > 0) & (spoiled == 0)])
    assert len(lost) == 2
    assert not (spoiled > 0)[np.isin(phantom.teeth, lost)].any()
    assert ((spoiled > 0) <= (phantom.mask > 0)).all()


def test_a_grown_mask_reaches_its_pixels_over_the_edge():
    phantom = panoramic_phantom(5)
    grown = spoil_mask(phantom.mask, phantom.teeth, replace(PLAIN, mask_growth=1)) > 0
    outside = ndimage.distance_transform_cdt(phantom.mask == 0, metric="taxicab")
    assert np.array_equal(grown, outside <= 1)
    assert np.array_equal(spoil_mask(phantom.mask, phantom.teeth, PLAIN), phantom.mask)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"contrast": 0.5}, "contrast"),
        ({"blur": 2.0}, "sharpness"),
        ({"streaks": 40.0}, "artifacts"),
        ({"teeth_left_out": 2}, "pixel_accuracy"),
        ({"mask_growth": 1}, "boundary_accuracy"),
        ({"blur": 2.0}, "iqsc"),
    ],
)
def test_a_fault_lowers_the_quality_it_belongs_to(change, code):
    good, bad = latent_qualities([PLAIN, replace(PLAIN, **change)], CODES)
    assert bad[CODES.index(code)] < good[CODES.index(code)] - 0.1
    kept = [number for number, name in enumerate(CODES) if name not in (code, "iqsc")]
    if code != "iqsc":
        assert np.allclose(good[kept], bad[kept])


def test_mask_criteria_do_not_apply_without_a_mask():
    items = demonstration_plan(2025)
    latent = latent_qualities(items, CODES)
    without = np.array([not item.labelled for item in items])
    assert np.isnan(latent[without][:, 3:5]).all()
    rest = np.delete(latent, [3, 4], axis=1)
    assert np.isfinite(rest).all()
    assert np.isfinite(latent[~without]).all()
    assert 0 <= np.nanmin(latent) <= np.nanmax(latent) <= 1
