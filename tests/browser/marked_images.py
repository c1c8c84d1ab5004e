"""A small dataset in the STS-Tooth tree whose images carry a number that can be read on screen.

The number stands in a strip of bright and dark blocks, mirrored and at both ends, inside a bright
frame: it can be read from a screen whatever the zoom, the window and the orientation. So a test
knows by sight which image a person rates; no name or number of the application tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from numpy.typing import NDArray

from sts_qa.science.phantoms.files import nifti_bytes, png_bytes, write_file
from sts_qa.science.phantoms.panoramic import panoramic_phantom
from sts_qa.science.phantoms.volume import volume_phantom

PANORAMIC_SHAPE = (160, 320)
VOLUME_SHAPE = (20, 56, 56)
FRAME = 2
STRIP = 6
BITS = 4

# Reads the number off a canvas: the frame's bounds first, then the blocks of the upper strip
READ_NUMBER = """
(canvas) => {
  const { width, height } = canvas;
  if (!width || !height) return null;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const bright = (x, y) => data[4 * (Math.round(y) * width + Math.round(x))] > 127;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!bright(x, y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  if (right < 0) return null;
  const [frame, strip, blocks] = [2, 6, 10];
  const isWide = right - left > 1.5 * (bottom - top);
  const pixel = (bottom - top + 1) / (isWide ? 160 : 56);
  const inner = right - left + 1 - 2 * frame * pixel;
  const read = [];
  for (let block = 0; block < blocks; block += 1) {
    const x = left + frame * pixel + (inner * (block + 0.5)) / blocks;
    read.push(bright(x, top + (frame + strip / 2) * pixel) ? 1 : 0);
  }
  const half = read.slice(0, blocks / 2);
  if (half[0] !== 1 || half.join() !== read.slice(blocks / 2).reverse().join()) return null;
  return half.slice(1).reduce((number, bit) => 2 * number + bit, 0);
}
"""


@dataclass(frozen=True)
class MarkedItem:
    """One image, the number on it, and what the application makes of it."""

    number: int
    category: str
    group: str
    labelled: bool
    key: str
    mask_key: str = ""

    @property
    def is_volume(self) -> bool:
        return self.key.endswith(".nii.gz")


def write_dataset(folder: Path) -> dict[int, MarkedItem]:
    """Write eleven items below `folder`: radiographs and volumes, with and without a mask."""
    items = {item.number: item for item in _plan()}
    for item in items.values():
        image, mask = _volume(item) if item.is_volume else _panoramic(item)
        write_file(folder / item.key, image)
        if item.labelled:
            write_file(folder / item.mask_key, mask)
    return items


def _plan() -> Iterator[MarkedItem]:
    folders = (
        ("A-PXI", "STS-2D-Tooth", "STS-2D-Tooth/A-PXI", True, 2),
        ("A-PXI", "STS-2D-Tooth", "STS-2D-Tooth/A-PXI", False, 5),
        ("C-PXI", "STS-2D-Tooth", "STS-2D-Tooth/C-PXI", True, 1),
        ("C-PXI", "STS-2D-Tooth", "STS-2D-Tooth/C-PXI", False, 1),
        ("STS-3D-Tooth", "", "STS-3D-Tooth/ROI", True, 1),
        ("STS-3D-Tooth", "", "STS-3D-Tooth/Integrity", False, 1),
    )
    number = 0
    for category, group, path, labelled, count in folders:
        for _copy in range(count):
            number += 1
            ending = "nii.gz" if category == "STS-3D-Tooth" else "png"
            name = f"jawbank_{number:04}.{ending}"
            part = f"{path}/{'Labeled' if labelled else 'Unlabeled'}"
            mask = f"{part}/Mask/{name}" if labelled else ""
            yield MarkedItem(number, category, group, labelled, f"{part}/Image/{name}", mask)


def _panoramic(item: MarkedItem) -> tuple[bytes, bytes]:
    phantom = panoramic_phantom(item.number, shape=PANORAMIC_SHAPE)
    pixels = phantom.pixels.copy()
    _mark(pixels, item.number, dark=0, bright=255)
    return png_bytes(pixels), png_bytes(phantom.mask)


def _volume(item: MarkedItem) -> tuple[bytes, bytes]:
    phantom = volume_phantom(item.number, shape=VOLUME_SHAPE, orientation="SPL")
    voxels = phantom.pixels.copy()
    dark, bright = int(voxels.min()), int(voxels.max())
    for axial in voxels:
        _mark(axial, item.number, dark=dark, bright=bright)
    return nifti_bytes(voxels, phantom.affine), nifti_bytes(phantom.mask, phantom.affine)


def _mark(plane: NDArray, number: int, *, dark: int, bright: int) -> None:
    """Draw the frame and, along its upper and lower edge, the blocks of the number."""
    rows, columns = plane.shape
    bits = [1, *(number >> place & 1 for place in reversed(range(BITS)))]
    blocks = bits + bits[::-1]
    inner = columns - 2 * FRAME
    for strip in (slice(0, FRAME + STRIP), slice(rows - FRAME - STRIP, rows)):
        plane[strip] = dark
    for block, bit in enumerate(blocks):
        start, end = (FRAME + round(inner * place / len(blocks)) for place in (block, block + 1))
        value = bright if bit else dark
        plane[FRAME : FRAME + STRIP, start:end] = value
        plane[rows - FRAME - STRIP : rows - FRAME, start:end] = value
    plane[:FRAME] = plane[-FRAME:] = bright
    plane[:, :FRAME] = plane[:, -FRAME:] = bright
