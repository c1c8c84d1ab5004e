"""Metrics of a labelled radiograph with scikit-image and scipy, each by itself.

What somebody writes who computes one metric after another: nothing is shared, and all is done in
double precision. Metrics of which neither program has a function (edges at the mask's boundary,
blockiness, gaps in the histogram) are left out. Reading is left out on both sides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats
from skimage import measure, restoration

from benchmarks.report import Measurement
from sts_qa.science.metrics.compute import compute
from sts_qa.science.metrics.table import METRICS
from sts_qa.science.phantoms.panoramic import panoramic_phantom

GOAL = 4.0
AGREEMENT = 1e-4
# scikit-image leaves out wavelet details that happen to be exactly 0, one or two in an image
OF_NOISE = ("noise_sigma", "contrast_to_noise_sigma", "tenengrad_noise_corrected")
AGREEMENT_OF_NOISE = 1e-3
IMAGES, QUICK_IMAGES = 60, 6
SCENES = 6

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def _regions(pixels: Pixels, mask: Mask) -> tuple[Any, Any]:
    distance = ndimage.distance_transform_edt(~mask)
    return pixels[mask].astype(float), pixels[(distance >= 2) & (distance <= 15)].astype(float)


def _contrast_to_noise(pixels: Pixels, mask: Mask) -> float:
    teeth, ring = _regions(pixels, mask)
    return float(abs(teeth.mean() - ring.mean()) / np.sqrt(teeth.var() + ring.var()))


def _joint_variation(pixels: Pixels, mask: Mask) -> float:
    teeth, ring = _regions(pixels, mask)
    return float((teeth.std() + ring.std()) / abs(teeth.mean() - ring.mean()))


def _contrast_to_sigma(pixels: Pixels, mask: Mask) -> float:
    teeth, ring = _regions(pixels, mask)
    return float(abs(teeth.mean() - ring.mean()) / restoration.estimate_sigma(pixels.astype(float)))


def _auc(pixels: Pixels, mask: Mask) -> float:
    teeth, ring = _regions(pixels, mask)
    return float(stats.mannwhitneyu(teeth, ring).statistic / (teeth.size * ring.size))


def _tenengrad(pixels: Pixels, mask: Mask) -> float:
    grey = pixels.astype(float)
    return float(
        np.mean(sum(ndimage.sobel(grey, axis=axis, mode="mirror") ** 2 for axis in (0, 1)))
    )


def _corrected(pixels: Pixels, mask: Mask) -> float:
    sigma = restoration.estimate_sigma(pixels.astype(float))
    return _tenengrad(pixels, mask) - 24 * float(sigma) ** 2


def _immerkaer(pixels: Pixels, mask: Mask) -> float:
    kernel = np.outer([1, -2, 1], [1, -2, 1])
    inner = ndimage.convolve(pixels.astype(float), kernel)[1:-1, 1:-1]
    return float(np.sqrt(np.pi / 2) / 6 * np.abs(inner).mean())


def _percentile_contrast(pixels: Pixels, mask: Mask) -> float:
    low, high = np.percentile(pixels, (1, 99))
    return float((high - low) / (high + low))


def _range(pixels: Pixels, low: float, high: float) -> float:
    return float(np.subtract(*np.percentile(pixels, (high, low)))) / 255


ONE_BY_ONE: dict[str, Callable[[Pixels, Mask], float]] = {
    "rms_contrast": lambda pixels, mask: float(np.std(pixels / 255)),
    "percentile_contrast": _percentile_contrast,
    "histogram_spread": lambda pixels, mask: _range(pixels, 25, 75),
    "entropy": lambda pixels, mask: float(measure.shannon_entropy(pixels)),
    "contrast_to_noise": _contrast_to_noise,
    "coefficient_of_joint_variation": _joint_variation,
    "contrast_to_noise_sigma": _contrast_to_sigma,
    "tooth_background_auc": _auc,
    "tenengrad": _tenengrad,
    "tenengrad_noise_corrected": _corrected,
    # The blur effects of both axes come from the same call, so they are not counted again
    "blur_effect": lambda pixels, mask: float(measure.blur_effect(pixels.astype(float))),
    "noise_sigma": lambda pixels, mask: float(restoration.estimate_sigma(pixels.astype(float))),
    "noise_sigma_immerkaer": _immerkaer,
    "clipped_low": lambda pixels, mask: float(np.mean(pixels == 0)),
    "clipped_high": lambda pixels, mask: float(np.mean(pixels == 255)),
    "near_white": lambda pixels, mask: float(np.mean(pixels >= 250)),
    "exposure_median": lambda pixels, mask: float(np.median(pixels)) / 255,
    "exposure_p5": lambda pixels, mask: float(np.percentile(pixels, 5)) / 255,
    "exposure_p95": lambda pixels, mask: float(np.percentile(pixels, 95)) / 255,
    "percentile_range": lambda pixels, mask: _range(pixels, 1, 99),
}


def compare(quick: bool) -> list[Measurement]:
    """Time both on the same images in turns, and see that they say the same."""
    names = [name for name in METRICS if name in ONE_BY_ONE]
    images = _images(QUICK_IMAGES if quick else IMAGES)
    cv2.setNumThreads(1)
    compute(names, *images[0])
    ours = theirs = 0.0
    for pixels, mask in images:
        start = time.perf_counter()
        found = compute(names, pixels, mask)
        middle = time.perf_counter()
        expected = {name: ONE_BY_ONE[name](pixels, mask) for name in names}
        ours, theirs = ours + middle - start, theirs + time.perf_counter() - middle
        _agree({name: found[name].value for name in names}, expected)
    print(f"Computed by both: {', '.join(names)}")
    each = 1000 / len(images)
    return [
        Measurement(
            f"{len(names)} metrics of a radiograph (peer: scikit-image and scipy, one by one)",
            ours * each,
            "ms",
            theirs * each,
            f"at least {GOAL:.0f} times faster",
            theirs >= GOAL * ours,
        )
    ]


def _images(count: int) -> Sequence[tuple[Pixels, Mask]]:
    scenes = [panoramic_phantom(100 + seed) for seed in range(min(count, SCENES))]
    random = np.random.default_rng(3)
    images = []
    for number in range(count):
        scene = scenes[number % len(scenes)]
        noise = random.integers(-3, 4, scene.pixels.shape)
        images.append((np.clip(scene.pixels + noise, 0, 255).astype(np.uint8), scene.mask > 0))
    return images


def _agree(ours: dict[str, float | None], theirs: dict[str, float]) -> None:
    for name, expected in theirs.items():
        found = ours[name]
        tolerance = AGREEMENT_OF_NOISE if name in OF_NOISE else AGREEMENT
        if found is None or not np.isclose(found, expected, rtol=tolerance, atol=1e-9):
            raise SystemExit(f"{name}: ours {found}, scikit-image or scipy {expected}")
