from typing import NamedTuple

import numpy as np
import pytest
from scipy import ndimage
from skimage import data, draw


class Labelled(NamedTuple):
    pixels: np.ndarray
    mask: np.ndarray


@pytest.fixture
def camera() -> np.ndarray:
    """The test image of science: 512 x 512, uint8."""
    return data.camera().copy()


@pytest.fixture
def teeth_image() -> Labelled:
    """Bright ellipses on a darker, uneven, slightly blurred and noisy ground, 320 x 640, uint8."""
    random = np.random.default_rng(11)
    mask = np.zeros((320, 640), dtype=np.uint8)
    for column in range(60, 600, 54):
        rows, columns = draw.ellipse(160, column, 62, 17, shape=mask.shape)
        mask[rows, columns] = 1
    ground = 60 + 40 * np.sin(np.linspace(0, 3, 640))[np.newaxis, :]
    scene = ndimage.gaussian_filter(ground + 70.0 * mask, 1.2) + random.normal(0, 6, mask.shape)
    return Labelled(np.clip(np.rint(scene), 0, 255).astype(np.uint8), mask)


@pytest.fixture
def volume() -> np.ndarray:
    """12 axial slices, int16 with negative air; the first two and the last hold air only."""
    random = np.random.default_rng(5)
    slices = random.normal(-1000, 20, (12, 96, 128))
    for number in range(2, 11):
        rows, columns = draw.ellipse(48, 64, 36, 50)
        slices[number, rows, columns] += 1000
        rows, columns = draw.disk((40, 60), 14)
        slices[number, rows, columns] += 1500 + 40 * number
    return np.rint(slices).astype(np.int16)
