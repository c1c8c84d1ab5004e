"""Axial slices with known air, tissue, teeth and faults."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from sts_qa.science.imaging.value_ranges import robust_of, value_ranges
from sts_qa.science.metrics.volumes import VolumeRange

AIR, SOFT, BONE, TOOTH, METAL = -1000.0, 50.0, 600.0, 1700.0, 3071.0
SIDE = 256
CROWN_AT = (17.0, 50.0)
VALUE_RANGE = (-1050.0, 1950.0)
SCALE = 255 / 3000
"""Grey levels of 255 per stored value in VALUE_RANGE."""

VOLUME = {
    "kind": "volume",
    "value_range": VALUE_RANGE,
    "limits": (-2000.0, 4000.0),
    "spacing": (0.4, 0.4),
}
"""Of a volume whose extremes lie elsewhere than in the slice."""


class Slice(NamedTuple):
    pixels: np.ndarray
    teeth: np.ndarray


def places(side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """Row and column from the centre of the slice."""
    return np.mgrid[:side, :side] - (side - 1) / 2


def head(noise: float = 20.0, added: np.ndarray | float = 0.0, seed: int = 3) -> Slice:
    """A head in air, int16: soft tissue, uneven bone and ten teeth; `added` comes on top."""
    rows, columns = places()
    random = np.random.default_rng(seed)
    scene = np.where(np.hypot(rows / 90, columns / 80) < 1, SOFT, AIR)
    grain = ndimage.gaussian_filter(random.standard_normal(scene.shape), 2)
    bone = np.abs(np.hypot(rows - 17, columns) - 50) < 9
    scene[bone] = BONE + 200 * grain[bone] / grain.std()
    teeth = np.zeros(scene.shape, dtype=np.uint8)
    for angle in np.linspace(0, 2 * np.pi, 10, endpoint=False):
        row, column = 17 + 50 * np.sin(angle), 50 * np.cos(angle)
        teeth[np.hypot(rows - row, columns - column) < 7] = 1
    scene[teeth > 0] = TOOTH
    scene += added + noise * random.standard_normal(scene.shape)
    return Slice(np.rint(scene).astype(np.int16), teeth)


def crown() -> np.ndarray:
    """What a crown of metal adds at the rightmost tooth."""
    rows, columns = places()
    return (METAL - TOOTH) * (np.hypot(rows - CROWN_AT[0], columns - CROWN_AT[1]) < 6)


def rays(amplitude: float) -> np.ndarray:
    """Rays of 6 degrees from the crown, bright and dark by turns."""
    rows, columns = places()
    turn = np.degrees(np.arctan2(rows - CROWN_AT[0], columns - CROWN_AT[1])) % 360
    return amplitude * np.where(turn % 12 < 6, 1, -1)


def rings(amplitude: float, radii: tuple[float, ...] = (22.0, 37.0, 71.0, 104.0)) -> np.ndarray:
    """Rings 2 px wide around the centre, one in two of them dark."""
    distance = np.hypot(*places())
    signs = amplitude * (-1.0) ** np.arange(len(radii))
    return sum(
        sign * (np.abs(distance - radius) < 1) for sign, radius in zip(signs, radii, strict=True)
    )


def waves(amplitude: float) -> np.ndarray:
    """Broad bands along one diagonal."""
    rows, columns = places()
    return amplitude * np.cos(2 * np.pi * (rows + columns) / 16)


def without_air():
    """Soft tissue, bone and teeth from edge to edge, and its percentiles 0.5 and 99.5."""
    inside = head(noise=20).pixels[68:188, 68:188]
    return inside, tuple(float(v) for v in np.percentile(inside, (0.5, 99.5)))


def range_of(volume) -> VolumeRange:
    """As a store keeps it; each slice finds its own level of metal."""
    found = value_ranges(volume)
    return VolumeRange(*robust_of(found.percentiles), *found.extremes)


def regions(pixels, value_range=VALUE_RANGE, lowest=VOLUME["limits"][0]):
    """Air and tissue by the documented rule, with scipy."""
    black, white = value_range
    means = ndimage.uniform_filter(pixels.astype(float), 5, mode="reflect")
    padding = _opened(pixels == lowest)
    tissue = _opened((means >= black + 0.2 * (white - black)) & ~padding)
    return ~ndimage.binary_dilation(tissue | padding, np.ones((11, 11))), tissue


def _opened(chosen):
    square = np.ones((5, 5))
    return ndimage.binary_dilation(ndimage.binary_erosion(chosen, square, border_value=1), square)
