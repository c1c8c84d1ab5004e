"""The mask of an item as metrics of masks see it, and the work that several of them share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sts_qa.science.metrics.image import Array, Kind, NotApplicable, Reason

Mask = NDArray[np.bool_]
Box = tuple[slice, ...]
Result = TypeVar("Result")


class PreparedMask:
    """A mask of 2 or 3 axes, and a store for what is computed from it once.

    Parameters
    ----------
    mask : ndarray of shape (M, N) or (slices, M, N)
        Of a radiograph, or of a whole volume by axial slices. Tooth where not 0; never changed.
    reference : ndarray of the same shape, optional
        A further mask of the same item, for example by a second annotator.
    spacing : tuple of float, optional
        Distance of neighbouring pixels in mm along each axis. Without it distances are in pixels.
    """

    def __init__(
        self,
        mask: Array,
        *,
        reference: Array | None = None,
        spacing: tuple[float, ...] | None = None,
    ):
        self.mask: Mask = _inside(mask)
        self._reference: Mask | None = None if reference is None else _inside(reference)
        if self._reference is not None and self._reference.shape != self.mask.shape:
            raise ValueError(
                f"mask of shape {self.mask.shape}, further mask of shape {self._reference.shape}"
            )
        if spacing is not None and (len(spacing) != self.mask.ndim or min(spacing) <= 0):
            raise ValueError(f"spacing {spacing} for a mask of shape {self.mask.shape}")
        self.spacing = tuple(float(step) for step in spacing or [1] * self.mask.ndim)
        self.shared: dict[Callable[..., Any], Any] = {}

    @property
    def kind(self) -> Kind:
        """Kind of image that the mask belongs to."""
        return "radiograph" if self.mask.ndim == 2 else "volume"

    @property
    def reference(self) -> Mask:
        """True on teeth in the further mask, shape as of `mask`."""
        if self._reference is None:
            raise NotApplicable(Reason.NO_REFERENCE)
        return self._reference


def once_per_mask(function: Callable[[PreparedMask], Result]) -> Callable[..., Result]:
    """Let `function` be called with a PreparedMask or a plain mask, and keep its result.

    As `once_per_image`. Results stay in memory with the mask: return numbers and short lists, not
    arrays as large as a volume.
    """

    @wraps(function)
    def remembered(mask: PreparedMask | Array, *args: Any, **options: Any) -> Result:
        if not isinstance(mask, PreparedMask):
            return function(PreparedMask(mask, *args, **options))
        if function not in mask.shared:
            mask.shared[function] = function(mask)
        result: Result = mask.shared[function]
        return result

    return remembered


def extent(mask: Mask) -> Box | None:
    """The smallest box that holds every tooth pixel of a plain mask; None for an empty mask."""
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        places = np.flatnonzero(mask.any(axis=others))
        if places.size == 0:
            return None
        box.append(slice(int(places[0]), int(places[-1]) + 1))
    return tuple(box)


def joint_extent(first: Mask, second: Mask) -> Box | None:
    """The smallest box that holds every tooth pixel of both masks; None when both are empty."""
    boxes = [box for box in (extent(first), extent(second)) if box is not None]
    if not boxes:
        return None
    return tuple(
        slice(min(part.start for part in parts), max(part.stop for part in parts))
        for parts in zip(*boxes, strict=True)
    )


def _inside(mask: Array) -> Mask:
    stored = np.asarray(mask)
    if stored.ndim not in (2, 3) or stored.size == 0:
        raise ValueError(f"mask of shape {stored.shape}: expected 2 or 3 axes")
    inside: Mask = stored if stored.dtype == np.bool_ else stored != 0
    return inside
