"""A volume measured in slabs, from its store."""

import hashlib
import pickle

import nibabel
import numpy as np
import pytest

from sts_qa.science.metrics import slabs
from sts_qa.science.metrics.files import join_measured
from sts_qa.science.metrics.slabs import measure_slab
from sts_qa.science.metrics.sources import SourceFile
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.metrics.volumes import VolumeRange, compute_volume, join_slabs

NAMES = [
    name for name, metric in METRICS.items() if metric.scope == "image" and "volume" in metric.kinds
]
# Slices count along the stored axis 1, downwards; their rows lie 0.3 mm apart, columns 0.6 mm
AFFINE = np.array([[0, 0, 0.6, 0], [0.3, 0, 0, 0], [0, -0.5, 0, 0], [0, 0, 0, 1.0]])
DEEP = 40


@pytest.fixture
def scene():
    """40 slices of 72 x 64 and their masks, from the inferior end, anterior up, right at left."""
    random = np.random.default_rng(5)
    row, column = np.ogrid[:72, :64]
    head = ((row - 36) / 32) ** 2 + ((column - 32) / 28) ** 2 < 1
    tooth = ((row - 30) / 9) ** 2 + ((column - 32) / 7) ** 2 < 1
    pixels = random.normal(-1000, 15, (DEEP, 72, 64)) + 1040 * head
    pixels[5:35] += 2000 * tooth
    pixels[10:14, 28:32, 30:34] = 6000
    masks = np.zeros(pixels.shape, dtype=np.uint8)
    masks[5:35] = tooth
    return np.rint(pixels).astype(np.int16), masks


def saved(folder, name, slices, scale=None) -> SourceFile:
    # Stored axes: towards anterior, towards inferior, towards the right end of the screen (left)
    stored = np.transpose(slices[::-1, ::-1, :], (1, 0, 2))
    stored = stored[:, :, ::-1]
    path = folder / f"{name}.nii.gz"
    image = nibabel.Nifti1Image(np.ascontiguousarray(stored), AFFINE)
    if scale is not None:
        image.header.set_slope_inter(*scale)
    nibabel.save(image, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceFile(str(path), digest, str(folder / f"{name}.b2nd"))


@pytest.fixture
def files(tmp_path, scene):
    return saved(tmp_path, "image", scene[0]), saved(tmp_path, "mask", scene[1])


def cut(width: int) -> list[tuple[int, int]]:
    return [(first, min(first + width, DEEP)) for first in range(0, DEEP, width)]


@pytest.mark.parametrize("width", [1, 7, 16, 33])
def test_slabs_together_are_one_pass_to_the_last_bit(files, width):
    whole = measure_slab(*files, NAMES, (0, DEEP))
    joined = join_slabs([measure_slab(*files, NAMES, slab) for slab in cut(width)])

    assert list(joined) == NAMES
    for name, slices in whole.items():
        assert joined[name].values.tobytes() == slices.values.tobytes()
        assert (joined[name].reasons, joined[name].summary) == (slices.reasons, slices.summary)


def test_slices_of_the_store_have_the_values_of_the_arrays(files, scene):
    pixels, masks = scene
    low, high = np.percentile(pixels, (0.5, 99.5))
    level = slabs._range_of_volume(*files).metal_level
    expected = compute_volume(
        NAMES,
        pixels,
        masks,
        volume_range=VolumeRange(low, high, pixels.min(), pixels.max(), level),
        spacing=(0.3, 0.6),
    )
    found = measure_slab(*files, NAMES, (0, DEEP))
    for name, slices in expected.items():
        np.testing.assert_array_equal(found[name].values, slices.values, err_msg=name)
    # What depends on the size of a pixel is among them
    assert {"artifact_index", "ring_index"} <= {
        name for name, slices in found.items() if slices.summary.counted
    }


def test_metal_is_told_by_the_teeth_of_the_whole_volume(files):
    """Teeth at 2040 and soft tissue at 40 put metal above 3640; the block of 4 x 4 has 6000."""
    shares = measure_slab(*files, ["over_range_fraction"], (0, DEEP))["over_range_fraction"].values
    assert np.flatnonzero(shares > 0).tolist() == [10, 11, 12, 13]
    assert np.nanmax(shares) <= 16 / (72 * 64)
    level = slabs._range_of_volume(*files).metal_level
    assert level == pytest.approx(3640, rel=0.02)


def test_every_process_looks_at_the_whole_volume_once(files, monkeypatch):
    slabs._range_of_volume.cache_clear()
    calls = []
    monkeypatch.setattr(slabs, "_tooth_median", lambda *stores: calls.append(stores))
    for slab in cut(10):
        measure_slab(*files, ["noise_sigma"], slab)
    assert len(calls) == 1
    slabs._range_of_volume.cache_clear()


def test_a_slab_survives_pickling(files):
    parts = [measure_slab(*files, ["noise_sigma"], slab) for slab in cut(25)]
    again = pickle.loads(pickle.dumps(parts))
    assert join_measured(again) == join_measured(parts)


def test_a_volume_of_nan_has_reasons_and_no_values(tmp_path):
    image = saved(tmp_path, "nan", np.full((6, 20, 20), np.nan, dtype=np.float32))
    found = join_measured([measure_slab(image, None, ["noise_sigma"], (0, 6))])
    assert (found["noise_sigma"].value, found["noise_sigma"].reason) == (
        None,
        "slice without content",
    )


def test_a_volume_of_one_value_has_reasons_and_no_values(tmp_path):
    image = saved(tmp_path, "constant", np.full((6, 20, 20), 7, dtype=np.int16))
    found = join_measured([measure_slab(image, None, NAMES, (0, 6))])
    assert all(value.reason for value in found.values() if value.value is None)
    assert found["tenengrad"].reason == "all pixels are equal"


@pytest.mark.parametrize("scale", [None, (0.5, -24.0)])
def test_the_grey_values_on_which_values_stand_are_kept_in_the_units_of_the_file(
    tmp_path, scene, scale
):
    """Teeth at 2040 and soft tissue at 40 put metal above 40 + 1.8 x 2000 = 3640."""
    image = saved(tmp_path, "scaled", scene[0], scale)
    mask = saved(tmp_path, "mask", scene[1])
    slabs_measured = [measure_slab(image, mask, NAMES, slab) for slab in cut(16)]
    summary = join_measured(slabs_measured)["noise_sigma"].summary

    slope, intercept = scale or (1, 0)
    real = slope * scene[0].astype(float) + intercept
    assert summary["black"] == pytest.approx(np.percentile(real, 0.5), abs=1e-9)
    assert summary["white"] == pytest.approx(np.percentile(real, 99.5), abs=1e-9)
    assert summary["metal_level"] == pytest.approx(slope * 3640 + intercept, rel=0.02)
    # Values themselves know no units
    plain = measure_slab(saved(tmp_path, "plain", scene[0]), mask, ["rms_contrast"], (0, DEEP))
    scaled = measure_slab(image, mask, ["rms_contrast"], (0, DEEP))
    np.testing.assert_array_equal(*(one["rms_contrast"].values for one in (plain, scaled)))


def test_without_teeth_and_air_no_level_of_metal_is_kept(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 200, (4, 30, 30)).astype(np.int16)
    image = saved(tmp_path, "plain", pixels)
    found = join_measured([measure_slab(image, None, ["noise_sigma"], (0, 4))])
    assert found["noise_sigma"].summary["metal_level"] is None
