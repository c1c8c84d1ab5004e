"""A plane as a PNG through a window, for print, for thumbnails, and for when a canvas fails."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sts_qa.catalogue.models import ImageKind
from sts_qa.rating.queries.image import ONLY_PLANE, kind_of, slice_count, standard_window
from sts_qa.rating.queries.pixels import (
    NoSuchPixels,
    image_pixels,
    mask_pixels,
    mask_slice_pixels,
    slice_pixels,
)
from sts_qa.rating.queries.volume_facts import volume_facts
from sts_qa.rating.queries.windows import Window
from sts_qa.science.imaging.rendering import draw_outline, encode_png, window
from sts_qa.science.imaging.slicing import PLANES
from sts_qa.studies.models import SampledItem

# As in the viewer: told from every grey by people of any colour vision
OUTLINE = (255, 176, 0)


@dataclass(frozen=True)
class Picture:
    """Which plane through which window; what is None is as every rater sees it first."""

    plane: str = ""
    index: int | None = None
    window: Window | None = None
    inverted: bool = False
    # With the boundary of the mask drawn on it
    outlined: bool = False


def picture_png(unit: SampledItem, picture: Picture) -> bytes:
    """Return the plane as grey values of 8 bit, or as colours; raises as `image_pixels`."""
    version = unit.item_version
    low, high = picture.window or standard_window(version)
    slope, intercept = 1.0, 0.0
    if version.item.kind == ImageKind.VOLUME and (facts := volume_facts(version)):
        slope, intercept = facts.slope, facts.intercept
    place = _slice_of(unit, picture)
    values = (slice_pixels(unit, *place) if place else image_pixels(unit)).values
    shown = window(values, low, high, slope=slope, intercept=intercept)
    if picture.inverted:
        shown = 255 - shown
    if picture.outlined:
        mask = mask_slice_pixels(unit, *place) if place else mask_pixels(unit)
        shown = draw_outline(shown, mask.values, OUTLINE)
    return encode_png(shown)


def _slice_of(unit: SampledItem, picture: Picture) -> tuple[str, int] | None:
    """Return plane and number of the slice; None for an item that is a single image."""
    if kind_of(unit) != "volume":
        if picture.plane not in ("", ONLY_PLANE) or picture.index not in (None, 0):
            raise NoSuchPixels(_("This item is a single image and has no slices to choose from."))
        return None
    plane = picture.plane or PLANES[0]
    if plane not in PLANES:
        raise NoSuchPixels(_("The planes of a volume are %s.") % ", ".join(PLANES))
    middle = slice_count(unit.item_version, plane) // 2
    return plane, middle if picture.index is None else picture.index
