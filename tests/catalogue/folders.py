"""Small images and folders of them, and units of work done in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sts_qa.jobs.running import JobContext
from sts_qa.science.phantoms.files import nifti_bytes, png_bytes, write_file

SPACING = np.diag([0.3, 0.3, 0.3, 1.0])


def png(seed: int = 0, shape: tuple[int, int] = (16, 32)) -> bytes:
    """A small grey image; another seed gives other bytes."""
    return png_bytes(np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8))


def mask_png(shape: tuple[int, int] = (16, 32), value: int = 255) -> bytes:
    pixels = np.zeros(shape, np.uint8)
    pixels[4:8, 10:20] = value
    return png_bytes(pixels)


def volume(seed: int = 0, shape: tuple[int, int, int] = (6, 5, 4), affine=SPACING) -> bytes:
    values = np.random.default_rng(seed).integers(-1000, 3000, shape).astype(np.int16)
    return nifti_bytes(values, affine)


def mask_volume(shape: tuple[int, int, int] = (6, 5, 4), affine=SPACING) -> bytes:
    values = np.zeros(shape, np.uint8)
    values[1:3, 2:4, 1] = 1
    return nifti_bytes(values, affine)


def folder_writer(root: Path) -> Callable[..., Path]:
    """Return a function that writes files by key below `root`, or another folder."""

    def write_all(files: dict[str, bytes], folder: Path | None = None) -> Path:
        folder = folder or root
        folder.mkdir(exist_ok=True, parents=True)
        for key, content in files.items():
            write_file(folder / key, content)
        return folder

    return write_all


def do_units_here(monkeypatch) -> None:
    """Do units of jobs in this process, because starting others takes a second."""

    def map_units(self, function, arguments, workers=None, cluster=None):
        for argument in arguments:
            self.check_cancelled()
            yield argument, function(argument), None

    monkeypatch.setattr(JobContext, "map_units", map_units)
