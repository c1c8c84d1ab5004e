"""Metal is told from every other fault of a volume, with and without a mask."""

from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from sts_qa.science.metrics.distribution import Distribution
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.metal import metal_level
from sts_qa.science.metrics.volumes import compute_volume
from sts_qa.science.phantoms.faults import FAULTS, faulty_volume
from tests.science.metrics.scenes import range_of

NEAR_METAL = ["artifact_index", "streak_energy"]


def measured(pixels, mask, spacing):
    found = range_of(pixels)
    tooth = None if mask is None else float(np.median(pixels[mask]))
    level = metal_level(Distribution.of(pixels), found.low, found.high, tooth)
    return compute_volume(
        NEAR_METAL, pixels, mask, volume_range=replace(found, metal_level=level), spacing=spacing
    )


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_streaks_alone_come_with_metal(fault):
    phantom = faulty_volume(fault or FAULTS[0], 1 if fault else 0, seed=1)
    reason = "" if fault == "streaks" else Reason.NO_METAL

    for mask in (phantom.mask, None):
        found = measured(phantom.pixels, mask, phantom.spacing)
        assert all(set(values.reasons) == {reason} for values in found.values())


@pytest.mark.parametrize("masked", [True, False])
def test_a_head_without_metal_has_none_even_where_the_mask_is_all_its_bone(sample_data, masked):
    folder = sample_data / "volumes" / "invesalius_cranium"
    image, bone = (nib.load(folder / f"cranium_{name}.nii.gz") for name in ("ct", "bone_mask"))
    pixels, mask = (np.asarray(one.dataobj).T for one in (image, bone))
    spacing = tuple(float(side) for side in image.header.get_zooms()[1::-1])
    # the largest value is that of a single voxel, 2986 on the Hounsfield scale
    found = measured(pixels, mask > 0 if masked else None, spacing)

    assert all(
        set(values.reasons) == {Reason.NO_METAL, Reason.NO_CONTENT} for values in found.values()
    )
