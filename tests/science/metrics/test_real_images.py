"""Every metric of an image against its formula in independent programs, on real images.

Three panoramic radiographs with the mask of a phantom, whose teeth lie elsewhere, slices of a head
from computed tomography with the mask of its bone, and for metal a slice of a phantom. Of teeth in
cone-beam computed tomography there is no image with a licence to have it here.
"""

from functools import cache

import cv2
import nibabel as nib
import numpy as np
import pytest
import pywt
from scipy import ndimage, stats
from skimage import restoration

from sts_qa.science.metrics.compute import measure
from sts_qa.science.metrics.image import PreparedImage, Reason
from sts_qa.science.metrics.noise_exposure import noise_sigma
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.phantoms.faults import faulty_volume
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.radiographs_cc0 import NAMES, radiograph_bytes
from tests.science.metrics.independent import (
    Image,
    mriqc_efc,
    mriqc_fber,
    mriqc_qi1,
    of_any_image,
    of_radiograph,
    ring_spread,
)
from tests.science.metrics.scenes import regions

NEAR_METAL = {"artifact_index", "streak_energy"}


@cache
def radiograph(name):
    content = np.frombuffer(radiograph_bytes(name), np.uint8)
    mask = panoramic_phantom(NAMES.index(name)).mask
    return Image(cv2.imdecode(content, cv2.IMREAD_UNCHANGED), mask, (0, 255), (0, 255))


def measured(image, kind, **options):
    """Values, and the reasons of those that are missing."""
    prepared = PreparedImage(
        image.pixels,
        image.mask,
        kind=kind,
        value_range=image.value_range,
        limits=image.limits,
        **options,
    )
    metrics = [one for one in METRICS.values() if one.scope == "image" and kind in one.kinds]
    found = {metric.name: measure(metric, prepared) for metric in metrics}
    return (
        {name: entry.value for name, entry in found.items() if not entry.reason},
        {name: entry.reason for name, entry in found.items() if entry.reason},
    )


@pytest.mark.parametrize("name", NAMES)
def test_radiographs(name):
    image = radiograph(name)
    values, missing = measured(image, "radiograph")

    assert missing == {}
    assert values == pytest.approx(of_any_image(image) | of_radiograph(image), rel=1e-6, abs=1e-12)


@pytest.fixture(scope="module")
def head(sample_data):
    """Axial slices of a head and of its bone, sides of a pixel in mm."""
    folder = sample_data / "volumes" / "invesalius_cranium"
    image, bone = (nib.load(folder / f"cranium_{name}.nii.gz") for name in ("ct", "bone_mask"))
    spacing = tuple(float(side) for side in image.header.get_zooms()[1::-1])
    return np.asarray(image.dataobj).T, np.asarray(bone.dataobj).T, spacing


def slice_of(volume, masks, number):
    low, high = np.percentile(volume, (0.5, 99.5))
    limits = (float(volume.min()), float(volume.max()))
    return Image(volume[number], masks[number], (float(low), float(high)), limits)


def of_slice(image, spacing, metal):
    """Metrics of slices only; `metal` is where it lies."""
    air, tissue = regions(image.pixels, image.value_range, image.limits[0])
    cut_off = np.minimum(image.grey, 255)
    assert spacing[0] == spacing[1], "or circles are of other steps"
    common = of_any_image(image)
    return common | {
        "over_range_fraction": metal.mean(),
        "ring_index": ring_spread(image.grey) / max(common["noise_sigma"], 0.25),
        "air_sigma": 1.482602218505602
        * np.median(np.abs(image.grey[air] - np.median(image.grey[air]))),
        "air_artifact_share": mriqc_qi1(image.grey, air),
        "foreground_background_energy": mriqc_fber(
            cut_off - np.median(image.grey[air]), tissue, air
        ),
        "entropy_focus": mriqc_efc(np.clip(image.grey, 0, 255)),
    }


@pytest.mark.parametrize("number", [10, 54, 90])
def test_slices_of_a_head(head, number):
    *volumes, spacing = head
    image = slice_of(*volumes, number)
    values, missing = measured(image, "volume", spacing=spacing)

    assert missing == dict.fromkeys(NEAR_METAL, Reason.NO_METAL)
    expected = of_slice(image, spacing, np.zeros(image.mask.shape))
    assert values == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_a_slice_of_a_phantom_with_metal():
    phantom = faulty_volume("streaks", 1, seed=1)
    image, level = slice_of(phantom.pixels, phantom.mask, 5), 2900.0
    values, _ = measured(image, "volume", spacing=phantom.spacing, metal_level=level)
    cross = ndimage.generate_binary_structure(2, 1)
    metal = ndimage.binary_opening(image.pixels > level, cross)
    away = ndimage.distance_transform_edt(~metal, sampling=phantom.spacing)
    near = image.grey[(away <= 10) & (image.pixels <= level)]
    expected = of_slice(image, phantom.spacing, metal)
    expected["artifact_index"] = np.sqrt(near.var() - expected["noise_sigma"] ** 2)

    # the energy of streaks has its formula in test_streaks
    assert values.pop("streak_energy") > 0
    assert values == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_noise_of_radiographs_equals_scikit_image(name):
    pixels = radiograph(name).pixels

    assert noise_sigma(pixels) == pytest.approx(
        restoration.estimate_sigma(pixels.astype(float)), rel=1e-6
    )


@pytest.mark.parametrize("number", [10, 77, 124])
def test_noise_of_radiographs_as_published_in_jpeg(sample_data, number):
    path = sample_data / "panoramic" / f"hitl_{number}.jpg"
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    details = pywt.dwtn(pixels.astype(float), "db2")["dd"]
    everything = np.median(np.abs(details)) / stats.norm.ppf(0.75)
    # no pixel is black, and where nothing is to be seen rounding leaves 0 or nearly 0
    assert pixels.min() > 0
    assert np.count_nonzero(details == 0) < np.count_nonzero(np.abs(details) < 1e-9)

    assert noise_sigma(pixels) == pytest.approx(everything, rel=1e-6)
    # which leaves out the exact zeros
    assert noise_sigma(pixels) == pytest.approx(
        restoration.estimate_sigma(pixels.astype(float)), rel=0.005
    )
