"""Pixels are the assignment's rater's; the world's only images are radiographs without slices."""

import hashlib

import cv2
import numpy as np
from django.conf import settings

from tests.api.matrix import Line

ONLY_RATER = "401 404 200 404 404 | 403 200 403 404"
NOBODY = ONLY_RATER.replace("200", "404")


def _files(world) -> None:
    version = world.assignment.sampled_item.item_version
    for number, kept in enumerate((version, version.mask)):
        path = settings.DATA_FOLDER / f"{number}.png"
        cv2.imwrite(str(path), np.full((32, 64), 7 * number, np.uint8))
        kept.location = str(path)
        kept.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        kept.save()


LINES = {
    "send_image": Line(ONLY_RATER, owner="rater", prepare=_files),
    "send_mask": Line(ONLY_RATER, owner="rater", prepare=_files),
    "send_picture": Line(ONLY_RATER, owner="rater", prepare=_files, query="?mask=1"),
    "send_slice": Line(
        NOBODY, owner="rater", arguments=lambda world: {"plane": "axial", "index": 0}
    ),
    "send_mask_slice": Line(
        NOBODY, owner="rater", arguments=lambda world: {"plane": "axial", "index": 0}
    ),
}
