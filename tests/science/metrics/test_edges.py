import numpy as np
import pytest
from scipy import ndimage, special

from sts_qa.science.metrics import boundary
from sts_qa.science.metrics.boundary import MOST_PROFILES, edge_profiles
from sts_qa.science.metrics.edges import (
    boundary_gradient_alignment,
    boundary_gradient_ratio,
    boundary_offset,
    edge_width,
    edge_width_x,
    edge_width_y,
)
from sts_qa.science.metrics.image import NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.noise_exposure import noise_sigma
from tests.science.metrics.independent_edges import edge_metrics

WIDTHS = [edge_width, edge_width_x, edge_width_y]
BOUNDARY = [boundary_gradient_alignment, boundary_gradient_ratio, boundary_offset]
GREY = {"value_range": (0, 255)}

WIDTH_PER_SIGMA = 2 * np.sqrt(2) * special.erfinv(0.8)
"""2.56310, 10-90% width of a step blurred by a Gaussian of SD 1."""

PIXEL_VARIANCE = 1 / 12
"""Of a square pixel: averaging over its area is a blur of its own."""


def blurred_step(sigma: float, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Step from 150 to 50 through the centre of 240 x 240, analytic, not averaged over pixels."""
    rows, columns = np.mgrid[:240, :240] - 119.5
    angle = np.deg2rad(degrees)
    distance = columns * np.cos(angle) + rows * np.sin(angle)
    return 50 + 100 * special.ndtr(-distance / sigma), distance < 0


def disk(radius: float = 40, side: int = 130, parts: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Share of each pixel within a disk, and the pixels whose centres lie within it."""
    fine = (np.arange(side * parts) + 0.5) / parts - side / 2
    inside = fine[:, np.newaxis] ** 2 + fine**2 <= radius**2
    share = inside.reshape(side, parts, side, parts).mean(axis=(1, 3))
    centres = np.arange(side) + 0.5 - side / 2
    return share, centres[:, np.newaxis] ** 2 + centres**2 <= radius**2


def grown(pixels: float) -> np.ndarray:
    """Mask of `disk` that is too large by so many pixels all around."""
    return disk(40 + pixels)[1]


def blurred_disk(sigma: float, noise: float = 0) -> tuple[np.ndarray, np.ndarray]:
    share, mask = disk()
    random = np.random.default_rng(7)
    grey = 60 + 100 * ndimage.gaussian_filter(share, sigma)
    return grey + random.normal(0, noise, grey.shape), mask


@pytest.mark.parametrize("degrees", [0, 17, 30, 45, 63, 90])
@pytest.mark.parametrize("sigma", [1, 1.5, 2, 3])
def test_width_of_a_blurred_step_is_that_of_theory(sigma, degrees):
    grey, mask = blurred_step(sigma, degrees)

    assert edge_width(grey, mask, **GREY) == pytest.approx(WIDTH_PER_SIGMA * sigma, rel=0.04)


@pytest.mark.parametrize(("noise", "tolerance"), [(0, 0.03), (5, 0.05), (10, 0.1), (20, 0.2)])
@pytest.mark.parametrize("sigma", [0.5, 1, 1.5, 2, 3])
def test_width_of_a_blurred_disk_is_that_of_theory(sigma, noise, tolerance):
    grey, mask = blurred_disk(sigma, noise)
    expected = WIDTH_PER_SIGMA * np.sqrt(sigma**2 + PIXEL_VARIANCE)

    assert edge_width(grey, mask, **GREY) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize(("sigma", "width"), [(0.5, 1.50), (1, 2.46), (1.5, 3.61), (2, 4.89)])
def test_width_of_a_blurred_disk_is_near_that_of_a_plain_program(sigma, width):
    # one edge spread function of all pixels by their distance from the boundary
    assert edge_width(*blurred_disk(sigma), **GREY) == pytest.approx(width, rel=0.1)


def test_more_blur_means_wider_edges(teeth_image):
    blurred = [
        ndimage.gaussian_filter(teeth_image.pixels.astype(float), sigma)
        for sigma in (0, 0.5, 1, 1.5, 2, 3)
    ]

    for metric in WIDTHS:
        widths = [metric(grey, teeth_image.mask, **GREY) for grey in blurred]
        assert (np.diff(widths) > 0).all()
    ratios = [boundary_gradient_ratio(grey, teeth_image.mask, **GREY) for grey in blurred[1:]]
    assert (np.diff(ratios) < 0).all()


def test_blur_along_one_axis_shows_along_that_axis():
    share, mask = disk()
    grey = 60 + 100 * ndimage.gaussian_filter(share, (1, 3))

    # normals lie up to 45 degrees off the axis: between both blurs, nearer to the axis's own
    assert 6 < edge_width_x(grey, mask, **GREY) < 8
    assert 2.5 < edge_width_y(grey, mask, **GREY) < 5
    assert edge_width_x(grey.T, mask.T, **GREY) == pytest.approx(
        edge_width_y(grey, mask, **GREY), rel=0.03
    )


@pytest.mark.parametrize(("degrees", "seen", "unseen"), [(0, *WIDTHS[1:]), (90, *WIDTHS[:0:-1])])
def test_normals_along_one_axis_leave_the_other_without_a_value(degrees, seen, unseen):
    grey, mask = blurred_step(1.5, degrees)

    assert seen(grey, mask, **GREY) == edge_width(grey, mask, **GREY)
    with pytest.raises(NotApplicable, match=Reason.NO_EDGES):
        unseen(grey, mask, **GREY)


@pytest.mark.parametrize("metric", [*WIDTHS, *BOUNDARY])
def test_gain_offset_and_the_brighter_side_change_nothing(teeth_image, metric):
    grey, mask = teeth_image.pixels.astype(float), teeth_image.mask
    value = metric(grey, mask, **GREY)

    assert metric(0.5 * grey + 40, mask, **GREY) == pytest.approx(value, rel=1e-9)
    assert metric(255 - grey, mask, **GREY) == pytest.approx(value, rel=1e-9)
    assert metric(40 * grey - 900, mask, value_range=(-900, 9300)) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("sigma", [0.7, 1, 1.5, 2])
@pytest.mark.parametrize("pixels", [-2, -1, 0, 1, 2])
def test_offset_says_by_how_much_the_mask_is_too_large(sigma, pixels):
    grey, _ = blurred_disk(sigma, noise=2)

    assert boundary_offset(grey, grown(pixels), **GREY) == pytest.approx(pixels, abs=0.25)


def test_alignment_falls_when_the_mask_is_moved_off_the_edge():
    grey, _ = blurred_disk(1)
    alignments, ratios = (
        [metric(grey, grown(pixels), **GREY) for pixels in (0, 1, 2, 3)]
        for metric in (boundary_gradient_alignment, boundary_gradient_ratio)
    )

    assert alignments[0] == 1
    assert alignments[1] >= alignments[2]
    assert alignments[2] == alignments[3] == 0
    assert (np.diff(ratios) < 0).all()


@pytest.mark.parametrize("pixels", [-2, 1, 2])
def test_width_bears_a_mask_that_is_off(pixels):
    grey, mask = blurred_disk(1.5)
    width = edge_width(grey, mask, **GREY)

    assert edge_width(grey, grown(pixels), **GREY) == pytest.approx(width, rel=0.05)


def test_mask_that_has_nothing_to_do_with_the_image_is_aligned_by_chance_only():
    random = np.random.default_rng(3)
    texture = ndimage.gaussian_filter(random.normal(0, 1, (400, 400)), 1.5)
    grey = 128 + 30 * texture / texture.std()
    rows, columns = np.mgrid[:400, :400]
    mask = ((rows % 60 - 30) ** 2 + (columns % 60 - 30) ** 2) < 22**2

    # 2 of 6 px; fewer, as slopes that go on beyond 3 px count there
    assert 0.2 < boundary_gradient_alignment(grey, mask, **GREY) < 0.4
    assert boundary_gradient_ratio(grey, mask, **GREY) == pytest.approx(1, abs=0.15)
    assert abs(boundary_offset(grey, mask, **GREY)) < 0.6


@pytest.mark.parametrize(
    ("dtype", "gain"),
    [(np.uint8, 1), (np.uint16, 257), (np.float64, 0.01), (np.float32, 0.01)],
)
def test_values_equal_those_worked_out_pixel_by_pixel(teeth_image, dtype, gain):
    pixels = (teeth_image.pixels * float(gain)).astype(dtype)
    image = PreparedImage(pixels, teeth_image.mask, value_range=(0, 255 * gain))

    values = {metric.__name__: metric(image) for metric in (*WIDTHS, *BOUNDARY)}

    expected = edge_metrics(pixels, teeth_image.mask, 255 * gain, noise_sigma(image))
    assert values == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("rise", "reason"), [(0.9, Reason.NO_EDGES), (1.1, None)])
def test_an_edge_rises_by_at_least_one_grey_level(rise, reason):
    share, mask = disk()
    assert reason_of(edge_width, 90 + rise * ndimage.gaussian_filter(share, 1), mask) is reason


@pytest.mark.parametrize(("times", "reason"), [(2.6, Reason.NO_EDGES), (3.4, None)])
def test_an_edge_rises_by_at_least_three_sd_of_the_noise(monkeypatch, times, reason):
    # the noise is told, not added, so that it moves no level
    monkeypatch.setattr(boundary, "noise_sigma", lambda image: 10.0)
    share, mask = disk()
    grey = 90 + 10 * times * ndimage.gaussian_filter(share, 1)

    assert reason_of(edge_width, grey, mask) is reason


def reason_of(metric, grey, mask):
    try:
        metric(grey, mask, **GREY)
    except NotApplicable as missing:
        return missing.reason
    return None


def test_boundary_of_a_hole_counts():
    share, mask = disk()
    hole, within = disk(radius=20)
    grey = 60 + 100 * ndimage.gaussian_filter(share - hole, 1)

    assert len(edge_profiles(grey, mask & ~within, **GREY).values) > 1.3 * len(
        edge_profiles(grey, mask, **GREY).values
    )
    assert boundary_offset(grey, mask & ~within, **GREY) == pytest.approx(0, abs=0.1)


def test_long_boundaries_are_sampled_evenly():
    rows, columns = np.mgrid[:600, :600]
    mask = ((rows % 60 - 30) ** 2 + (columns % 60 - 30) ** 2) < 18**2
    grey = 60 + 100 * ndimage.gaussian_filter(mask.astype(float), 1)
    grey[:, 300:] = 60 + 100 * ndimage.gaussian_filter(mask.astype(float), 2)[:, 300:]
    sharp, blurred = mask & (columns < 300), mask & (columns >= 300)

    assert len(edge_profiles(grey, mask, **GREY).values) == MOST_PROFILES
    assert edge_width(grey, sharp, **GREY) < edge_width(grey, mask, **GREY)
    assert edge_width(grey, mask, **GREY) < edge_width(grey, blurred, **GREY)


def test_teeth_cut_by_the_border_of_the_image_are_measured_inside_it():
    share, mask = disk()
    grey = 60 + 100 * ndimage.gaussian_filter(share, 1.5)

    whole, cut = edge_width(grey, mask, **GREY), edge_width(grey[60:], mask[60:], **GREY)

    assert cut == pytest.approx(whole, rel=0.02)


def test_neighbouring_teeth_do_not_pass_for_a_wide_edge():
    rows, columns = np.mgrid[:200, :300]
    mask = (columns % 30 >= 6) & (rows > 40) & (rows < 160)
    grey = 60 + 100 * ndimage.gaussian_filter(mask.astype(float), 1)

    assert edge_width_x(grey, mask, **GREY) == pytest.approx(WIDTH_PER_SIGMA, rel=0.15)


@pytest.mark.parametrize("metric", [*WIDTHS, *BOUNDARY])
def test_missing_values_have_their_reason(metric):
    grey, mask = blurred_disk(1)
    cases = {
        Reason.NO_MASK: (grey, None),
        Reason.SMALL_MASK: (grey, np.zeros_like(mask)),
        Reason.NO_EDGES: (np.full(grey.shape, 90.0), mask),
        Reason.NOT_FINITE: (np.where(grey > 155, np.nan, grey), mask),
    }
    for reason, (pixels, teeth) in cases.items():
        with pytest.raises(NotApplicable, match=reason):
            metric(pixels, teeth, **GREY)
    noise = np.random.default_rng(4).normal(128, 10, grey.shape)
    short = np.zeros_like(mask)
    short[20:27, 60:67] = True
    for pixels, teeth in [(noise, mask), (grey, np.ones_like(mask)), (grey, short)]:
        with pytest.raises(NotApplicable, match=Reason.NO_EDGES):
            metric(pixels, teeth, **GREY)


def test_image_and_mask_stay_as_they_are(teeth_image):
    pixels, mask = teeth_image.pixels.copy(), teeth_image.mask.copy()
    image = PreparedImage(pixels, mask)
    for metric in (*WIDTHS, *BOUNDARY):
        metric(image)

    np.testing.assert_array_equal(pixels, teeth_image.pixels)
    np.testing.assert_array_equal(mask, teeth_image.mask)
