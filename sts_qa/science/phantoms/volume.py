"""CBCT-like volume phantoms with known blur, noise, contrast, metal streaks and rings."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.truth import PhantomTruth, Region, VolumePhantom, generator
from sts_qa.science.phantoms.volume_scene import (
    CHIN_REST_HALF_WIDTH,
    CHIN_REST_Y,
    CHIN_REST_Z,
    HeadSlices,
)
from sts_qa.science.phantoms.volume_teeth import ToothBody, body_volume, draw_body, place_bodies

FloatArray = NDArray[np.float64]
Axes = tuple[FloatArray, FloatArray, FloatArray]

WHOLE_FIELD = (120.0, 160.0, 160.0)
TOOTH_FIELD = (60.0, 64.0, 80.0)
_ANATOMY, _NOISE, _STREAKS, _RINGS = 11, 12, 13, 14
_SLAB = 16
_TRUNCATE = 5.0
_SCALE_END = 3071


def volume_phantom(
    seed: int,
    *,
    shape: tuple[int, int, int] = (64, 96, 96),
    field: tuple[float, float, float] = WHOLE_FIELD,
    orientation: str = "SPL",
    blur: float = 0.0,
    noise: float = 25.0,
    contrast: float = 1.0,
    streaks: float = 0.0,
    rings: float = 0.0,
    missing_teeth: int = 1,
) -> VolumePhantom:
    """A volume that looks like a dental cone-beam CT, with the mask of its teeth.

    Parameters
    ----------
    seed : int
        Decides anatomy, noise, streaks and rings, each from a stream of its own.
    shape : tuple of int
        Axial slices, rows, columns. (400, 512, 512) with the whole field gives voxels of
        0.3 x 0.3125 x 0.3125 mm and needs less than 2 GB of memory.
    field : tuple of float
        Millimetres covered along slices, rows and columns: WHOLE_FIELD shows head and spine,
        TOOTH_FIELD the part that bears teeth.
    orientation : str
        Axis codes of the stored array. "SPL" keeps (slices, rows, columns); "LPS" or "RAS" store
        (columns, rows, slices), flipped as the letters say. The affine always agrees.
    blur : float
        SD of the Gaussian blur in voxels, equal along all axes.
    noise : float
        SD of the white noise in grey values (HU-like).
    contrast : float
        Factor on what the teeth add to their surroundings.
    streaks : float
        Largest absolute value added by streaks around two metal crowns, in the slices that pass
        through a crown; 0 for no metal. Metal is cut off at 3071, where 12 bits end.
    rings : float
        Largest absolute value added by rings around the axis of rotation.
    missing_teeth : int
        How many teeth are absent.

    Returns
    -------
    VolumePhantom
        Pixels int16, mask uint8 0 or 1, the number of each tooth, affine to RAS millimetres, and
        the truth, whose regions index the stored array.
    """
    axes = _voxel_centres(shape, field)
    random = generator(seed, _ANATOMY)
    bodies = place_bodies(random, missing=missing_teeth, metal=2 if streaks else 0)
    head = HeadSlices(axes, random)
    scene = np.empty(shape, np.int16)
    for number in range(shape[0]):
        scene[number] = np.round(head.draw(number))
    teeth, tooth_contrast, shown = _add_teeth(scene, bodies, axes, contrast)
    disturbance = _Disturbance(seed, axes, bodies, streaks, rings)
    pixels = _degrade(scene, blur, noise, generator(seed, _NOISE), disturbance)
    flat, edge = _measuring_regions(axes)
    order = _axis_order(orientation)
    affine = _reorient_affine(_affine(axes), shape, order)
    stored_teeth = _reorient(teeth, order)
    truth = PhantomTruth(
        blur_sigma=blur,
        noise_sd=noise,
        tooth_contrast=tooth_contrast,
        streak_amplitude=streaks,
        ring_amplitude=rings,
        tooth_count=len(shown),
        tooth_measure=sum(body_volume(body) for body in shown),
        flat_region=_follow(flat, order, shape),
        edge_region=_follow(edge, order, shape),
        edge_axis=[source for source, _ in order].index(1),
    )
    return VolumePhantom(
        pixels=_reorient(pixels, order),
        mask=(stored_teeth > 0).astype(np.uint8),
        teeth=stored_teeth,
        affine=affine,
        truth=truth,
    )


def _voxel_centres(shape: tuple[int, int, int], field: tuple[float, float, float]) -> Axes:
    """Millimetres of the voxel centres; the dental arch lies where it does in a patient."""
    start = (-0.55 * field[0], -0.1875 * field[1], -0.5 * field[2])
    z, y, x = (
        begin + (np.arange(count) + 0.5) * extent / count
        for begin, extent, count in zip(start, field, shape, strict=True)
    )
    return z, y, x


def _affine(axes: Axes) -> FloatArray:
    """Voxel numbers of (slices, rows, columns) -> RAS millimetres (right, front and head > 0)."""
    z, y, x = axes
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2] = z[1] - z[0], y[0] - y[1], x[0] - x[1]
    affine[:, 3] = (-x[0], -y[0], z[0], 1.0)
    return affine


def _add_teeth(
    scene: NDArray[np.int16], bodies: list[ToothBody], axes: Axes, contrast: float
) -> tuple[NDArray[np.uint8], float, list[ToothBody]]:
    """Draw the teeth into the scene; returns which tooth is where, mean grey value added, teeth."""
    teeth = np.zeros(scene.shape, np.uint8)
    added, shown = 0.0, []
    for number, body in enumerate(bodies, start=1):
        drawn = draw_body(body, axes)
        inside = drawn.inside & (teeth[drawn.place] == 0)
        block = scene[drawn.place]
        elevation = contrast * (drawn.levels[inside] - block[inside])
        block[inside] = np.round(block[inside] + elevation)
        teeth[drawn.place][inside] = number
        added += float(elevation.sum())
        if inside.any():
            shown.append(body)
    return teeth, added / max(1, int(np.count_nonzero(teeth))), shown


class _Disturbance:
    """Streaks around metal and rings around the axis of rotation, per axial slice."""

    def __init__(
        self, seed: int, axes: Axes, bodies: list[ToothBody], streaks: float, rings: float
    ) -> None:
        self.axes = axes
        self.streaks, self.rings = streaks, rings
        self.metal = [body for body in bodies if body.metal]
        y, x = axes[1][:, None], axes[2][None, :]
        pattern = np.zeros((len(axes[1]), len(axes[2])))
        random = generator(seed, _STREAKS)
        for body in self.metal:
            right, down = x - body.x, y - body.y
            pattern += _rays(random, np.hypot(right, down), np.arctan2(down, right))
        self.streak_pattern = pattern / max(float(np.abs(pattern).max()), 1e-12)
        radius = np.hypot(x - axes[2].mean(), y - axes[1].mean())
        self.ring_pattern = _rings(generator(seed, _RINGS), radius)

    def added(self, number: int) -> FloatArray | float:
        """Grey values added to slice `number`."""
        z = float(self.axes[0][number])
        result: FloatArray | float = 0.0
        if self.streaks and any(self._crown_reaches(body, z) for body in self.metal):
            result = result + self.streaks * self.streak_pattern
        if self.rings:
            result = result + self.rings * self.ring_pattern
        return result

    @staticmethod
    def _crown_reaches(body: ToothBody, z: float) -> bool:
        along = body.z - z if body.downwards else z - body.z
        return -1.0 <= along <= 0.75 * body.size.crown


def _rays(random: np.random.Generator, radius: FloatArray, angle: FloatArray) -> FloatArray:
    """Bright and dark rays from a point, weaker with the distance in mm."""
    rays = np.zeros_like(angle)
    for _ in range(18):
        direction, width = random.uniform(-np.pi, np.pi), random.uniform(0.015, 0.06)
        off = np.abs((angle - direction + np.pi) % (2.0 * np.pi) - np.pi)
        rays += random.choice([-1.0, 1.0]) * np.exp(-((off / width) ** 2))
    result: FloatArray = rays * np.exp(-radius / 45.0) * np.clip(radius / 6.0, 0.0, 1.0)
    return result


def _rings(random: np.random.Generator, radius: FloatArray) -> FloatArray:
    """Concentric bright and dark rings, largest absolute value 1."""
    pattern = np.zeros_like(radius)
    width = max(0.5, float(radius.max()) / 150.0)
    for _ in range(9):
        middle = random.uniform(0.08, 0.7) * float(radius.max())
        pattern += random.choice([-1.0, 1.0]) * np.exp(-(((radius - middle) / width) ** 2))
    result: FloatArray = pattern / np.abs(pattern).max()
    return result


def _degrade(
    scene: NDArray[np.int16],
    blur: float,
    noise: float,
    random: np.random.Generator,
    disturbance: _Disturbance,
) -> NDArray[np.int16]:
    """Blur, disturb and add noise, a few slices at a time to keep memory small.

    Grey values end where those of scanners with 12 bits do, so that metal is cut off.
    """
    result = np.empty_like(scene)
    reach = int(_TRUNCATE * blur + 0.5)
    for start in range(0, len(scene), _SLAB):
        stop = min(start + _SLAB, len(scene))
        before = max(0, start - reach)
        slab = scene[before : stop + reach].astype(float)
        if blur > 0:
            slab = ndimage.gaussian_filter(slab, blur, mode="nearest", truncate=_TRUNCATE)
        slab = slab[start - before : stop - before]
        slab += noise * random.standard_normal(slab.shape)
        for number in range(start, stop):
            slab[number - start] += disturbance.added(number)
        result[start:stop] = np.clip(np.round(slab), -32768, _SCALE_END)
    return result


def _measuring_regions(axes: Axes) -> tuple[Region, Region]:
    """The tongue, and the straight front edge of the chin rest.

    A field without chin rest has an empty edge region.
    """
    z, y, x = axes
    flat = (_between(z, -28.0, 8.0), _between(y, 30.0, 48.0), _between(x, -10.0, 10.0))
    half = 0.6 * CHIN_REST_HALF_WIDTH
    depth = _between(z, -66.0, CHIN_REST_Z - 6.0)
    edge = (depth, _between(y, -30.0, CHIN_REST_Y + 5.0), _between(x, -half, half))
    return flat, edge


def _between(axis: FloatArray, low: float, high: float) -> slice:
    return slice(int(np.searchsorted(axis, low)), int(np.searchsorted(axis, high)))


Stored = TypeVar("Stored", np.int16, np.uint8)


def _reorient(voxels: NDArray[Stored], order: list[tuple[int, bool]]) -> NDArray[Stored]:
    """Store (slices, rows, columns) in another order of axes, some of them reversed."""
    steps = tuple(slice(None, None, -1 if reverse else 1) for _, reverse in order)
    return np.ascontiguousarray(voxels.transpose([source for source, _ in order])[steps])


def _reorient_affine(
    affine: FloatArray, shape: tuple[int, int, int], order: list[tuple[int, bool]]
) -> FloatArray:
    turned = affine.copy()
    for target, (source, reverse) in enumerate(order):
        turned[:, target] = -affine[:, source] if reverse else affine[:, source]
        if reverse:
            turned[:, 3] += affine[:, source] * (shape[source] - 1)
    return turned


def _axis_order(orientation: str) -> list[tuple[int, bool]]:
    """Per stored axis, which axis of (S, P, L) it is and whether it runs the other way."""
    pairs = ("SI", "PA", "LR")
    order = [
        (number, letter == pair[1])
        for letter in orientation
        for number, pair in enumerate(pairs)
        if letter in pair
    ]
    if sorted(number for number, _ in order) != [0, 1, 2]:
        raise ValueError(
            f"orientation {orientation!r}: give one letter each of R/L, A/P and S/I, such as LPS"
        )
    return order


def _follow(region: Region, order: list[tuple[int, bool]], shape: tuple[int, int, int]) -> Region:
    """The same region on the stored array."""
    parts = []
    for source, reverse in order:
        part, count = region[source], shape[source]
        parts.append(slice(count - part.stop, count - part.start) if reverse else part)
    return tuple(parts)
