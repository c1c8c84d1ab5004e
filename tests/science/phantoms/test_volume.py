"""A volume phantom is what its truth says, measured without the generator's own code."""

import hashlib

import nibabel
import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.special import erf

from sts_qa.science.phantoms.volume import TOOTH_FIELD, volume_phantom


def checksum(phantom):
    return hashlib.sha256(phantom.pixels.tobytes() + phantom.mask.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def plain():
    return volume_phantom(7, shape=(48, 64, 64))


def test_shape_type_and_range(plain):
    assert plain.pixels.shape == plain.mask.shape == (48, 64, 64)
    assert plain.pixels.dtype == np.int16
    assert plain.mask.dtype == np.uint8
    assert set(np.unique(plain.mask)) == {0, 1}
    assert plain.pixels.min() < -1000
    assert plain.pixels.max() > 2000


def test_same_seed_gives_the_same_bytes_and_another_seed_others(plain):
    assert checksum(volume_phantom(7, shape=(48, 64, 64))) == checksum(plain)
    assert checksum(volume_phantom(8, shape=(48, 64, 64))) != checksum(plain)


@pytest.mark.parametrize("orientation", ["SPL", "LPS", "RAS", "LAS", "AIR"])
def test_orientation_matches_the_affine_and_shows_the_same_patient(plain, orientation):
    turned = volume_phantom(7, shape=(48, 64, 64), orientation=orientation)
    assert "".join(nibabel.aff2axcodes(turned.affine)) == orientation
    canonical, expected = (
        nibabel.as_closest_canonical(nibabel.Nifti1Image(one.pixels, one.affine))
        for one in (turned, plain)
    )
    assert np.array_equal(canonical.dataobj, expected.dataobj)
    assert np.allclose(canonical.affine, expected.affine)
    flat = turned.pixels[turned.truth.flat_region]
    assert np.array_equal(
        np.sort(flat.ravel()), np.sort(plain.pixels[plain.truth.flat_region], None)
    )


def test_unknown_orientation_is_refused():
    with pytest.raises(ValueError, match="one letter each"):
        volume_phantom(7, shape=(8, 8, 8), orientation="LRS")


def test_spacing_at_the_full_matrix_is_that_of_the_source_study():
    spacing = np.array([120, 160, 160]) / np.array([400, 512, 512])
    assert spacing == pytest.approx([0.3, 0.3125, 0.3125])
    phantom = volume_phantom(7, shape=(40, 64, 32))
    assert nibabel.affines.voxel_sizes(phantom.affine) == pytest.approx([3.0, 2.5, 5.0])


def test_pixels_are_the_same_on_every_machine(plain):
    # Pinned: a change here changes every demonstration and fixture made from a seed.
    expected = "e1c88234397f2f562e13b9167e5db387114fc75f2993aacf8b7d9acea96899bc"
    assert checksum(plain) == expected


@pytest.mark.parametrize("noise", [10.0, 80.0])
def test_noise_sd_in_the_flat_region(noise):
    phantom = volume_phantom(7, noise=noise)
    flat = phantom.pixels[phantom.truth.flat_region].astype(float)
    assert flat.size > 2000  # the SD of the estimate is under 1.6 %
    assert flat.std(ddof=1) == pytest.approx(np.sqrt(noise**2 + 1 / 12), rel=0.06)


def test_flat_region_is_constant_without_noise():
    for phantom in (volume_phantom(7, noise=0.0), volume_phantom(7, noise=0.0, field=TOOTH_FIELD)):
        flat = phantom.pixels[phantom.truth.flat_region]
        assert flat.size > 2000
        assert len(np.unique(flat)) == 1


@pytest.mark.parametrize("orientation", ["SPL", "RAS"])
@pytest.mark.parametrize("blur", [1.0, 2.0])
def test_edge_width_is_2_563_sigma(blur, orientation):
    shape = (48, 200, 64)
    phantom = volume_phantom(7, shape=shape, blur=blur, noise=10.0, orientation=orientation)
    truth = phantom.truth
    others = tuple(axis for axis in range(3) if axis != truth.edge_axis)
    profile = phantom.pixels[truth.edge_region].mean(axis=others)

    def step(position, low, high, middle, sigma):
        return low + (high - low) * 0.5 * (1 + erf((position - middle) / (sigma * np.sqrt(2))))

    guess = (profile[0], profile[-1], profile.size / 2, 1.0)
    (low, high, _, sigma), _ = curve_fit(step, np.arange(profile.size), profile, guess)
    assert abs(high - low) == pytest.approx(1120, rel=0.02)
    assert 2.56310 * abs(sigma) == pytest.approx(2.56310 * blur, rel=0.05)


def test_blur_is_the_same_across_the_borders_of_slabs():
    from scipy import ndimage

    sharp = volume_phantom(7, shape=(48, 64, 64), noise=0.0).pixels.astype(float)
    blurred = volume_phantom(7, shape=(48, 64, 64), noise=0.0, blur=1.5).pixels
    whole = ndimage.gaussian_filter(sharp, 1.5, mode="nearest", truncate=6.0)
    assert np.abs(whole - blurred).max() <= 1.0


def test_mask_volume_is_that_of_the_teeth():
    phantom = volume_phantom(7, shape=(120, 128, 160), field=TOOTH_FIELD)
    voxel = abs(np.linalg.det(phantom.affine[:3, :3]))
    assert np.count_nonzero(phantom.mask) * voxel == pytest.approx(
        phantom.truth.tooth_measure, rel=0.02
    )
    assert phantom.truth.tooth_count == 27


def test_contrast_is_what_the_teeth_add():
    bare, full = (volume_phantom(7, noise=0.0, contrast=value) for value in (0.0, 1.0))
    inside = full.mask > 0
    difference = full.pixels[inside].astype(float) - bare.pixels[inside].astype(float)
    assert bare.truth.tooth_contrast == 0.0
    assert difference.mean() == pytest.approx(full.truth.tooth_contrast, abs=1.0)
    assert full.truth.tooth_contrast > 1000


def test_rings_are_concentric_and_as_strong_as_said():
    clean, ringed = (
        volume_phantom(7, shape=(4, 128, 128), noise=0.0, rings=value) for value in (0.0, 200.0)
    )
    added = ringed.pixels.astype(int) - clean.pixels.astype(int)
    assert np.abs(added).max() == pytest.approx(200, abs=2)
    assert np.array_equal(added[0], added[3])
    assert np.abs(added[0] - np.rot90(added[0])).max() <= 2


def test_streaks_run_only_through_slices_with_metal():
    clean, streaky = (
        volume_phantom(7, noise=0.0, field=TOOTH_FIELD, streaks=value) for value in (1e-6, 400.0)
    )
    added = streaky.pixels.astype(int) - clean.pixels.astype(int)
    assert np.abs(added).max() == pytest.approx(400, abs=2)
    touched = np.abs(added).max(axis=(1, 2)) > 0
    with_metal = (clean.pixels >= 3071).any(axis=(1, 2))
    assert with_metal.any()
    assert touched[with_metal].all()
    # At most 1 mm (two slices at either end) beyond the metal.
    assert np.count_nonzero(touched) <= np.count_nonzero(with_metal) + 4


def test_every_tooth_has_a_number_within_the_mask():
    phantom = volume_phantom(7, field=TOOTH_FIELD, orientation="LPS")
    assert np.array_equal(phantom.teeth > 0, phantom.mask > 0)
    assert len(np.unique(phantom.teeth)) - 1 == phantom.truth.tooth_count
