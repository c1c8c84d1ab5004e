"""Metrics of one image once more: numpy, scipy, scikit-image, PyWavelets and MRIQC's formulas."""

import math
from typing import NamedTuple

import numpy as np
import pywt
from scipy import ndimage, signal, spatial, stats
from skimage import measure, morphology

from tests.science.metrics.independent_edges import edge_metrics


class Image(NamedTuple):
    """Grey values with the teeth, black and white, the lowest and highest possible value."""

    pixels: np.ndarray
    mask: np.ndarray
    value_range: tuple[float, float]
    limits: tuple[float, float]

    @property
    def grey(self) -> np.ndarray:
        """Grey values on the scale 0..255."""
        black, white = self.value_range
        return 255 * (self.pixels.astype(float) - black) / (white - black)


def of_any_image(image: Image) -> dict[str, float]:
    noise = wavelet_noise(image)
    p1, p99 = np.percentile(image.grey, (1, 99))
    gradients = [ndimage.sobel(image.grey, axis, mode="mirror") for axis in (0, 1)]
    tenengrad = np.mean(gradients[0] ** 2 + gradients[1] ** 2)
    blur_y, blur_x = measure.blur_effect(image.grey, h_size=11, reduce_func=None)
    return {
        "tenengrad": tenengrad,
        "tenengrad_noise_corrected": tenengrad - 24 * noise**2,
        "blur_effect": max(blur_x, blur_y),
        "blur_effect_x": blur_x,
        "blur_effect_y": blur_y,
        "noise_sigma": noise,
        "noise_sigma_immerkaer": immerkaer(image.grey),
        "clipped_high": np.mean(image.pixels == image.limits[1]),
        "dynamic_range_bits": np.log2((p99 - p1) / noise),
        "occupied_levels": np.unique(image.pixels).size,
        **of_regions(image, noise),
        **edge_metrics(image.grey, image.mask, 255, noise),
        **of_shape(image.mask > 0),
    }


def of_radiograph(image: Image) -> dict[str, float]:
    """Of 8 bits."""
    share = image.pixels / 255
    p1, p5, p25, p50, p75, p95, p99 = np.percentile(share, (1, 5, 25, 50, 75, 95, 99))
    return {
        "rms_contrast": np.std(share),
        "percentile_contrast": (p99 - p1) / (p99 + p1),
        "histogram_spread": p75 - p25,
        "entropy": measure.shannon_entropy(image.pixels),
        "clipped_low": np.mean(image.pixels == 0),
        "near_white": np.mean(image.pixels >= 250),
        "exposure_median": p50,
        "exposure_p5": p5,
        "exposure_p95": p95,
        "percentile_range": p99 - p1,
        "blockiness": 10 - published_score(image.pixels),
        "comb_gaps": gaps_by_histogram(image.pixels, 255),
    }


def of_regions(image: Image, noise: float) -> dict[str, float]:
    """With the formulas of MRIQC for the contrast to noise and the joint variation."""
    teeth, background = image.grey[image.mask > 0], image.grey[ring_by_distance(image.mask)]
    difference = abs(teeth.mean() - background.mean())
    pairs = teeth.size * background.size
    return {
        "contrast_to_noise": difference / np.sqrt(teeth.var() + background.var()),
        "contrast_to_noise_sigma": difference / noise,
        "coefficient_of_joint_variation": (teeth.std() + background.std()) / difference,
        "tooth_background_auc": stats.mannwhitneyu(teeth, background).statistic / pairs,
    }


def of_shape(mask: np.ndarray) -> dict[str, float]:
    parts = components(mask)
    squares = sum(measure.perimeter_crofton(np.pad(part, 1), directions=4) ** 2 for part in parts)
    outlines = [
        measure.perimeter_crofton(one, directions=4) for one in (np.pad(mask, 8), smoothed(mask))
    ]
    return {
        "mask_solidity": mask.sum() / sum(hull_area(part) for part in parts),
        "mask_isoperimetric": squares / (4 * math.pi * mask.sum()),
        "mask_roughness": outlines[0] / outlines[1],
    }


def ring_by_distance(mask: np.ndarray) -> np.ndarray:
    distance = ndimage.distance_transform_edt(mask == 0)
    return (distance >= 2) & (distance <= 15)


def wavelet_noise(image: Image) -> float:
    """Of all diagonal details but those whose 4 x 4 pixels have the lowest possible value."""
    details = np.abs(pywt.dwtn(image.grey, "db2")["dd"])
    lowest = np.pad(image.pixels == image.limits[0], 3, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(lowest, (4, 4))[1::2, 1::2]
    padding = windows.all(axis=(2, 3))[: details.shape[0], : details.shape[1]]
    return float(np.median(details[~padding]) / stats.norm.ppf(0.75))


def immerkaer(grey: np.ndarray) -> float:
    rows, columns = grey.shape
    kernel = [[1, -2, 1], [-2, 4, -2], [1, -2, 1]]
    details = signal.convolve2d(grey, kernel, mode="valid")
    return float(np.sqrt(np.pi / 2) / (6 * (columns - 2) * (rows - 2)) * np.abs(details).sum())


def published_score(pixels: np.ndarray) -> float:
    """Score S as the authors' published program works it out, axis by axis, in plain numpy."""
    grey = pixels.astype(float)
    features = []
    for image in (grey, grey.T):
        width = image.shape[1]
        differences = np.diff(image, axis=1)
        at_borders = np.abs(differences[:, 7 : 8 * (width // 8 - 1) : 8]).mean()
        inside = (8 * np.abs(differences).mean() - at_borders) / 7
        signs = np.sign(differences)
        features.append((at_borders, inside, (signs[:, :-1] * signs[:, 1:] < 0).mean()))
    b, a, z = np.mean(features, axis=0)
    return -245.8909 + 261.9373 * b**-0.02398886 * a**0.01601664 * z**0.00642859


def gaps_by_histogram(pixels: np.ndarray, white: int) -> float:
    low, high = np.percentile(pixels, (1, 99))
    counts, edges = np.histogram(pixels, bins=256, range=(0, white))
    between = (edges[1:] > low) & (edges[:-1] <= high)
    return float(np.mean(counts[between] == 0))


def components(mask: np.ndarray) -> list[np.ndarray]:
    labels = measure.label(mask, connectivity=2)
    return [labels == number for number in range(1, labels.max() + 1)]


def hull_area(part: np.ndarray) -> float:
    places = np.argwhere(part)
    corners = np.concatenate([places + corner for corner in np.ndindex(2, 2)])
    return float(spatial.ConvexHull(corners).volume)


def smoothed(mask: np.ndarray) -> np.ndarray:
    padded = np.pad(mask, 8)
    return morphology.closing(morphology.opening(padded, morphology.disk(2)), morphology.disk(2))


def mriqc_efc(image: np.ndarray) -> float:
    largest = np.sqrt(image.size) * np.log(1 / np.sqrt(image.size))
    energy = np.sqrt((image**2).sum())
    return np.sum(image / energy * np.log((image + 1e-16) / energy)) / largest


def mriqc_fber(image: np.ndarray, head_mask: np.ndarray, air_mask: np.ndarray) -> float:
    return np.median(np.abs(image[head_mask]) ** 2) / np.median(np.abs(image[air_mask]) ** 2)


def mriqc_qi1(image: np.ndarray, air_mask: np.ndarray) -> float:
    """With means of 25 pixels in place of single ones."""
    values = image[air_mask]
    spread = stats.median_abs_deviation(values, scale="normal") / np.sqrt(25)
    means = ndimage.uniform_filter(image, 5, mode="reflect")
    artifacts = air_mask & ((means - np.median(values)) / spread > 10)
    clean = air_mask & ~artifacts
    return artifacts.sum() / (clean.sum() + artifacts.sum())


def ring_spread(pixels: np.ndarray, row_step: float = 1.0, column_step: float = 1.0) -> float:
    """SD of what rings add, one circle at a time, `row_step` pixels between rows of two circles."""
    centre = (np.array(pixels.shape) - 1) / 2
    angles = np.arange(360) * 2 * np.pi / 360
    largest = int((centre / (row_step, column_step)).min())
    circles = np.array(
        [
            pixels[
                np.rint(centre[0] + row_step * radius * np.sin(angles)).astype(int),
                np.rint(centre[1] + column_step * radius * np.cos(angles)).astype(int),
            ]
            .reshape(24, 15)
            .mean(axis=1)
            for radius in range(largest + 1)
        ]
    )
    common = []
    for r in range(10, largest - 4):
        found = circles[r] - np.median(circles[[r - 5, r, r + 5]], axis=0)
        lower, upper = (np.percentile(found, 100 * part / 3) for part in (1, 2))
        common.append(lower if lower > 0 else upper if upper < 0 else 0)
    return float(np.std(common))
