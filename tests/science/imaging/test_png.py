"""PNG: full depth, and no damaged file passes."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.raster import read_raster
from tests.science.imaging.files import (
    COLOUR,
    COLOUR_ALPHA,
    GREY,
    GREY_ALPHA,
    chunk,
    png_bytes,
    png_header,
    png_of,
)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_raster(path)
    assert caught.value.reason.endswith(".")
    return caught.value.code


def test_it_keeps_16_bit_colour(tmp_path):
    colours = np.random.default_rng(1).integers(0, 65536, (5, 7, 3), dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(png_of(colours, 16, COLOUR))
    pixels = read_raster(tmp_path / "a.png")
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels, colours)


def test_it_keeps_16_bit_grey(tmp_path):
    grey = np.random.default_rng(2).integers(0, 65536, (5, 7), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), grey)
    pixels = read_raster(tmp_path / "a.png")
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels, grey)


@pytest.mark.parametrize("bits", [8, 16])
def test_colour_with_equal_channels_becomes_grey(tmp_path, bits):
    grey = np.random.default_rng(3).integers(0, 2**bits, (5, 7))
    (tmp_path / "a.png").write_bytes(png_of(np.stack([grey] * 3, axis=-1), bits, COLOUR))
    pixels = read_raster(tmp_path / "a.png")
    assert pixels.shape == (5, 7)
    assert np.array_equal(pixels, grey)


def test_one_channel_that_differs_in_one_pixel_stays_colour(tmp_path):
    colours = np.full((4, 4, 3), 9, np.uint8)
    colours[2, 1, 2] = 10
    Image.fromarray(colours).save(tmp_path / "a.png")
    assert np.array_equal(read_raster(tmp_path / "a.png"), colours)


# Section 13.12 of the PNG specification: value * 255 / (2**bits - 1).
@pytest.mark.parametrize(
    ("bits", "packed", "expected"),
    [
        (1, b"\xa0", [255, 0, 255]),
        (2, b"\x1b", [0, 85, 170, 255]),
        (4, b"\x0f\x50", [0, 255, 85]),
    ],
)
def test_few_bits_are_spread_over_eight(tmp_path, bits, packed, expected):
    (tmp_path / "a.png").write_bytes(png_bytes([packed], len(expected), bits, GREY))
    pixels = read_raster(tmp_path / "a.png")
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == [expected]


def test_a_palette_is_expanded_to_its_colours(tmp_path):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), mode=None).convert("L")
    paletted = Image.frombytes("P", image.size, image.tobytes())
    paletted.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    paletted.save(tmp_path / "a.png")
    assert read_raster(tmp_path / "a.png").tolist() == [[[10, 20, 30], [40, 50, 60], [70, 80, 90]]]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour_type", [GREY_ALPHA, COLOUR_ALPHA])
def test_alpha_is_dropped_and_values_stay(tmp_path, bits, colour_type):
    samples = 2 if colour_type == GREY_ALPHA else 4
    values = np.random.default_rng(4).integers(0, 2**bits, (3, 5, samples))
    (tmp_path / "a.png").write_bytes(png_of(values, bits, colour_type))
    expected = values[..., 0] if samples == 2 else values[..., :3]
    assert np.array_equal(read_raster(tmp_path / "a.png"), expected)


def test_every_flipped_byte_is_noticed(tmp_path):
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    sound = png_of(values, 8, GREY)
    path = tmp_path / "a.png"
    for position in range(len(sound)):
        damaged = bytearray(sound)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        assert refusal(path)


def test_every_truncation_is_noticed(tmp_path):
    sound = png_of(np.arange(64, dtype=np.uint8).reshape(8, 8), 8, GREY)
    path = tmp_path / "a.png"
    for length in range(1, len(sound)):
        path.write_bytes(sound[:length])
        assert refusal(path) in ("truncated", "not-an-image")


def test_image_data_that_ends_early_inside_sound_chunks_is_refused(tmp_path):
    half = zlib.compress(b"\0" + bytes(8))
    content = png_header(8, 2, 8, GREY) + chunk(b"IDAT", half) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    assert refusal(tmp_path / "a.png") == "truncated"


def test_a_wrong_checksum_inside_the_stream_is_refused(tmp_path):
    stream = bytearray(zlib.compress(b"\0" + bytes(8)))
    stream[-1] ^= 1
    content = png_header(8, 1, 8, GREY) + chunk(b"IDAT", bytes(stream)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    assert refusal(tmp_path / "a.png") == "damaged"


def test_image_data_in_several_chunks_must_lie_side_by_side(tmp_path):
    stream = zlib.compress(b"\0" + bytes(range(8)))
    halves = chunk(b"IDAT", stream[:9]), chunk(b"IDAT", stream[9:])
    remark, end = chunk(b"tEXt", b"Title\0teeth"), chunk(b"IEND", b"")
    start = b"\x89PNG\r\n\x1a\n" + png_header(8, 1, 8, GREY)
    path = tmp_path / "a.png"
    path.write_bytes(start + halves[0] + halves[1] + remark + end)
    assert read_raster(path).tolist() == [list(range(8))]
    path.write_bytes(start + halves[0] + remark + halves[1] + end)
    assert refusal(path) == "damaged"


def test_interlaced_files_are_read(tmp_path):
    # The seven passes of Adam7 over 8 x 8 pixels, worked out from section 8.1.
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    passes = [
        values[0::8, 0::8],
        values[0::8, 4::8],
        values[4::8, 0::4],
        values[0::4, 2::4],
        values[2::4, 0::2],
        values[0::2, 1::2],
        values[1::2, 0::1],
    ]
    scanlines = b"".join(b"\0" + row.tobytes() for part in passes for row in part)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, GREY, 0, 0, 1))
    content = header + chunk(b"IDAT", zlib.compress(scanlines)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    assert np.array_equal(read_raster(tmp_path / "a.png"), values)


def test_a_header_that_promises_too_many_pixels_is_refused_unread(tmp_path):
    content = png_header(100_000, 100_000, 8, GREY) + chunk(b"IDAT", zlib.compress(bytes(99)))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b""))
    assert refusal(tmp_path / "a.png") == "too-large"


def test_an_animation_is_refused(tmp_path):
    frames = [Image.fromarray(np.full((4, 4), grey, np.uint8)) for grey in (0, 9)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    assert refusal(tmp_path / "a.png") == "multi-frame"
