"""What is still to be measured, as units of work that need no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from sts_qa.catalogue import files
from sts_qa.catalogue.models import (
    Dataset,
    FileVersion,
    ImageKind,
    Item,
    ItemVersion,
    MaskVersion,
)
from sts_qa.catalogue.queries.further_masks import newest_further_masks
from sts_qa.measurements.models import Measurement
from sts_qa.measurements.queries.versions import of_any_mask
from sts_qa.science.imaging.masks import Grid, check_grids
from sts_qa.science.imaging.slicing import axial_axis
from sts_qa.science.metrics.compute import of_scope
from sts_qa.science.metrics.files import FurtherMask, MetricUnit
from sts_qa.science.metrics.sources import SourceFile
from sts_qa.science.metrics.table import METRICS

CHUNK = 500

# A block of the volume store, and a quarter of a second of work
SLICES_PER_SLAB = 16

# Masks that lie on the image's grid; whether the item may be used is for screening to decide
USABLE_MASKS = (ItemVersion.MaskError.NONE, ItemVersion.MaskError.AFFINE)

# What studies, which lie above, add when the application starts: of a dataset, the primary keys of
# the versions that their samples hold on to whatever is imported later
PINNED_VERSIONS: list[Callable[[Dataset], QuerySet]] = []


def measurable_items(dataset: Dataset) -> QuerySet[Item]:
    """Return the items that were there and readable at the last import."""
    return dataset.items.filter(state=Item.State.PRESENT, current_version__isnull=False)


def measurable_versions(dataset: Dataset) -> QuerySet[ItemVersion]:
    """Return the versions to be measured: those of measurable items now, and those of samples."""
    wanted = Q(pk__in=measurable_items(dataset).values("current_version"))
    for pinned in PINNED_VERSIONS:
        wanted |= Q(pk__in=pinned(dataset))
    return ItemVersion.objects.filter(wanted)


def units_to_measure(dataset: Dataset, names: Sequence[str]) -> Iterator[list[MetricUnit]]:
    """Yield for every version the units that give the values it lacks; none when it has all.

    Versions are read by and by, so that a large dataset is never in memory as a whole.
    """
    last = 0
    versions = measurable_versions(dataset).select_related("item", "mask").order_by("pk")
    while chunk := list(versions.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        stored = _stored(chunk, names)
        further = newest_further_masks([version.item_id for version in chunk])
        for version in chunk:
            lacking = _Lacking(version, names, stored)
            yield [*lacking.own_units(), *lacking.agreement_units(further.get(version.item_id, []))]


# Item version, further mask or None, metric
Stored = set[tuple[int, int | None, str]]


@dataclass(frozen=True)
class _Lacking:
    """What a version lacks of the metrics `names`."""

    version: ItemVersion
    names: Sequence[str]
    stored: Stored

    def own_units(self) -> Iterator[MetricUnit]:
        """Units of image and own mask: one of a radiograph, several of a volume."""
        names = self._names(None)
        if self.version.item.kind != ImageKind.VOLUME:
            if names:
                yield self._unit(names)
            return
        # The longest first, so that no process has it left when the others are done
        if on_mask := of_scope(names, "mask"):
            yield self._unit(on_mask)
        if on_slices := of_scope(names, "image"):
            for slab in _slabs(self.version):
                yield self._unit(on_slices, slab=slab)

    def agreement_units(self, further: Sequence[MaskVersion]) -> Iterator[MetricUnit]:
        """Units that compare the own mask with each further one."""
        for mask in further:
            if names := self._names(mask):
                file = _source(mask, self.version.item.kind == ImageKind.VOLUME)
                # The image may have come again at another place since the mask was imported
                fits = check_grids(_grid(self.version), _grid(mask)) is None
                yield self._unit(names, further=FurtherMask(mask.pk, mask.name, file, fits))

    def _names(self, further: MaskVersion | None) -> list[str]:
        version, mask_id = self.version, None if further is None else further.pk
        return [
            name
            for name in self.names
            if METRICS[name].needs_reference == (further is not None)
            and version.item.kind in METRICS[name].kinds
            and (version.pk, mask_id, name) not in self.stored
        ]

    def _unit(
        self,
        names: list[str],
        *,
        slab: tuple[int, int] | None = None,
        further: FurtherMask | None = None,
    ) -> MetricUnit:
        version = self.version
        is_volume = version.item.kind == ImageKind.VOLUME
        usable = version.mask is not None and version.mask_error in USABLE_MASKS
        return MetricUnit(
            item_version=version.pk,
            name=version.item.key if further is None else f"{version.item.key} ({further.name})",
            kind="volume" if is_volume else "radiograph",
            image=_source(version, is_volume),
            mask=_source(version.mask, is_volume) if version.mask is not None and usable else None,
            metrics=tuple(names),
            slab=slab,
            further=further,
        )


def _stored(chunk: list[ItemVersion], names: Sequence[str]) -> Stored:
    rows = Measurement.objects.filter(of_any_mask(names), item_version__in=chunk)
    return set(rows.values_list("item_version_id", "mask_id", "metric"))


def _slabs(version: ItemVersion) -> Iterator[tuple[int, int]]:
    axis, _is_reversed = axial_axis(version.affine)
    count = version.shape[axis]
    for first in range(0, count, SLICES_PER_SLAB):
        yield first, min(first + SLICES_PER_SLAB, count)


def _grid(version: FileVersion) -> Grid:
    return Grid(tuple(version.shape), version.affine)


def _source(version: FileVersion, is_volume: bool) -> SourceFile:
    return SourceFile(
        path=str(files.available_path(version)),
        sha256=version.sha256,
        store_path=str(files.store_path(version)) if is_volume else "",
    )
