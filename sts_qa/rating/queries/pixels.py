"""Pixels as the rater's browser gets them: raw values of the drawn version, row by row.

What was read stays in memory up to a budget, because five raters look at the same images.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from sts_qa.catalogue import files
from sts_qa.catalogue.models import ImageKind, ItemVersion, MaskVersion
from sts_qa.rating.queries.image import slice_count
from sts_qa.science.imaging.masks import read_mask
from sts_qa.science.imaging.raster import read_raster
from sts_qa.science.imaging.slicing import PLANES
from sts_qa.science.imaging.stored_raster import Array
from sts_qa.studies.models import SampledItem

BUDGET_BYTES = 64 * 1024**2
# Compressing must save at least a fifth of the way to be worth the time at both ends
WORTH_COMPRESSING = 0.8
# So much longer a simpler compression may be that takes half the time
WORTH_SEARCHING = 1.15
PROBES, PROBE_BYTES = 4, 8 * 1024
GZIP = zlib.MAX_WBITS | 16


class NoSuchPixels(Exception):
    """The item has no such plane or slice, or no mask; says what it has."""


@dataclass(frozen=True)
class PixelBytes:
    """Little-endian values, and the same compressed by gzip where that pays."""

    raw: bytes
    gzip: bytes | None
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.raw) + len(self.gzip or b"")

    @property
    def values(self) -> Array:
        return np.frombuffer(self.raw, self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Encoded:
    """Bytes of a file format that is compressed by itself."""

    raw: bytes
    gzip: None = None


class PixelCache:
    """The bytes sent last, the oldest leaving first when the budget is used up."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._entries: OrderedDict[tuple, PixelBytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple, make: Callable[[], Array]) -> PixelBytes:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
        made = _packed(make())
        with self._lock:
            if key not in self._entries and made.size <= self.budget:
                self._entries[key] = made
                self.used += made.size
                while self.used > self.budget:
                    self.used -= self._entries.popitem(last=False)[1].size
        return made


CACHE = PixelCache(BUDGET_BYTES)


def image_pixels(unit: SampledItem) -> PixelBytes:
    """Return the pixels of a radiograph, or of the slice that is the unit.

    Raises
    ------
    NoSuchPixels
        For a whole volume, which is sent slice by slice.
    ChangedFile, UnreadableFile, DamagedStore, OSError
        When the kept bytes are gone and cannot be had again.
    """
    version = unit.item_version
    if unit.slice_index is not None:
        return _slice(version, "axial", unit.slice_index)
    if version.item.kind == ImageKind.VOLUME:
        raise NoSuchPixels(_("This is a volume; ask for a slice of one of its planes."))
    return CACHE.get(("image", version.sha256), lambda: read_raster(files.keep(version)))


def slice_pixels(unit: SampledItem, plane: str, index: int) -> PixelBytes:
    """Return one slice of a whole volume; raises as `image_pixels`."""
    _check_slice(unit, plane, index)
    return _slice(unit.item_version, plane, index)


def mask_pixels(unit: SampledItem) -> PixelBytes:
    """Return the mask of a radiograph or of the slice that is the unit: 1 inside, 0 outside."""
    mask = _mask_of(unit)
    if unit.slice_index is not None:
        return _mask_slice(unit.item_version, mask, "axial", unit.slice_index)
    if unit.item_version.item.kind == ImageKind.VOLUME:
        raise NoSuchPixels(_("This is a volume; ask for a slice of one of its planes."))
    return CACHE.get(("mask", mask.sha256), lambda: _inside(read_mask(files.keep(mask))))


def mask_slice_pixels(unit: SampledItem, plane: str, index: int) -> PixelBytes:
    """Return the mask on one slice of a whole volume."""
    mask = _mask_of(unit)
    _check_slice(unit, plane, index)
    return _mask_slice(unit.item_version, mask, plane, index)


def _slice(version: ItemVersion, plane: str, index: int) -> PixelBytes:
    def read() -> Array:
        return files.open_volume(version, affine=version.affine).plane(plane, index)

    return CACHE.get(("slice", version.sha256, plane, index), read)


def _mask_slice(version: ItemVersion, mask: MaskVersion, plane: str, index: int) -> PixelBytes:
    def read() -> Array:
        # The image's affine, so that mask and image cannot be turned against each other
        store = files.open_volume(mask, affine=version.affine)
        return _inside(store.plane(plane, index))

    return CACHE.get(("mask slice", mask.sha256, version.sha256, plane, index), read)


def _check_slice(unit: SampledItem, plane: str, index: int) -> None:
    version = unit.item_version
    if unit.slice_index is not None or version.item.kind != ImageKind.VOLUME:
        raise NoSuchPixels(_("This item is a single image and has no slices to choose from."))
    if plane not in PLANES:
        raise NoSuchPixels(_("The planes of a volume are %s.") % ", ".join(PLANES))
    count = slice_count(version, plane)
    if not 0 <= index < count:
        raise NoSuchPixels(
            _("The slices of this plane are numbered from 0 to %(last)d.") % {"last": count - 1}
        )


def _mask_of(unit: SampledItem) -> MaskVersion:
    mask = unit.item_version.mask
    if mask is None or not unit.labelled:
        raise NoSuchPixels(_("This item has no mask."))
    return mask


def _inside(values: Array) -> Array:
    return (values != 0).astype(np.uint8)


def _packed(values: Array) -> PixelBytes:
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    raw = np.ascontiguousarray(little).tobytes()
    return PixelBytes(raw, _compressed(raw), little.dtype, little.shape)


def _compressed(raw: bytes) -> bytes | None:
    """Return the bytes as gzip, or None where that does not pay.

    In noisy values of two bytes a search for repeated strings finds little that a search for runs
    of one byte does not, and takes as long again; where it does, as in flat areas, it is used.
    """
    probe = _probe(raw)
    best = len(_gzip(probe, zlib.Z_DEFAULT_STRATEGY))
    if best > WORTH_COMPRESSING * len(probe):
        return None
    is_noisy = len(_gzip(probe, zlib.Z_RLE)) < WORTH_SEARCHING * best
    return _gzip(raw, zlib.Z_RLE if is_noisy else zlib.Z_DEFAULT_STRATEGY)


def _probe(raw: bytes) -> bytes:
    """Return pieces from the whole of the bytes, which are short compared with it."""
    step = len(raw) // PROBES
    if step <= PROBE_BYTES:
        return raw
    middle = (step - PROBE_BYTES) // 2
    starts = (middle + number * step for number in range(PROBES))
    return b"".join(raw[start : start + PROBE_BYTES] for start in starts)


def _gzip(data: bytes, strategy: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, GZIP, zlib.DEF_MEM_LEVEL, strategy)
    return packer.compress(data) + packer.flush()
