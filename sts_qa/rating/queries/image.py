"""What the rating page must know of an image to show it, and nothing that tells which it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.urls import reverse

from sts_qa.catalogue.models import ImageKind, ItemVersion, MaskVersion
from sts_qa.rating.queries.volume_facts import VolumeFacts, volume_facts
from sts_qa.rating.queries.windows import (
    STANDARD_PERCENTILES,
    Window,
    facts_of_type,
    radiograph_presets,
    range_of_type,
    volume_presets,
    window_of_percentiles,
)
from sts_qa.science.imaging.slicing import PLANES, PlaneCut, obliqueness, plane_cuts, plane_view
from sts_qa.studies.models import Assignment, SampledItem

# In every pixel address: browsers keep pixels for a year, so other bytes need another address
PIXELS_VERSION = 2
SLICE_MARK = "{slice}"
# In the pixel addresses of a volume whose values could not be described. Nothing is sent for them:
# once it can be read again, nobody must see it through a window that was made up.
UNDESCRIBED = "undescribed"
# The only plane of a radiograph and of a slice that is rated on its own
ONLY_PLANE = "image"
# An affine this near to straight is straight but for rounding
STRAIGHT_DEGREES = 0.5


def kind_of(unit: SampledItem) -> str:
    """Return "radiograph", "volume" or "slice": what the rubric's guidance is chosen by."""
    if unit.slice_index is not None:
        return "slice"
    return unit.item_version.item.kind


def image_json(assignment: Assignment, viewing: dict[str, Any]) -> dict[str, Any]:
    """Return type, windows, planes and pixel addresses of the assignment's image.

    Parameters
    ----------
    assignment
    viewing
        Of the study, as `viewing_of` returns it.
    """
    unit = assignment.sampled_item
    if unit.item_version.item.kind == ImageKind.VOLUME:
        return _volume_json(assignment, viewing)
    return _radiograph_json(assignment, viewing)


def mask_json(assignment: Assignment) -> dict[str, Any] | None:
    """Return where the mask is, by plane its address and slices, or None without a mask."""
    unit, token = assignment.sampled_item, assignment.token
    mask = unit.item_version.mask
    if not unit.labelled or mask is None:
        return None
    if kind_of(unit) != "volume":
        address = _address("send_mask", token)
        return {"planes": {ONLY_PLANE: {"url": address, "slices": None}}}
    planes = {
        plane: {
            "url": _slice_address("send_mask_slice", token, plane),
            "slices": _mask_slices(unit.item_version, mask, plane),
        }
        for plane in PLANES
    }
    return {"planes": planes}


def standard_window(version: ItemVersion) -> Window:
    """Return the window, in real values, that every rater sees first."""
    if version.item.kind == ImageKind.VOLUME and (facts := volume_facts(version)):
        return window_of_percentiles(facts, STANDARD_PERCENTILES)
    return range_of_type(version.dtype)


def slice_count(version: ItemVersion, plane: str) -> int:
    return version.shape[plane_view(version.affine, plane).axis]


def first_address(assignments: Sequence[dict[str, Any]]) -> str:
    """Return where the pixels are that a rater sees first: the image, or the middle axial slice."""
    if not assignments:
        return ""
    plane = next(iter(assignments[0]["image"]["planes"].values()))
    return plane["url"].replace(SLICE_MARK, str(plane["first_slice"]))


def _radiograph_json(assignment: Assignment, viewing: dict[str, Any]) -> dict[str, Any]:
    unit = assignment.sampled_item
    version = unit.item_version
    rows, columns = version.shape[:2]
    shape = viewing["categories"].get(unit.stratum.category.name) or {}
    height, width = shape.get("pixel_height", 1.0), shape.get("pixel_width", 1.0)
    whole = list(range_of_type(version.dtype))
    plane = {
        **_only_slice(rows, columns),
        "pixel_height": height,
        "pixel_width": width,
        "edges": None,
        "url": _address("send_image", assignment.token),
    }
    return {
        "kind": "radiograph",
        "channels": version.channels,
        "dtype": version.dtype,
        "slope": 1.0,
        "intercept": 0.0,
        "window": whole,
        "range": whole,
        "unit": None,
        "presets": radiograph_presets(version.dtype, viewing["presets"]),
        "histogram": None,
        "oblique": 0,
        "pixels": shape.get("source", "square"),
        "pixel_ratio": height / width,
        "bytes": rows * columns * version.channels * np.dtype(version.dtype).itemsize,
        "picture": _address("send_picture", assignment.token),
        "planes": {ONLY_PLANE: plane},
    }


def _volume_json(assignment: Assignment, viewing: dict[str, Any]) -> dict[str, Any]:
    unit = assignment.sampled_item
    version = unit.item_version
    facts = volume_facts(version)
    values = _values_json(version, facts, viewing)
    mark = "" if facts else f"&{UNDESCRIBED}=1"
    if unit.slice_index is None:
        planes = {plane: _plane_json(assignment, plane) for plane in PLANES}
        axial = planes["axial"]
    else:
        axial = _plane_json(assignment, "axial")
        axial |= _only_slice(axial["rows"], axial["columns"])
        axial["url"] = _address("send_image", assignment.token)
        planes = {ONLY_PLANE: axial}
    for plane in planes.values():
        plane["url"] += mark
    degrees = obliqueness(version.affine)
    sizes = (axial["rows"], axial["columns"], axial["slices"])
    return {
        "kind": kind_of(unit),
        "channels": 1,
        **values,
        "oblique": 0 if degrees < STRAIGHT_DEGREES else round(degrees, 1),
        "pixels": "file" if version.spacing else "square",
        "pixel_ratio": axial["pixel_height"] / axial["pixel_width"],
        "bytes": int(np.prod(sizes)) * np.dtype(values["dtype"]).itemsize,
        "picture": _address("send_picture", assignment.token) + mark,
        "planes": planes,
    }


def _values_json(
    version: ItemVersion, facts: VolumeFacts | None, viewing: dict[str, Any]
) -> dict[str, Any]:
    """Describe a volume's values; of one that cannot be opened only what its type tells."""
    hounsfield = viewing["hounsfield"]
    facts = facts or facts_of_type(version.dtype)
    low, high = facts.extremes
    counted = {"low": low, "high": high, "counts": list(facts.histogram)}
    return {
        "dtype": facts.dtype,
        "slope": facts.slope,
        "intercept": facts.intercept,
        "window": list(window_of_percentiles(facts, STANDARD_PERCENTILES)),
        "range": [low, high],
        "unit": "HU" if hounsfield else None,
        "presets": volume_presets(facts, viewing["presets"], hounsfield),
        "histogram": counted if facts.histogram else None,
    }


def _plane_json(assignment: Assignment, plane: str) -> dict[str, Any]:
    version = assignment.sampled_item.item_version
    view = plane_view(version.affine, plane)
    rows_cut, columns_cut = plane_cuts(version.affine, plane)
    spacing = version.spacing or [1.0, 1.0, 1.0]
    slices = version.shape[view.axis]
    top, right, bottom, left = view.edges
    edges = {"top": top, "right": right, "bottom": bottom, "left": left}
    return {
        "rows": version.shape[view.row_axis],
        "columns": version.shape[view.column_axis],
        "slices": slices,
        "first_slice": slices // 2,
        "pixel_height": spacing[view.row_axis],
        "pixel_width": spacing[view.column_axis],
        "edges": edges if top else None,
        "url": _slice_address("send_slice", assignment.token, plane),
        "rows_cut": _cut_json(rows_cut),
        "columns_cut": _cut_json(columns_cut),
    }


def _only_slice(rows: int, columns: int) -> dict[str, Any]:
    size = {"rows": rows, "columns": columns, "slices": 1, "first_slice": 0}
    return {**size, "rows_cut": None, "columns_cut": None}


def _mask_slices(version: ItemVersion, mask: MaskVersion, plane: str) -> list[int] | None:
    """Return the first and the last slice with mask pixels; None for an empty mask."""
    if not mask.extent:
        return None
    view = plane_view(version.affine, plane)
    count = version.shape[view.axis]
    # Its own reverse: the slice of an index is found as the index of a slice is
    return sorted(view.array_index(index, count) for index in mask.extent[view.axis])


def _cut_json(cut: PlaneCut) -> dict[str, Any]:
    return {"plane": cut.plane, "reverse": cut.reverse}


def _address(view: str, *arguments: Any) -> str:
    return f"{reverse(f'rating:{view}', args=arguments)}?v={PIXELS_VERSION}"


def _slice_address(view: str, token: str, plane: str) -> str:
    return _address(view, token, plane, 0).replace("/0?", f"/{SLICE_MARK}?")
