"""Pixels are the assignment's rater's. The world's images have no files until one is made."""

import hashlib
from typing import Any

import cv2
import nibabel
import numpy as np
from django.conf import settings

from sts_qa.catalogue.files import build_store
from sts_qa.catalogue.models import ImageKind
from sts_qa.catalogue.queries.stores import files_of
from sts_qa.rating.queries.volume_facts import look_at
from tests.api.matrix import Line

ONLY_RATER = "401 404 200 404 404 | 403 200 403 404"
AFFINE = np.diag([-0.3, -0.3, 0.3, 1.0])


def _files(world) -> None:
    version = world.assignment.sampled_item.item_version
    for number, kept in enumerate((version, version.mask)):
        path = settings.DATA_FOLDER / f"{number}.png"
        cv2.imwrite(str(path), np.full((32, 64), 7 * number, np.uint8))
        kept.location = str(path)
        kept.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        kept.save()


def _volume(world) -> None:
    """Make the labelled radiograph a labelled volume of two axial slices, ready to be shown."""
    version = world.assignment.sampled_item.item_version
    voxels = np.arange(24, dtype=np.int16).reshape(4, 3, 2)
    for name, kept, values in (
        ("volume", version, voxels),
        ("mask", version.mask, (voxels > 12).astype(np.uint8)),
    ):
        path = settings.DATA_FOLDER / f"{name}.nii.gz"
        nibabel.save(nibabel.Nifti1Image(values, AFFINE), path)
        kept.location = str(path)
        kept.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    version.shape, version.dtype = voxels.shape, voxels.dtype.name
    version.affine, version.spacing, version.orientation = AFFINE.tolist(), [0.3] * 3, "LPS"
    version.item.kind = ImageKind.VOLUME
    for kept in (version.item, version, version.mask):
        kept.save()
    for file in files_of(version):
        build_store(file)
        look_at(file)


def _first_slice(_world) -> dict[str, Any]:
    return {"plane": "axial", "index": 0}


LINES = {
    "send_image": Line(ONLY_RATER, owner="rater", prepare=_files),
    "send_mask": Line(ONLY_RATER, owner="rater", prepare=_files),
    "send_picture": Line(ONLY_RATER, owner="rater", prepare=_files, query="?mask=1"),
    "send_slice": Line(ONLY_RATER, owner="rater", prepare=_volume, arguments=_first_slice),
    "send_mask_slice": Line(ONLY_RATER, owner="rater", prepare=_volume, arguments=_first_slice),
}
