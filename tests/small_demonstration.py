"""The demonstration on a dozen small phantoms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import override_settings

from sts_qa.science.phantoms import demonstration, tree

# Three CC0 radiographs come with A-PXI
FOLDERS = (
    ("A-PXI", "STS-2D-Tooth/A-PXI", 2, 4),
    ("STS-3D-Tooth", "STS-3D-Tooth/ROI", 1, 2),
)
VOLUME_SHAPE = (24, 40, 40)


@contextmanager
def small_demonstration(folder: Path) -> Iterator[None]:
    """Let `load_demonstration` make a dozen items in `folder`, which may not be there yet."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(DEMONSTRATION=True, DATA_FOLDER=folder, WORKERS=1),
    ):
        patch.setattr(demonstration, "FOLDERS", FOLDERS)
        patch.setattr(tree, "VOLUME_SHAPE", VOLUME_SHAPE)
        yield
