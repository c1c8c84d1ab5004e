"""What the rating page must know of an image to show it, and nothing that tells which it is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.urls import reverse

from sts_qa.catalogue import files
from sts_qa.catalogue.models import ImageKind, ItemVersion
from sts_qa.science.imaging.errors import DamagedStore
from sts_qa.science.imaging.slicing import axial_view
from sts_qa.science.imaging.store import VolumeStore, open_store
from sts_qa.studies.models import Assignment, SampledItem

logger = logging.getLogger(__name__)
# In every pixel address: browsers keep pixels for a year, so other bytes need another address
PIXELS_VERSION = 1
SLICE_MARK = "{slice}"
VOLUMES_REMEMBERED = 256
VALUES_AT_A_TIME = 16 * 1024**2


@dataclass(frozen=True)
class StoredValues:
    """Type of a volume's stored values, its standard window and its whole range."""

    dtype: str
    window: tuple[float, float]
    extremes: tuple[float, float]


def kind_of(unit: SampledItem) -> str:
    """Return "radiograph", "volume" or "slice": what the rubric's guidance is chosen by."""
    if unit.slice_index is not None:
        return "slice"
    return unit.item_version.item.kind


def image_json(assignment: Assignment) -> dict[str, Any]:
    """Return size, type, standard window and pixel addresses of the assignment's image."""
    version = assignment.sampled_item.item_version
    if version.item.kind == ImageKind.VOLUME:
        return _volume_json(assignment, version)
    values = _values_of_type(version.dtype)
    rows, columns = version.shape[:2]
    return {
        **_plane_json("radiograph", rows, columns, version.channels, values),
        "slices": 1,
        "first_slice": 0,
        "pixel_height": 1.0,
        "pixel_width": 1.0,
        "edges": None,
        "url": _address("send_image", assignment.token),
        "slice_url": None,
    }


def mask_json(assignment: Assignment) -> dict[str, str] | None:
    """Return the addresses of the mask, or None where the image has none."""
    unit = assignment.sampled_item
    if not unit.labelled or unit.item_version.mask_id is None:
        return None
    if kind_of(unit) == "volume":
        return {"slice_url": _slice_address("send_mask_slice", assignment.token)}
    return {"url": _address("send_mask", assignment.token)}


def _volume_json(assignment: Assignment, version: ItemVersion) -> dict[str, Any]:
    view = axial_view(version.affine)
    rows, columns = version.shape[view.row_axis], version.shape[view.column_axis]
    spacing = version.spacing or [1.0, 1.0, 1.0]
    is_slice = assignment.sampled_item.slice_index is not None
    slices = 1 if is_slice else version.shape[view.axis]
    kind = "slice" if is_slice else "volume"
    top, right, bottom, left = view.edges
    edges = {"top": top, "bottom": bottom, "left": left, "right": right}
    plane = _plane_json(kind, rows, columns, 1, _stored_values(version))
    token = assignment.token
    return {
        **plane,
        "bytes": plane["bytes"] * slices,
        "slices": slices,
        "first_slice": slices // 2,
        "pixel_height": spacing[view.row_axis],
        "pixel_width": spacing[view.column_axis],
        "edges": edges if top else None,
        "url": _address("send_image", token) if is_slice else None,
        "slice_url": None if is_slice else _slice_address("send_slice", token),
    }


def _plane_json(
    kind: str, rows: int, columns: int, channels: int, values: StoredValues
) -> dict[str, Any]:
    return {
        "kind": kind,
        "rows": rows,
        "columns": columns,
        "channels": channels,
        "dtype": values.dtype,
        "window": list(values.window),
        "range": list(values.extremes),
        "bytes": rows * columns * channels * np.dtype(values.dtype).itemsize,
    }


def _stored_values(version: ItemVersion) -> StoredValues:
    """Describe a volume's values; one that cannot be opened still gets its place in the queue."""
    try:
        return _read_values(str(files.build_store(version)))
    except (DamagedStore, files.ChangedFile, files.UnreadableFile, OSError):
        logger.exception("The volume of item version %s cannot be opened", version.pk)
        return _values_of_type(version.dtype)


@lru_cache(maxsize=VOLUMES_REMEMBERED)
def _read_values(path: str) -> StoredValues:
    store = open_store(path)
    return StoredValues(store.dtype.name, store.robust_range, _extremes(store))


def _extremes(store: VolumeStore) -> tuple[float, float]:
    """Return the least and the largest finite value, in pieces that fit into memory."""
    rows, columns, depth = store.shape
    step = max(1, VALUES_AT_A_TIME // (rows * columns))
    low, high = np.inf, -np.inf
    for start in range(0, depth, step):
        values = store.stored(slice(None), slice(None), slice(start, start + step))
        values = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 1.0)


def _values_of_type(dtype: str) -> StoredValues:
    """Return the whole range of a type of whole numbers, also as its window."""
    if dtype not in ("uint8", "uint16", "int16"):
        return StoredValues("float32", (0.0, 1.0), (0.0, 1.0))
    limits = np.iinfo(dtype)
    whole = (float(limits.min), float(limits.max))
    return StoredValues(dtype, whole, whole)


def _address(view: str, *arguments: Any) -> str:
    return f"{reverse(f'rating:{view}', args=arguments)}?v={PIXELS_VERSION}"


def _slice_address(view: str, token: str) -> str:
    return _address(view, token, 0).replace("/0?", f"/{SLICE_MARK}?")
