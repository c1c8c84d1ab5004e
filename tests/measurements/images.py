"""Small images with bright ellipses as teeth on an uneven, noisy ground, and items of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image

from sts_qa.catalogue.models import ImageKind
from tests.factories import make_item

AFFINE = np.diag([0.3, 0.4, 0.5, 1.0])


def teeth(rows: int, columns: int) -> np.ndarray:
    row, column = np.ogrid[:rows, :columns]
    return ((row - rows / 2) / (rows / 4)) ** 2 + ((column - columns / 2) / (columns / 4)) ** 2 < 1


def radiograph(seed: int) -> np.ndarray:
    """48 x 64, uint8."""
    random = np.random.default_rng(seed)
    ground = 60 + 30 * np.sin(np.linspace(0, 3, 64))
    scene = ground + 80 * teeth(48, 64) + random.normal(0, 5 + seed, (48, 64))
    return np.clip(np.rint(scene), 0, 255).astype(np.uint8)


def volume(seed: int) -> np.ndarray:
    """40 x 36 x 8 along R, A, S, int16; the lowest slice holds air only."""
    random = np.random.default_rng(seed)
    scene = random.normal(-1000, 20, (40, 36, 8))
    scene[4:36, 4:32, 1:] += 1000
    scene[:, :, 1:] += 800 * teeth(40, 36)[:, :, np.newaxis]
    return np.rint(scene).astype(np.int16)


def volume_mask() -> np.ndarray:
    """Teeth on slices 2 to 5."""
    mask = np.zeros((40, 36, 8), np.uint8)
    mask[:, :, 2:6] = teeth(40, 36)[:, :, np.newaxis]
    return mask


def sha256(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def write_png(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def write_nifti(path: Path, data: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(data, AFFINE), path)
    return path


def _add(dataset, image: Path, mask: Path | None, key: str, **fields):
    item = make_item(
        dataset,
        key,
        labelled=mask is not None,
        location=str(image),
        mask_location=str(mask or ""),
        sha256=sha256(image),
        **fields,
    )
    if mask is not None:
        item.current_version.mask.sha256 = sha256(mask)
        item.current_version.mask.save()
    return item


def add_radiograph(dataset, folder: Path, number: int, *, labelled: bool = False, **fields):
    key = f"A-PXI/{number:02}.png"
    image = write_png(folder / key, radiograph(number))
    inside = (teeth(48, 64) * 255).astype(np.uint8)
    mask = write_png(folder / "masks" / key, inside) if labelled else None
    return _add(dataset, image, mask, key, shape=(48, 64), **fields)


def add_volume(dataset, folder: Path, number: int, *, labelled: bool = False):
    key = f"3D/{number}.nii.gz"
    image = write_nifti(folder / key, volume(number))
    mask = write_nifti(folder / "masks" / key, volume_mask()) if labelled else None
    return _add(
        dataset,
        image,
        mask,
        key,
        category="STS-3D-Tooth",
        group="",
        kind=ImageKind.VOLUME,
        shape=(40, 36, 8),
        dtype="int16",
        affine=AFFINE.tolist(),
        spacing=[0.3, 0.4, 0.5],
    )
