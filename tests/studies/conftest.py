"""A small dataset with real files, and a study of it."""

from __future__ import annotations

import hashlib

import nibabel
import numpy as np
import pytest
from PIL import Image

from sts_qa.catalogue.models import ImageKind
from tests.factories import make_dataset, make_item, make_user


def _write_png(path, seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 64)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_nifti(path, data) -> str:
    nibabel.save(nibabel.Nifti1Image(data, np.diag([0.3, 0.3, 0.25, 1])), path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def add_radiograph(dataset, folder, key: str, *, labelled: bool = False, category="A-PXI"):
    """One radiograph with its file, and a mask file when labelled."""
    name = key.replace("/", "_")
    checksum = _write_png(folder / name, seed=len(list(folder.iterdir())))
    item = make_item(
        dataset,
        key,
        category=category,
        labelled=labelled,
        location=str(folder / name),
        mask_location=str(folder / f"mask_{name}"),
        sha256=checksum,
    )
    if labelled:
        mask = item.current_version.mask
        mask.sha256 = _write_png(folder / f"mask_{name}", seed=999)
        mask.save()
    return item


def add_volume(dataset, folder, key: str, *, labelled: bool = False):
    """One 16x12x10 volume with its file; its mask covers slices 3 to 5 when labelled."""
    name = key.replace("/", "_")
    shape = (16, 12, 10)
    data = np.random.default_rng(1).integers(-500, 500, shape).astype(np.int16)
    affine = np.diag([0.3, 0.3, 0.25, 1]).tolist()
    item = make_item(
        dataset,
        key,
        category="STS-3D-Tooth",
        group="",
        labelled=labelled,
        kind=ImageKind.VOLUME,
        shape=shape,
        location=str(folder / name),
        mask_location=str(folder / f"mask_{name}"),
        sha256=_write_nifti(folder / name, data),
        dtype="int16",
        affine=affine,
        spacing=[0.3, 0.3, 0.25],
        orientation="RAS",
    )
    if labelled:
        mask = np.zeros(shape, np.uint8)
        mask[4:8, 3:6, 3:6] = 1
        version = item.current_version.mask
        version.sha256 = _write_nifti(folder / f"mask_{name}", mask)
        version.extent = [[4, 7], [3, 5], [3, 5]]
        version.save()
    return item


@pytest.fixture
def coordinator(db):
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def dataset(coordinator, tmp_path):
    """A-PXI: 4 labelled and 16 unlabelled radiographs; STS-3D-Tooth: 2 and 4 volumes."""
    dataset = make_dataset(owner=coordinator)
    for number in range(20):
        add_radiograph(dataset, tmp_path, f"A-PXI/{number:02}.png", labelled=number < 4)
    for number in range(6):
        add_volume(dataset, tmp_path, f"3D/{number}.nii.gz", labelled=number < 2)
    return dataset
