"""Windowing and PNG for the screen."""

import math
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.raster import read_raster
from sts_qa.science.imaging.rendering import draw_outline, encode_png, window


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.int32])
def test_a_window_maps_its_ends_and_middle(dtype):
    pixels = np.array([[-1000, -500, 0, 500, 1000]], dtype)
    # (0 + 500) / 1000 * 255 = 127.5, rounded up.
    assert window(pixels, -500, 500).tolist() == [[0, 0, 128, 255, 255]]
    assert window(pixels, -500, 500).dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_full_window_of_8_bit_changes_nothing(dtype):
    pixels = np.arange(256, dtype=dtype).reshape(16, 16)
    assert np.array_equal(window(pixels, 0, 255), pixels)


def test_a_window_never_reverses_order():
    pixels = np.arange(-32768, 32768, dtype=np.int16)
    shown = window(pixels, -123.4, 2345.6).astype(int)
    assert (np.diff(shown) >= 0).all()
    assert (shown[0], shown[-1]) == (0, 255)


def test_an_empty_window_parts_below_and_above():
    assert window(np.array([4, 5, 6], np.uint8), 5, 5).tolist() == [0, 128, 255]


@pytest.mark.parametrize(("low", "high", "shown"), [(0, 1, [0, 255, 0]), (5, 5, [0, 255, 0])])
def test_what_is_no_number_is_black(low, high, shown):
    assert window(np.array([np.nan, np.inf, -np.inf]), low, high).tolist() == shown


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (2, -1024), (-0.3, 7.7), (1e-3, 0.1)])
def test_the_window_is_in_real_values(dtype, slope, intercept):
    """Against the rule itself in Python's floating point, one value after the other."""
    pixels = np.random.default_rng(8).integers(0, 256, 300).astype(dtype)
    if dtype == np.int16:
        pixels[:150] -= 30_000
    ends = sorted(float(value) * slope + intercept for value in pixels)
    low, high = ends[40], ends[-30]
    expected = []
    for stored in pixels.tolist():
        value = slope * stored + intercept
        expected.append(min(255, max(0, math.floor(255 * (value - low) / (high - low) + 0.5))))
    shown = window(pixels, low, high, slope=slope, intercept=intercept)
    assert shown.tolist() == expected
    assert len(set(expected)) > 2


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_a_png_holds_the_pixels_and_nothing_else(tmp_path, dtype, shape):
    pixels = np.random.default_rng(12).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    encoded = encode_png(pixels)
    assert chunks_of(encoded) <= {b"IHDR", b"IDAT", b"IEND"}
    (tmp_path / "a.png").write_bytes(encoded)
    assert np.array_equal(read_raster(tmp_path / "a.png"), pixels)
    if dtype == np.uint8:
        assert np.array_equal(np.asarray(Image.open(BytesIO(encoded))), pixels)
    assert encode_png(pixels[::-1][::-1]) == encoded


def chunks_of(encoded):
    kinds, position = set(), 8
    while position < len(encoded):
        (length,) = struct.unpack_from(">I", encoded, position)
        kinds.add(encoded[position + 4 : position + 8])
        position += 12 + length
    return kinds


def test_other_types_are_errors():
    with pytest.raises(ValueError, match="int16"):
        encode_png(np.zeros((2, 2), np.int16))


def test_an_outline_is_the_inner_boundary_by_four_neighbours():
    drawing = [
        "#####..",
        "#####..",
        "#####..",
        "######.",
        ".#.####",
    ]
    inside = np.array([[mark == "#" for mark in row] for row in drawing])
    grey = np.full(inside.shape, 7, np.uint8)
    drawn = draw_outline(grey, inside, (255, 176, 0))
    # By hand: a pixel on the image's edge has its neighbour outside
    boundary = np.array(
        [
            [1, 1, 1, 1, 1, 0, 0],
            [1, 0, 0, 0, 1, 0, 0],
            [1, 0, 0, 0, 1, 0, 0],
            [1, 0, 1, 0, 0, 1, 0],
            [0, 1, 0, 1, 1, 1, 1],
        ],
        bool,
    )
    assert np.array_equal((drawn == (255, 176, 0)).all(axis=2), boundary)
    assert (drawn[~boundary] == 7).all()
    assert (grey == 7).all()
