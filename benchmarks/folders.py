"""Folders of radiographs for benchmarks, in the tree and the proportions of the STS-Tooth study."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from sts_qa.science.phantoms.panoramic import panoramic_phantom

# Category, labelled and unlabelled of the 4,000 radiographs of the study
PARTS = (("A-PXI", 850, 2650), ("C-PXI", 50, 450))
TOTAL = 4000
SCENES = 8


def write_radiographs(folder: Path, count: int = TOTAL, *, seed: int = 1) -> tuple[int, int]:
    """Write about `count` PNG of 640x320 and the masks of the labelled ones.

    A few phantoms, each time with other noise, so that no two files are alike.

    Returns
    -------
    tuple of int
        Number of images and of masks.
    """
    scenes = [panoramic_phantom(seed + number) for number in range(SCENES)]
    random = np.random.default_rng(seed)
    images = masks = 0
    for category, labelled, unlabelled in PARTS:
        for part, share in (("Labeled", labelled), ("Unlabeled", unlabelled)):
            place = folder / "STS-2D-Tooth" / category / part
            (place / "Image").mkdir(parents=True)
            (place / "Mask").mkdir() if part == "Labeled" else None
            for number in range(round(share * count / TOTAL)):
                scene = scenes[number % SCENES]
                name = f"{category}_{number:05d}.png"
                noise = random.integers(-3, 4, scene.pixels.shape, dtype=np.int16)
                pixels = np.clip(scene.pixels + noise, 0, 255).astype(np.uint8)
                cv2.imwrite(str(place / "Image" / name), pixels)
                images += 1
                if part == "Labeled":
                    cv2.imwrite(str(place / "Mask" / name), scene.mask)
                    masks += 1
    return images, masks
