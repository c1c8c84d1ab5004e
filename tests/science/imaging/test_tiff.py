"""TIFF: kinds, compressions and damage."""

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.masks import read_mask
from sts_qa.science.imaging.raster import read_raster

RANDOM = np.random.default_rng(8)
GREY_8 = RANDOM.integers(0, 256, (21, 33), dtype=np.uint8)
GREY_16 = RANDOM.integers(0, 65536, (21, 33), dtype=np.uint16)
COLOUR_8 = RANDOM.integers(0, 256, (21, 33, 3), dtype=np.uint8)
COLOUR_16 = RANDOM.integers(0, 65536, (21, 33, 3), dtype=np.uint16)


def refusal(path):
    with pytest.raises(UnreadableFile) as caught:
        read_raster(path)
    return caught.value.code


@pytest.mark.parametrize("values", [GREY_8, GREY_16, COLOUR_8, COLOUR_16])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_it_keeps_depth_in_both_byte_orders(tmp_path, values, byteorder, bigtiff):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, values, byteorder=byteorder, bigtiff=bigtiff)
    pixels = read_raster(path)
    assert pixels.dtype == values.dtype
    assert np.array_equal(pixels, values)


@pytest.mark.parametrize("values", [GREY_8, GREY_16, COLOUR_8, COLOUR_16])
@pytest.mark.parametrize(
    "compression", [cv2.IMWRITE_TIFF_COMPRESSION_LZW, cv2.IMWRITE_TIFF_COMPRESSION_ADOBE_DEFLATE]
)
def test_it_reads_compressed_files_of_another_program(tmp_path, values, compression):
    path = tmp_path / "a.tiff"
    ordered = values if values.ndim == 2 else values[..., ::-1]
    cv2.imwrite(str(path), ordered, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
    pixels = read_raster(path)
    assert pixels.dtype == values.dtype
    assert np.array_equal(pixels, values)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_it_reads_separate_planes_and_tiles(tmp_path, compression):
    planes = np.ascontiguousarray(np.moveaxis(COLOUR_16, -1, 0))
    tifffile.imwrite(
        tmp_path / "a.tif",
        planes,
        photometric="rgb",
        planarconfig="separate",
        compression=compression,
    )
    assert np.array_equal(read_raster(tmp_path / "a.tif"), COLOUR_16)
    tifffile.imwrite(tmp_path / "b.tif", GREY_16, tile=(16, 16), compression=compression)
    assert np.array_equal(read_raster(tmp_path / "b.tif"), GREY_16)


@pytest.mark.parametrize("compression", ["raw", "group4", "tiff_lzw"])
def test_one_bit_is_black_and_white_as_image_and_0_and_1_as_mask(tmp_path, compression):
    inside = GREY_8 > 128
    Image.fromarray(inside).save(tmp_path / "a.tif", compression=compression)
    assert np.array_equal(read_raster(tmp_path / "a.tif"), inside * 255)
    assert np.array_equal(read_mask(tmp_path / "a.tif"), inside * 1)


@pytest.mark.parametrize("values", [GREY_8, GREY_16])
def test_files_that_store_white_as_0_are_turned_round_as_image_only(tmp_path, values):
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="miniswhite")
    assert np.array_equal(read_raster(tmp_path / "a.tif"), np.iinfo(values.dtype).max - values)
    assert np.array_equal(read_mask(tmp_path / "a.tif"), values)


@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_palette_gives_colours_as_image_and_indices_as_mask(tmp_path, compression):
    indices = GREY_8 % 3
    image = Image.frombytes("P", (33, 21), indices.tobytes())
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.save(tmp_path / "a.tif", compression=compression)
    table = np.array([[10, 20, 30], [40, 50, 60], [70, 80, 90]])
    assert np.array_equal(read_raster(tmp_path / "a.tif"), table[indices])
    assert np.array_equal(read_mask(tmp_path / "a.tif"), indices)


def test_several_pages_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY_8, GREY_8]), photometric="minisblack")
    assert refusal(tmp_path / "a.tif") == "multi-frame"


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint32])
def test_depths_that_a_radiograph_does_not_have_are_refused(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", GREY_8.astype(dtype))
    assert refusal(tmp_path / "a.tif") == "unsupported-depth"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_files_cut_short_are_refused(tmp_path, share, compression):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY_16, compression=compression)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path) in ("truncated", "damaged")


def test_a_header_that_contradicts_itself_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        # Photometric RGB, but two values a pixel.
        writer.write(np.zeros((8, 8, 2), np.uint8), photometric="minisblack", planarconfig="contig")
    with tifffile.TiffFile(path) as document:
        position = document.pages[0].tags["PhotometricInterpretation"].valueoffset
    content = bytearray(path.read_bytes())
    content[position] = 2
    path.write_bytes(content)
    assert refusal(path) == "damaged"


def test_no_altered_byte_of_a_header_escapes_as_another_error(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.uint8), photometric="rgb")
    sound = path.read_bytes()
    refused = 0
    for position in range(len(sound) - 48):
        for value in (0, 1, 2, 255):
            damaged = bytearray(sound)
            damaged[position] = value
            path.write_bytes(damaged)
            for read in (read_raster, read_mask):
                try:
                    read(path)
                except UnreadableFile:
                    refused += 1
    assert refused > 0
