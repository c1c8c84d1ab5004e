"""The metrics of edges once more: pixel by pixel, in double precision, with scipy."""

import math

import cv2
import numpy as np
from scipy import ndimage, special

DISTANCES = [step / 2 for step in range(-20, 21)]


def edge_metrics(
    pixels: np.ndarray, mask: np.ndarray, span: float, noise: float
) -> dict[str, float]:
    """`span` in stored values, SD of the noise in grey levels of 255."""
    profiles = [
        (turned(values), normal)
        for values, normal in boundary_profiles(pixels.astype(float), mask != 0)
    ]
    least = max(1, 3 * noise) * span / 255
    clear = [(v, n) for v, n in profiles if levels(v)[0] - levels(v)[1] >= least]
    widths = [(rise_width(values), normal) for values, normal in clear]
    places = [steepest(values) for values, _ in clear]
    slopes = [[abs(v[i + 1] - v[i - 1]) for i in range(1, 40)] for v, _ in clear]
    return {
        "edge_width": np.median([w for w, _ in widths if w]),
        "edge_width_x": np.median([w for w, (row, column) in widths if w and column >= row]),
        "edge_width_y": np.median([w for w, (row, column) in widths if w and column < row]),
        "boundary_gradient_alignment": np.mean([abs(place) <= 1 for place in places]),
        "boundary_offset": -np.median(places),
        "boundary_gradient_ratio": np.mean([slope[19] for slope in slopes])
        / np.mean([slope[9:30] for slope in slopes]),
    }


def boundary_profiles(grey, mask):
    """Means over 8 normals with the absolute mean normal (row, column).

    Without those near the border of the image or with a part of the mask too thin for a normal.
    """
    last_row, last_column = (side - 2 for side in grey.shape)
    sharp, smooth = grey, mask.astype(float)
    for axis in (0, 1):
        sharp = ndimage.correlate1d(sharp, [-0.125, 1.25, -0.125], axis, mode="mirror")
        smooth = ndimage.correlate1d(smooth, special.binom(8, range(9)) / 256, axis, mode="mirror")
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    groups = [
        [(int(row), int(column)) for column, row in contour[first : first + 8, 0]]
        for contour in contours
        for first in range(0, len(contour) - 7, 8)
    ]
    if len(groups) > 250:
        groups = [groups[number * len(groups) // 250] for number in range(250)]
    for group in groups:
        lines, normals = [], []
        for row, column in group:
            down, right = fall(smooth, row, column)
            slope = math.hypot(down, right)
            if slope < 0.02:
                break
            away = min(1, max(-1, (smooth[row, column] - 0.5) / slope))
            rows = [row + (away + t) * down / slope for t in DISTANCES]
            columns = [column + (away + t) * right / slope for t in DISTANCES]
            if min(*rows, *columns) < 1 or max(rows) > last_row or max(columns) > last_column:
                break
            lines.append(ndimage.map_coordinates(sharp, [rows, columns], order=1))
            normals.append((down / slope, right / slope))
        else:
            yield np.mean(lines, axis=0), np.abs(np.mean(normals, axis=0))


def fall(smooth, row, column):
    """By how much the smoothed mask falls downwards and to the right, border repeated."""
    last_row, last_column = (side - 1 for side in smooth.shape)
    down = smooth[max(row - 1, 0), column] - smooth[min(row + 1, last_row), column]
    right = smooth[row, max(column - 1, 0)] - smooth[row, min(column + 1, last_column)]
    return down / 2, right / 2


def turned(values):
    return values if sum(values[10:20]) >= sum(values[21:31]) else -values


def levels(values):
    """Bright and dark level: extreme means over 7 values (3 px) of either side."""
    bright = max(np.mean(values[first : first + 7]) for first in range(15))
    dark = min(np.mean(values[first : first + 7]) for first in range(20, 35))
    return bright, dark


def rise_width(values):
    bright, dark = levels(values)
    heights = [(value - dark) / (bright - dark) for value in values]
    falls = [i for i in range(40) if heights[i] >= 0.5 > heights[i + 1]]
    if not falls:
        return None
    inner = min(falls, key=lambda i: abs(DISTANCES[i] + 0.25))
    outer = inner + 1
    while heights[inner] < 0.9:
        inner -= 1
        if inner < 0:
            return None
    while heights[outer] > 0.1:
        outer += 1
        if outer > 40:
            return None
    high = np.interp(-0.9, [-heights[inner], -heights[inner + 1]], DISTANCES[inner : inner + 2])
    low = np.interp(-0.1, [-heights[outer - 1], -heights[outer]], DISTANCES[outer - 1 : outer + 1])
    return low - high


def steepest(values):
    slopes = {i: abs(values[i + 1] - values[i - 1]) for i in range(1, 40)}
    best = max(range(14, 27), key=slopes.get)
    before, largest, after = slopes[best - 1], slopes[best], slopes[best + 1]
    if max(before, after) > largest or before == largest == after:
        return DISTANCES[best]
    bend = np.polyfit([-0.5, 0, 0.5], [before, largest, after], 2)
    return min(3, max(-3, DISTANCES[best] - bend[1] / (2 * bend[0])))
