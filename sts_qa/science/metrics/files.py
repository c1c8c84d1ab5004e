"""Metrics of one item from its files: the unit of work that many processes share.

Arguments and results are plain values, so that they can be sent to another process or machine.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.masks import mask_values
from sts_qa.science.imaging.raster import raster_of
from sts_qa.science.imaging.readers import DecodedFile, Kind, decode_file
from sts_qa.science.imaging.store import OWN, VolumeStore
from sts_qa.science.imaging.store_building import open_or_build
from sts_qa.science.imaging.stored_raster import to_pixels
from sts_qa.science.metrics.compute import compute
from sts_qa.science.metrics.image import Reason
from sts_qa.science.metrics.volumes import SliceValues, compute_volume, robust_range

OVERFLOW = "value beyond what numbers hold"
"""Reason of a value that came out infinite, for example of grey values near 1e38."""


@dataclass(frozen=True)
class SourceFile:
    """One file and what it must hold.

    Parameters
    ----------
    path : str
    sha256 : str
        Of the bytes that were imported; other bytes are refused.
    store_path : str
        Where the store of a volume lies, or is written when it is missing; "" for radiographs.
    """

    path: str
    sha256: str
    store_path: str = ""


@dataclass(frozen=True)
class MetricUnit:
    """One item to be measured; `name` and `item_version` only name it for the caller."""

    item_version: int
    name: str
    kind: Kind
    image: SourceFile
    mask: SourceFile | None
    metrics: tuple[str, ...]


@dataclass(frozen=True)
class MeasuredValue:
    """A metric of an item as it is stored.

    Parameters
    ----------
    value : float, optional
        Of a volume: the median over its slices. None: `reason` says why.
    reason : str
    slice_values : list of float or None, optional
        Of a volume, from the inferior end; None where missing.
    summary : dict, optional
        Of a volume: the fields of `SliceSummary`, `iqr`, and `missing`: reason to slice numbers.
    """

    value: float | None
    reason: str = ""
    slice_values: list[float | None] | None = None
    summary: dict[str, Any] | None = None


def measure_files(unit: MetricUnit) -> dict[str, MeasuredValue]:
    """Metrics of one item by name; see `measure_radiograph` and `measure_volume`."""
    measure = measure_volume if unit.kind == "volume" else measure_radiograph
    return measure(unit.image, unit.mask, unit.metrics)


def measure_radiograph(
    image: SourceFile, mask: SourceFile | None, metrics: Sequence[str]
) -> dict[str, MeasuredValue]:
    """Metrics of a radiograph.

    Parameters
    ----------
    image : SourceFile
    mask : SourceFile, optional
    metrics : sequence of str
        Entries of METRICS.

    Raises
    ------
    UnreadableFile
        When a file cannot be read or has other bytes than those imported.
    """
    pixels = to_pixels(raster_of(_decode(image)))
    inside = None if mask is None else mask_values(_decode(mask).content)
    found = compute(metrics, pixels, inside)
    return {name: _checked(MeasuredValue(v.value, v.reason)) for name, v in found.items()}


def measure_volume(
    image: SourceFile, mask: SourceFile | None, metrics: Sequence[str]
) -> dict[str, MeasuredValue]:
    """Metrics of a volume on its axial slices, one slice in memory at a time.

    Parameters
    ----------
    image, mask : SourceFile
        With their `store_path`; a store that is missing or damaged is written anew.
    metrics : sequence of str
        Entries of METRICS.

    Raises
    ------
    UnreadableFile
        When a source is needed and cannot be read or has other bytes than those imported.
    """
    store = _store(image)
    count = store.axial_count
    mask_store = None if mask is None else _store(mask, affine=store.facts.affine)
    masks = None if mask_store is None else (mask_store.axial(k) for k in range(count))
    volume_range = robust_range((store.axial(k) for k in range(count)), math.prod(store.shape))
    found = compute_volume(
        metrics,
        (store.axial(k) for k in range(count)),
        masks,
        volume_range=volume_range,
        spacing=store.spacing_of_axial,
    )
    return {name: _checked(_of_slices(values)) for name, values in found.items()}


def _decode(source: SourceFile) -> DecodedFile:
    with _naming(source):
        return decode_file(source.path, sha256=source.sha256)


def _store(source: SourceFile, affine: ArrayLike | None = OWN) -> VolumeStore:
    with _naming(source):
        return open_or_build(lambda: source.path, source.sha256, source.store_path, affine=affine)


@contextmanager
def _naming(source: SourceFile) -> Iterator[None]:
    """Name a file that has changed: of image and mask, people must know which."""
    try:
        yield
    except UnreadableFile as error:
        if error.code != "changed":
            raise
        raise UnreadableFile(
            "changed",
            f"{Path(source.path).name} has changed since it was imported. "
            "Import the dataset again.",
        ) from error


def _of_slices(found: SliceValues) -> MeasuredValue:
    missing: dict[str, list[int]] = {}
    for number, reason in enumerate(found.reasons):
        if reason:
            missing.setdefault(reason, []).append(number)
    summary = {**asdict(found.summary), "iqr": found.summary.iqr, "missing": missing}
    return MeasuredValue(
        value=found.summary.median,
        reason="" if found.summary.counted else _main_reason(found.reasons),
        slice_values=[None if math.isnan(value) else value for value in found.values.tolist()],
        summary=summary,
    )


def _main_reason(reasons: Sequence[str]) -> str:
    """The commonest reason; that of slices with content before that of empty ones."""
    telling = [reason for reason in reasons if reason != Reason.NO_CONTENT]
    return Counter(telling or reasons).most_common(1)[0][0]


def _checked(found: MeasuredValue) -> MeasuredValue:
    """Infinity is neither a result nor a number that a database keeps."""
    numbers = [found.value, *(found.slice_values or ())]
    if all(number is None or math.isfinite(number) for number in numbers):
        return found
    return MeasuredValue(None, OVERFLOW)
