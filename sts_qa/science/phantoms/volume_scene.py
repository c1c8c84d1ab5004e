"""Head, jaws and air of a CBCT-like volume, one axial slice at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sts_qa.science.phantoms.texture import band_limited_noise, smooth_step
from sts_qa.science.phantoms.volume_teeth import ARCH_DEPTH, ARCH_HALF_WIDTH, arch_points

FloatArray = NDArray[np.float64]

AIR, SOFT_TISSUE, FAT, PLASTIC = -1000.0, 50.0, -90.0, 120.0
CORTICAL, TRABECULAR = 1250.0, 420.0
CHIN_REST_Y, CHIN_REST_Z, CHIN_REST_HALF_WIDTH = -17.0, -34.0, 26.0
TEXTURE_MM = 0.9


class HeadSlices:
    """Draws the axial slices of one seeded head.

    Parameters
    ----------
    axes : tuple of ndarray
        Millimetres of the voxel centres along (slices z, rows y, columns x).
    random : Generator
    """

    def __init__(
        self, axes: tuple[FloatArray, FloatArray, FloatArray], random: np.random.Generator
    ) -> None:
        self.z, y, x = axes
        self.y, self.x = y[:, None], x[None, :]
        self.distance, self.behind = self._arch_distance(x, y)
        self.head_width = 66.0 + float(random.normal(0.0, 1.5))
        self.jaw_height = 33.0 + float(random.normal(0.0, 1.5))
        extents = [float(np.ptp(axis)) + 4.0 * TEXTURE_MM for axis in axes]
        counts = [max(8, round(extent / TEXTURE_MM)) for extent in extents]
        self.grain = band_limited_noise(
            random, (counts[0], counts[1], counts[2]), fine=0.7, coarse=2.2
        )
        self.interpolate = [
            _linear_weights(len(axis), count) for axis, count in zip(axes, counts, strict=True)
        ]

    def _arch_distance(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Distance in mm to the jaws' middle line, and how far behind the teeth a place lies."""
        arch = arch_points(401)
        back = np.linspace(ARCH_DEPTH, 78.0, 120)
        flare = ARCH_HALF_WIDTH + 0.42 * (back - ARCH_DEPTH)
        line = np.concatenate([arch, np.stack([flare, back], 1), np.stack([-flare, back], 1)])
        places = np.stack(np.broadcast_arrays(self.x, self.y), axis=-1).reshape(-1, 2)
        nearest = cKDTree(line).query(places)[0].reshape(len(y), len(x))
        behind = np.broadcast_to(smooth_step(self.y, 38.0, 46.0), nearest.shape)
        return np.asarray(nearest, dtype=float), behind

    def _grain(self, number: int) -> FloatArray:
        depth, down, across = self.interpolate
        nodes = np.flatnonzero(depth[number])
        plane = sum(depth[number, node] * self.grain[node] for node in nodes)
        result: FloatArray = down @ plane @ across.T
        return result

    def draw(self, number: int) -> FloatArray:
        """Grey values of slice `number` without teeth, of shape (rows, columns)."""
        z = float(self.z[number])
        scene = self._soft_parts(z)
        grain = self._grain(number)
        scene = self._bone(scene, self._jaw_half_thickness(z), grain)
        scene = self._spine(scene, z, grain)
        if z < CHIN_REST_Z:
            plate = (self.y < CHIN_REST_Y) & (np.abs(self.x) < CHIN_REST_HALF_WIDTH)
            scene = np.where(plate, PLASTIC, scene)
        return scene

    def _soft_parts(self, z: float) -> FloatArray:
        """Head, mouth, airway and sinuses."""
        narrow = 1.0 - 0.22 * float(smooth_step(np.array(-z), 10.0, 60.0))
        middle, depth = 58.0, 70.0 * (0.5 + 0.5 * narrow)
        head = np.hypot(self.x / (self.head_width * narrow), (self.y - middle) / depth)
        scene = np.where(head < 1.0, np.where(head > 0.955, FAT, SOFT_TISSUE), AIR)
        airway = np.hypot(self.x / 11.0, (self.y - 74.0) / 6.0) < 1.0
        scene = np.where(airway, AIR, scene)
        if 14.0 < z < 50.0:
            size = float(np.sqrt(max(0.0, 1.0 - ((z - 34.0) / 21.0) ** 2)))
            sinus = np.hypot((np.abs(self.x) - 25.0) / 11.5, (self.y - 36.0) / 16.0)
            scene = np.where(sinus < size, AIR, np.where(sinus < size + 0.09, CORTICAL, scene))
        if z > 18.0:
            nose = np.hypot((np.abs(self.x) - 5.5) / 4.5, (self.y - 30.0) / 28.0)
            scene = np.where(nose < 1.0, AIR, np.where(nose < 1.12, 0.6 * CORTICAL, scene))
        return scene

    def _jaw_half_thickness(self, z: float) -> FloatArray:
        """Half the bone's thickness in mm at height z, of shape (rows, columns); 0 for none."""
        if z < 0.0:
            base = smooth_step(np.array(-z), 9.0, 14.0) * 5.4
            base = base + 1.6 * smooth_step(np.array(-z), 16.0, 26.0)
            low = self.jaw_height
            base = base * (1.0 - smooth_step(np.array(-z), low - 3.0, low + 4.0))
            ramus = 4.2 * (1.0 - smooth_step(np.array(-z), low - 8.0, low + 1.0))
        else:
            base = smooth_step(np.array(z), 9.0, 14.0) * 6.2
            base = base * (1.0 - 0.55 * smooth_step(np.array(z), 22.0, 34.0))
            ramus = np.array(3.8)
        behind = self.behind if z < 8.0 else np.zeros_like(self.behind)
        front = np.where(self.y < 52.0, 1.0, 0.0) if z > 8.0 else 1.0 - self.behind
        result: FloatArray = base * front + ramus * behind
        return result

    def _bone(self, scene: FloatArray, half: FloatArray, grain: FloatArray) -> FloatArray:
        depth = half - self.distance
        inside = (depth > 0.0) & (half > 0.8)
        shell = 1.0 - smooth_step(depth, 1.2, 2.2)
        spongy = TRABECULAR + 170.0 * grain
        return np.where(inside, spongy + (CORTICAL - spongy) * shell, scene)

    def _spine(self, scene: FloatArray, z: float, grain: FloatArray) -> FloatArray:
        """A vertebral body with its arch, and discs between the bodies."""
        body = np.hypot(self.x / 11.5, (self.y - 96.0) / 9.0)
        hole = np.hypot(self.x / 9.0, (self.y - 113.0) / 7.5)
        disc = (z + 60.0) % 19.0 < 4.0
        spongy = TRABECULAR + 120.0 * grain
        bone = np.where(body > 0.88, CORTICAL, spongy)
        scene = np.where(body < 1.0, SOFT_TISSUE + 60.0 if disc else bone, scene)
        ring = (hole > 1.0) & (hole < 1.35) & (body >= 1.0)
        return np.where(ring & (not disc), 0.8 * CORTICAL, scene)


def _linear_weights(count: int, nodes: int) -> FloatArray:
    """Weights (count, nodes) that interpolate linearly from nodes to count places."""
    position = np.linspace(0.5, nodes - 1.5, count)
    lower = np.floor(position).astype(int)
    weights = np.zeros((count, nodes))
    weights[np.arange(count), lower] = 1.0 - (position - lower)
    weights[np.arange(count), lower + 1] = position - lower
    return weights
