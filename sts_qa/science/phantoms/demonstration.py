"""What the demonstration consists of: which phantoms, how good each is, and which masks are faulty.

The plan alone says all this; no image has to be made to know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.phantoms.radiographs_cc0 import NAMES
from sts_qa.science.phantoms.truth import generator

FloatArray = NDArray[np.float64]

_PLAN = 21
PANORAMIC, VOLUME, RADIOGRAPH = "panoramic", "volume", "radiograph"
# Category, folder, labelled items, unlabelled phantoms.
FOLDERS = (
    ("A-PXI", "STS-2D-Tooth/A-PXI", 6, 21),
    ("C-PXI", "STS-2D-Tooth/C-PXI", 4, 8),
    ("STS-3D-Tooth", "STS-3D-Tooth/ROI", 1, 2),
    ("STS-3D-Tooth", "STS-3D-Tooth/Integrity", 1, 2),
)
# Nobody knows the truth of a real radiograph: these are stand-ins for the simulation only.
RADIOGRAPH_QUALITY = {"contrast": 0.85, "sharpness": 0.85, "artifacts": 0.75, "iqsc": 0.80}


@dataclass(frozen=True)
class PlannedItem:
    """One item of the demonstration.

    Attributes
    ----------
    key, mask_key : str
        Paths below the dataset's root; mask_key is None for an unlabelled item.
    category : str
    kind : str
        PANORAMIC, VOLUME or RADIOGRAPH (one of the three real ones).
    seed : int
        Seed of the phantom.
    blur, noise, contrast, streaks, rings : float
        Settings of the phantom, in pixels and grey levels.
    teeth_left_out : int
        Teeth that the mask leaves out by a planted mistake.
    mask_growth : int
        Pixels by which the mask reaches over the teeth's edges by a planted mistake.
    """

    key: str
    mask_key: str | None
    category: str
    kind: str
    seed: int
    blur: float = 0.0
    noise: float = 0.0
    contrast: float = 1.0
    streaks: float = 0.0
    rings: float = 0.0
    teeth_left_out: int = 0
    mask_growth: int = 0

    @property
    def labelled(self) -> bool:
        return self.mask_key is not None

    @property
    def child(self) -> bool:
        return self.category == "C-PXI"


def demonstration_plan(seed: int) -> tuple[PlannedItem, ...]:
    """All items of the demonstration, in the order of their folders."""
    random = generator(seed, _PLAN)
    items: list[PlannedItem] = []
    for category, folder, labelled, unlabelled in FOLDERS:
        kind = VOLUME if category == "STS-3D-Tooth" else PANORAMIC
        items += [
            _planned(random, category, folder, kind, number, number < labelled)
            for number in range(labelled + unlabelled)
        ]
        if category == "A-PXI":
            items += [
                PlannedItem(f"{folder}/Unlabeled/Image/{name}", None, category, RADIOGRAPH, 0)
                for name in NAMES
            ]
    return tuple(items)


def _planned(
    random: np.random.Generator,
    category: str,
    folder: str,
    kind: str,
    number: int,
    labelled: bool,
) -> PlannedItem:
    stem = f"{folder.rsplit('/', 1)[-1].lower()}_phantom_{number + 1:03d}"
    name = f"{stem}.nii.gz" if kind == VOLUME else f"{stem}.png"
    part = "Labeled" if labelled else "Unlabeled"
    # Most are good and some are not, as in a data set after filtering.
    poor = random.random(4) < (0.30, 0.25, 0.20, 0.35)
    strength = random.random(4).tolist()
    grey = 12.0 if kind == VOLUME else 1.0
    noise = (2.0 + 2.0 * strength[0] + (4.0 if poor[0] else 0.0)) * grey
    faults = random.random(2) < 0.4 if labelled else (False, False)
    return PlannedItem(
        key=f"{folder}/{part}/Image/{name}",
        mask_key=f"{folder}/{part}/Mask/{name}" if labelled else None,
        category=category,
        kind=kind,
        seed=int(random.integers(2**31)),
        noise=round(noise, 2),
        blur=round(0.3 + 0.4 * strength[1] + (1.2 if poor[1] else 0.0), 2),
        contrast=round(1.0 - 0.15 * strength[2] - (0.4 if poor[2] else 0.0), 2),
        streaks=round((10.0 + 25.0 * strength[3]) * 1.6 * grey, 1) if poor[3] else 0.0,
        rings=round(120.0 * strength[3], 1) if poor[3] and kind == VOLUME else 0.0,
        teeth_left_out=1 + int(2 * strength[0]) if faults[0] else 0,
        mask_growth=1 if faults[1] else 0,
    )


def latent_qualities(items: Sequence[PlannedItem], codes: Sequence[str]) -> FloatArray:
    """What the simulation takes as an item's quality by criterion.

    Parameters
    ----------
    items : sequence of PlannedItem
    codes : sequence of str
        Among contrast, sharpness, artifacts, pixel_accuracy, boundary_accuracy, iqsc.

    Returns
    -------
    ndarray of shape (items, codes)
        0 (worst) to 1 (best); nan where a criterion does not apply because there is no mask.
    """
    rows = [_qualities(item) for item in items]
    return np.array([[row[code] for code in codes] for row in rows], dtype=float)


def _qualities(item: PlannedItem) -> dict[str, float]:
    if item.kind == RADIOGRAPH:
        return {**RADIOGRAPH_QUALITY, "pixel_accuracy": np.nan, "boundary_accuracy": np.nan}
    grey = 12.0 if item.kind == VOLUME else 1.0
    noise = item.noise / grey
    contrast = 1.0 - 0.8 * (1.0 - item.contrast) - 0.02 * noise
    sharpness = float(np.exp(-((item.blur / 2.2) ** 1.5))) - 0.01 * noise
    artifacts = float(np.exp(-(item.streaks / grey + item.rings / 10.0) / 90.0)) - 0.01 * noise
    mask = 1.0 if item.labelled else np.nan
    quality = {
        "contrast": contrast,
        "sharpness": sharpness,
        "artifacts": artifacts,
        "pixel_accuracy": mask * (0.97 - 0.12 * item.teeth_left_out),
        "boundary_accuracy": mask * (0.97 - 0.20 * item.mask_growth),
        "iqsc": 0.15 + 0.65 * min(contrast, sharpness, artifacts),
    }
    return {code: float(np.clip(value, 0.0, 1.0)) for code, value in quality.items()}
