"""Jaws, air spaces and the ghost of the spine: all of a panoramic-like image but the teeth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sts_qa.science.phantoms.panoramic_teeth import Canvas, smile_line
from sts_qa.science.phantoms.texture import band_limited_noise, smooth_step

FloatArray = NDArray[np.float64]

AIR = 30.0
BORDER = 6.0
BORDER_COLUMNS = 8.0
# The right half of the lower jaw's outline on the design grid of 640 x 320.
JAW = np.array(
    [
        (320, 300), (370, 298), (415, 288), (460, 268), (505, 240), (550, 212), (578, 188),
        (592, 150), (598, 110), (602, 75), (607, 52), (596, 42), (582, 46), (574, 62), (566, 76),
        (552, 62), (540, 52), (532, 62), (530, 95), (527, 130), (518, 152), (500, 168), (450, 188),
        (400, 194), (320, 196),
    ],
    dtype=float,
)  # fmt: skip
MAXILLA = np.array(
    [
        (320, 40), (350, 42), (400, 30), (470, 26), (520, 40), (530, 66), (528, 100), (505, 116),
        (460, 120), (400, 126), (320, 128),
    ],
    dtype=float,
)  # fmt: skip
SINUS = np.array(
    [(372, 22), (440, 14), (500, 22), (512, 58), (486, 82), (430, 88), (386, 78), (364, 52)],
    dtype=float,
)
NOSE = np.array([(325, 6), (352, 14), (362, 44), (350, 68), (326, 72)], dtype=float)


def mirrored(points: FloatArray) -> FloatArray:
    """The other half of an outline given for the right side of the image."""
    other: FloatArray = points * np.array([-1.0, 1.0]) + np.array([640.0, 0.0])
    return other[::-1]


def _rounded(points: FloatArray, rounds: int = 3) -> FloatArray:
    """Cut the corners of a closed polygon (Chaikin)."""
    for _ in range(rounds):
        following = np.roll(points, -1, axis=0)
        both = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1)
        points = both.reshape(-1, 2)
    return points


class Surroundings:
    """Builds the picture without teeth from seeded, slightly different shapes."""

    def __init__(self, canvas: Canvas, random: np.random.Generator) -> None:
        self.canvas = canvas
        self.random = random
        self.columns, self.rows = canvas.grid()
        self.size = float(canvas.scale.mean())

    def soften(self, layer: FloatArray, sigma: float) -> FloatArray:
        """Blur by `sigma` pixels of the design grid."""
        result: FloatArray = ndimage.gaussian_filter(layer, sigma * self.size, truncate=3.0)
        return result

    def _both_sides(self, points: FloatArray, wobble: float) -> FloatArray:
        layer = np.zeros(self.canvas.shape)
        for half in (points, mirrored(points)):
            moved = half + self.random.normal(0.0, wobble, half.shape)
            layer = np.maximum(layer, self.canvas.coverage(_rounded(moved)))
        return layer

    def _jaw(self) -> FloatArray:
        wobble = self.random.normal(0.0, 2.0, JAW.shape)
        wobble[[0, -1], 0] = 0.0
        right, left = JAW + wobble, mirrored(JAW + wobble)
        whole = np.concatenate([right[:-1], left[1:]])
        return self.canvas.coverage(_rounded(whole, 3))

    def _rim(self, layer: FloatArray, depth: float, softness: float) -> FloatArray:
        """A bright line along the inside of an outline."""
        inner = np.asarray(ndimage.distance_transform_edt(layer >= 0.5), dtype=float)
        line = (layer >= 0.5) * (1.0 - smooth_step(inner, 0.0, depth * self.size))
        return self.soften(line, softness)

    def _soft_tissue(self) -> FloatArray:
        """Cheeks and neck: grey above, falling to air towards the lower corners."""
        fall = 205.0 - 30.0 * ((self.columns - 320.0) / 320.0) ** 2
        upper = 1.0 - smooth_step(self.rows, fall - 22.0, fall + 14.0)
        sides = smooth_step(self.columns, 10.0, 50.0) * smooth_step(
            640.0 - self.columns, 10.0, 50.0
        )
        return 30.0 * upper * (0.45 + 0.55 * sides)

    def _mouth(self) -> FloatArray:
        """The dark gap between the rows, wider towards the cheeks."""
        middle = (
            smile_line(self.columns, downwards=True) + smile_line(self.columns, downwards=False)
        ) / 2.0
        half = 12.0 + 12.0 * smooth_step(np.abs(self.columns - 320.0), 130.0, 215.0)
        gap = 1.0 - smooth_step(np.abs(self.rows - middle), 0.3 * half, 1.5 * half)
        return gap * (1.0 - smooth_step(np.abs(self.columns - 320.0), 190.0, 222.0))

    def _canal(self) -> FloatArray:
        """The nerve canal: two thin bright lines through each half of the lower jaw."""
        across = np.abs(self.columns - 320.0)
        path = 262.0 - 78.0 * smooth_step(across, 90.0, 235.0)
        distance = np.abs(self.rows - path)
        walls = np.exp(-(((distance - 4.5) / 1.3) ** 2)) - 0.5 * np.exp(-((distance / 3.0) ** 2))
        return walls * smooth_step(across, 85.0, 110.0) * (1.0 - smooth_step(across, 205.0, 235.0))

    def _palate(self) -> FloatArray:
        """Hard palate and its ghost: bright, slightly tilted bands."""
        across = self.columns - 320.0
        first = 84.0 + 0.012 * across - 6.0 * (across / 200.0) ** 2
        second = first - 11.0 - 0.02 * across
        reach = 1.0 - smooth_step(np.abs(across), 150.0, 225.0)
        bands = np.exp(-(((self.rows - first) / 2.6) ** 2))
        bands = bands + 0.6 * np.exp(-(((self.rows - second) / 4.0) ** 2))
        return bands * reach

    def _spine(self, visible: FloatArray) -> FloatArray:
        """The ghost of the spine: a bright band in the middle, with vertebrae faintly in it."""
        width = 34.0 + self.random.normal(0.0, 3.0)
        shift = self.random.normal(0.0, 6.0)
        across = (self.columns - 320.0 - shift) / width
        vertebrae = 1.0 + 0.12 * np.sin(self.rows / 9.0 + self.random.uniform(0.0, 6.0))
        strength = 20.0 + 6.0 * self.random.random()
        return strength * np.exp(-(across**2)) * vertebrae * visible

    def draw(self) -> FloatArray:
        """Grey levels of shape (rows, columns), exactly AIR in the lower corners."""
        jaw, maxilla = self._jaw(), self._both_sides(MAXILLA, 1.5)
        sinus, nose = self._both_sides(SINUS, 3.0), self._both_sides(NOSE, 1.5)
        bone = np.maximum(self.soften(jaw, 2.0), 0.8 * self.soften(maxilla, 3.0))
        grain = band_limited_noise(
            self.random, self.canvas.shape, fine=0.8 * self.size, coarse=2.6 * self.size
        )
        clouds = band_limited_noise(
            self.random, self.canvas.shape, fine=9.0 * self.size, coarse=24.0 * self.size
        )
        trabecular = smooth_step(self.rows, 90.0, 130.0) * bone
        scene = AIR + self._soft_tissue() + 42.0 * bone + 4.0 * clouds * np.maximum(bone, 0.0)
        scene = scene + 3.2 * grain * trabecular
        scene = scene + 30.0 * self._rim(jaw, 5.0, 0.9) * smooth_step(self.rows, 60.0, 110.0)
        scene = scene + 12.0 * self._rim(jaw, 16.0, 4.0) + 11.0 * self._canal() * bone
        scene = scene + 34.0 * self._palate()
        scene = scene - 26.0 * self.soften(sinus, 1.8) + 22.0 * self._rim(sinus, 2.2, 0.7)
        scene = scene - 38.0 * self.soften(nose, 1.8) + 16.0 * self._rim(nose, 2.2, 0.7)
        scene = scene - 38.0 * self._mouth()
        visible = np.maximum(bone, 0.4 * (1.0 - smooth_step(self.rows, 180.0, 260.0)))
        scene = scene + self._spine(visible) + 16.0 * (1.0 - smooth_step(self.rows, 4.0, 60.0))
        corner = smooth_step(self.rows, 236.0, 250.0) * (1.0 - np.clip(4.0 * bone, 0.0, 1.0))
        return np.clip(scene, 8.0, 225.0) * (1.0 - corner) + AIR * corner

    def add_border(self, scene: FloatArray) -> FloatArray:
        """The edge of the exposed field: a straight step from air to the dark border."""
        inside = (self.columns > BORDER_COLUMNS) & (self.columns < 640.0 - BORDER_COLUMNS)
        return np.where(inside, scene, BORDER)
