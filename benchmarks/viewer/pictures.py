"""Images and volumes that carry a number in every view, and the files that hold them.

Each view has a bright frame, and below its upper edge bright and dark blocks that spell a number:
1 0, twelve bits, their parity, 0 1. The probe in the page reads it off the canvas, so that what was
timed is known to be the image that was to come.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.serving import PROJECT

FRAME, START, BLOCK, BITS = 2, 8, 8, 12
BLOCKS = BITS + 5
# Rows and columns
IMAGE_SHAPE, RADIOGRAPH_SHAPE = (512, 512), (320, 640)
# Axial slices, rows, columns
VOLUME_SHAPE = (400, 512, 512)
PLANES = ("axial", "coronal", "sagittal")
# So that a volume's file comes to about 152 MB
VOLUME_NOISE = 97.0
# Or the blocks of sagittal slices would meet those of the coronal ones
SAGITTAL_LOWER = 24
SCENES = 8
# Volumes take half a minute each, and stay for the next run
KEPT = PROJECT / "var" / "benchmarks"

MARK: dict[str, Any] = {
    "blocks": BLOCKS,
    "block": BLOCK,
    "start": START,
    # Where blocks may lie: size of the view, and how much lower
    "places": [
        {"rows": rows, "columns": columns, "lower": lower}
        for (rows, columns), lower in (
            (IMAGE_SHAPE, 0),
            (RADIOGRAPH_SHAPE, 0),
            (VOLUME_SHAPE[:2], 0),
            (VOLUME_SHAPE[:2], SAGITTAL_LOWER),
        )
    ],
}


def blocks_of(number: int) -> list[int]:
    bits = [number >> place & 1 for place in reversed(range(BITS))]
    return [1, 0, *bits, sum(bits) % 2, 0, 1]


def mark_view(view: NDArray[Any], number: int, dark: int, bright: int) -> None:
    """Draw the blocks of `number` into rows and columns as they are shown."""
    end = START + BLOCK * BLOCKS
    view[START - 4 : START + BLOCK + 4, START - 4 : end + 4] = dark
    for place, bit in enumerate(blocks_of(number)):
        start = START + BLOCK * place
        view[START : START + BLOCK, start : start + BLOCK] = bright if bit else dark


def write_pictures(folder: Path, count: int, shape: tuple[int, int], *, seed: int = 1) -> None:
    """Write labelled 8-bit PNG numbered 1 to `count`, no two alike, in the STS-Tooth tree.

    512x512 comes to about 156 KiB a file, as in the workload that Label Studio was measured with.
    """
    from sts_qa.science.phantoms.files import png_bytes
    from sts_qa.science.phantoms.panoramic import panoramic_phantom

    scenes = [panoramic_phantom(seed + number, shape=shape) for number in range(SCENES)]
    random = np.random.default_rng(seed)
    place = folder / "STS-2D-Tooth" / "A-PXI" / "Labeled"
    for part in ("Image", "Mask"):
        (place / part).mkdir(parents=True)
    for number in range(1, count + 1):
        scene = scenes[number % SCENES]
        noise = np.rint(3 * random.standard_normal(shape))
        pixels = np.clip(scene.pixels + noise, 0, 255).astype(np.uint8)
        _frame(pixels, 255)
        mark_view(pixels, number, 0, 255)
        name = f"image_{number:04}.png"
        (place / "Image" / name).write_bytes(png_bytes(pixels))
        (place / "Mask" / name).write_bytes(png_bytes(scene.mask))


def _frame(pixels: NDArray[np.uint8], bright: int) -> None:
    pixels[:FRAME] = pixels[-FRAME:] = bright
    pixels[:, :FRAME] = pixels[:, -FRAME:] = bright


def plane_number(plane: str, index: int) -> int:
    """Return the number that a slice of a volume carries."""
    return PLANES.index(plane) << 10 | index


def volume_file(number: int) -> Path:
    """Return a file `.nii.gz` with a marked volume of int16, written where it is not there yet."""
    file = KEPT / f"volume-{number}-{'x'.join(map(str, VOLUME_SHAPE))}.nii.gz"
    if not file.exists():
        from sts_qa.science.phantoms.files import nifti_bytes

        voxels, affine = _marked_volume(number)
        KEPT.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_bytes(nifti_bytes(voxels, affine))
        partial.rename(file)
    return file


def _marked_volume(number: int) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Voxels stored as LPS: columns and rows of the axial view, from the inferior end."""
    from sts_qa.science.phantoms.volume import volume_phantom

    phantom = volume_phantom(
        number, shape=VOLUME_SHAPE, orientation="LPS", noise=VOLUME_NOISE, streaks=600.0
    )
    voxels = phantom.pixels
    dark, bright = int(voxels.min()), int(voxels.max())
    for axis in range(3):
        edges = np.moveaxis(voxels, axis, 0)
        edges[:FRAME] = edges[-FRAME:] = bright
    for plane, view in views_of(voxels).items():
        for index in range(voxels.shape[2 - PLANES.index(plane)]):
            _mark_slice(view(index), plane, index, dark, bright)
    return voxels, phantom.affine


def views_of(voxels: NDArray[Any]) -> dict[str, Callable[[int], NDArray[Any]]]:
    """Return, for each plane, the slice `index` of an LPS array as rows and columns on screen.

    Slices count from the inferior, posterior and left end; axial views show anterior up, the
    others superior up; the patient's right, or anterior, is on screen left.
    """
    columns, rows, _slices = voxels.shape
    return {
        "axial": lambda index: voxels[:, :, index].T,
        "coronal": lambda index: voxels[:, rows - 1 - index, ::-1].T,
        "sagittal": lambda index: voxels[columns - 1 - index, :, ::-1].T,
    }


def _mark_slice(view: NDArray[Any], plane: str, index: int, dark: int, bright: int) -> None:
    """Mark one slice; the blocks of the three planes lie where they do not meet."""
    top = SAGITTAL_LOWER if plane == "sagittal" else 0
    mark_view(view[top:], plane_number(plane, index), dark, bright)
