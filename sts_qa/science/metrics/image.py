"""One image as every metric sees it, and the work that several metrics share."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Result = TypeVar("Result")
Kind = Literal["radiograph", "volume"]

GREY_LEVELS = 255
"""Grey values are reported on the scale 0..255 whatever the depth of the file."""


class Reason(StrEnum):
    """Why a metric has no value for an image."""

    WRONG_KIND = "not defined for this kind of image"
    NO_MASK = "no mask"
    SMALL_MASK = "mask too small"
    NO_BACKGROUND = "no background beside the mask"
    NO_RANGE = "no range of grey values given"
    CONSTANT = "all pixels are equal"
    CONSTANT_REGIONS = "teeth and background are each of one grey value"
    EQUAL_REGIONS = "teeth and background are equally bright on average"
    BLACK = "no pixel is brighter than black"
    NO_SPREAD = "grey values do not spread (p1 = p99)"
    NO_NOISE = "no noise measured"
    NO_DETAIL = "no detail in which blocks could show"
    NO_EDGES = "too few clear edges along the mask"
    TOO_SMALL = "image too small"
    NOT_FINITE = "NaN or infinite pixels"
    NO_CONTENT = "slice without content"
    NO_REFERENCE = "no further mask to compare with"
    EMPTY_MASK = "mask empty"
    ONE_MASK_EMPTY = "one of the two masks is empty"
    BOTH_MASKS_EMPTY = "both masks are empty"
    MISFIT = "the further mask does not fit the image"
    ONE_SLICE = "mask on one slice only"
    LARGE_SURFACE = "surface of the mask too large to measure distances"
    NO_AIR = "no air in the field of view"
    CONSTANT_AIR = "air is cut off at one grey value"
    NO_TISSUE = "too little soft tissue near metal"
    ONLY_AIR = "no tissue beside air"
    NO_METAL = "no metal in the slice"
    NO_METAL_LEVEL = "neither teeth nor air by which metal could be told"
    NO_SPACING = "size of a pixel unknown"


REASONS_ZH: dict[Reason, str] = {
    Reason.WRONG_KIND: "不适用于此类图像",
    Reason.NO_MASK: "无掩膜",
    Reason.SMALL_MASK: "掩膜过小",
    Reason.NO_BACKGROUND: "掩膜旁无背景",
    Reason.NO_RANGE: "未给出灰度范围",
    Reason.CONSTANT: "所有像素相同",
    Reason.CONSTANT_REGIONS: "牙齿与背景各自只有一个灰度值",
    Reason.EQUAL_REGIONS: "牙齿与背景平均亮度相同",
    Reason.BLACK: "没有比黑色更亮的像素",
    Reason.NO_SPREAD: "灰度值没有分布范围（p1 = p99）",
    Reason.NO_NOISE: "未测得噪声",
    Reason.NO_DETAIL: "没有可显示块效应的细节",
    Reason.NO_EDGES: "掩膜边界上清晰的边缘过少",
    Reason.TOO_SMALL: "图像过小",
    Reason.NOT_FINITE: "含有 NaN 或无穷大像素",
    Reason.NO_CONTENT: "层面无内容",
    Reason.NO_REFERENCE: "没有可供比较的其他掩膜",
    Reason.EMPTY_MASK: "掩膜为空",
    Reason.ONE_MASK_EMPTY: "两个掩膜之一为空",
    Reason.BOTH_MASKS_EMPTY: "两个掩膜均为空",
    Reason.MISFIT: "附加掩膜与图像不符",
    Reason.ONE_SLICE: "掩膜仅在一个层面上",
    Reason.LARGE_SURFACE: "掩膜表面过大，无法测量距离",
    Reason.NO_AIR: "视野内无空气",
    Reason.CONSTANT_AIR: "空气被截断为同一灰度值",
    Reason.NO_TISSUE: "金属附近软组织过少",
    Reason.ONLY_AIR: "除空气外无组织",
    Reason.NO_METAL: "层面内无金属",
    Reason.NO_METAL_LEVEL: "既无牙齿掩膜也无空气，无法判定金属",
    Reason.NO_SPACING: "像素尺寸未知",
}


class NotApplicable(ValueError):
    """The metric has no value for this image; `reason` says why."""

    def __init__(self, reason: Reason):
        super().__init__(reason.value)
        self.reason = reason


class PreparedImage:
    """A grey image with its mask, and a store for what is computed from it once.

    Parameters
    ----------
    pixels : ndarray of shape (M, N) or (M, N, C)
        Stored values of any integer, boolean or float type; never changed. C is 1 (grey),
        2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha). Alpha is left out; colour becomes ITU-R BT.601
        luma, unrounded, unless R = G = B.
    mask : ndarray of shape (M, N), optional
        Tooth where not 0.
    spacing : (row, column), optional
        Size of a pixel in mm.
    kind : {'radiograph', 'volume'}
        'volume' for an axial slice of a volume.
    value_range : (black, white), optional
        Stored values that stand for 0 and 1. Default for radiographs: the limits of the integer
        type. Float radiographs and slices have no range of their own: for slices give
        p0.5 and p99.5 of the whole volume.
    limits : (lowest, highest), optional
        Values at which a pixel counts as clipped. Default: `value_range`.
    metal_level : float, optional
        Stored value above which a voxel of the volume counts as metal. Default for slices: by the
        slice itself, see `metal.over_range`.
    """

    def __init__(
        self,
        pixels: Array,
        mask: Array | None = None,
        *,
        spacing: tuple[float, float] | None = None,
        kind: Kind = "radiograph",
        value_range: tuple[float, float] | None = None,
        limits: tuple[float, float] | None = None,
        metal_level: float | None = None,
    ):
        stored = np.asarray(pixels)
        if value_range is None and kind == "radiograph":
            value_range = _range_of_type(stored.dtype)
        self._pixels = _grey(stored)
        self._mask: NDArray[np.bool_] | None = None if mask is None else np.asarray(mask) != 0
        if self._mask is not None and self._mask.shape != self._pixels.shape:
            raise ValueError(
                f"mask of shape {self._mask.shape}, image of shape {self._pixels.shape}"
            )
        self.spacing = spacing
        self.kind = kind
        self._value_range = value_range
        self._limits = limits or value_range
        self.metal_level = metal_level
        self.shared: dict[Callable[..., Any], Any] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self._pixels.shape

    @property
    def pixels(self) -> Array:
        """Grey values as stored, shape (M, N); every one is finite."""
        if self._pixels.dtype.kind == "f" and not np.isfinite(self._pixels).all():
            raise NotApplicable(Reason.NOT_FINITE)
        return self._pixels

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True on teeth, shape (M, N)."""
        if self._mask is None:
            raise NotApplicable(Reason.NO_MASK)
        return self._mask

    @property
    def black(self) -> float:
        """Stored value that stands for 0."""
        return self._range()[0]

    @property
    def white(self) -> float:
        """Stored value that stands for 1."""
        return self._range()[1]

    @property
    def span(self) -> float:
        """White minus black, in stored values."""
        return self.white - self.black

    @property
    def limits(self) -> tuple[float, float]:
        """Stored values at which a pixel counts as clipped."""
        if self._limits is None:
            raise NotApplicable(Reason.NO_RANGE)
        return self._limits

    def _range(self) -> tuple[float, float]:
        if self._value_range is None:
            raise NotApplicable(Reason.NO_RANGE)
        black, white = self._value_range
        if not black < white:
            raise NotApplicable(Reason.CONSTANT)
        return black, white


def once_per_image(
    function: Callable[[PreparedImage], Result],
) -> Callable[..., Result]:
    """Let `function` be called with a PreparedImage or plain pixels, and keep its result.

    Metrics build on each other and on filtered images by calling them; each is worked out once
    per PreparedImage. Called with an array, keyword arguments go to PreparedImage.
    """

    @wraps(function)
    def remembered(image: PreparedImage | Array, *args: Any, **options: Any) -> Result:
        if not isinstance(image, PreparedImage):
            return function(PreparedImage(image, *args, **options))
        if function not in image.shared:
            image.shared[function] = function(image)
        result: Result = image.shared[function]
        return result

    return remembered


def require_side(image: PreparedImage, least: int) -> None:
    """Refuse images with fewer than `least` rows or columns."""
    if min(image.shape) < least:
        raise NotApplicable(Reason.TOO_SMALL)


def _range_of_type(dtype: np.dtype[Any]) -> tuple[float, float] | None:
    if dtype.kind == "b":
        return 0.0, 1.0
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return float(limits.min), float(limits.max)
    return None


def _grey(pixels: Array) -> Array:
    """One grey channel, contiguous and in native byte order."""
    if pixels.dtype.kind not in "biuf":
        raise ValueError(f"pixels of type {pixels.dtype}: expected integers or floats")
    if pixels.ndim == 3 and pixels.shape[2] in (1, 2, 3, 4):
        colour = pixels[:, :, :3] if pixels.shape[2] >= 3 else pixels[:, :, :1]
        pixels = colour[:, :, 0] if (colour == colour[:, :, :1]).all() else _luma(colour)
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"pixels of shape {pixels.shape}: expected (rows, columns[, channels])")
    if pixels.dtype.kind == "b" or pixels.dtype == np.int8:
        pixels = pixels.astype(np.int16)
    elif pixels.dtype == np.float16:
        pixels = pixels.astype(np.float32)
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))


def _luma(colour: Array) -> Array:
    # whole thousandths: white stays exactly white
    red, green, blue = np.moveaxis(colour.astype(np.float64), 2, 0)
    luma: Array = (299 * red + 587 * green + 114 * blue) / 1000
    return luma
