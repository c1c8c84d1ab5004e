"""Which volumes and masks are shown from a store, and what became of building one."""

from __future__ import annotations

from collections.abc import Iterator

from sts_qa.catalogue.models import Dataset, FileVersion, ImageKind, Item, ItemVersion, MaskVersion
from sts_qa.catalogue.pictures import can_be_outlined
from sts_qa.catalogue.places import store_path
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import latest_job

BUILD_STORES, VOLUME = "build_stores", "volume"


def files_of(version: ItemVersion) -> list[FileVersion]:
    """Return what of a volume is shown from a store: itself, and its mask when that fits."""
    if version.mask is not None and can_be_outlined(version):
        return [version, version.mask]
    return [version]


def volume_files(dataset: Dataset) -> Iterator[tuple[str, FileVersion]]:
    """Yield key and version of every volume and every volume mask, each set of bytes once."""
    items = (
        Item.objects.filter(dataset=dataset, kind=ImageKind.VOLUME, state=Item.State.PRESENT)
        .filter(current_version__isnull=False)
        .select_related("current_version__mask")
        .order_by("key")
    )
    seen = set()
    for item in items.iterator():
        version = item.current_version
        assert version is not None, "only such items are looked at"
        for file in files_of(version):
            if file.sha256 not in seen:
                seen.add(file.sha256)
                yield file.key if isinstance(file, MaskVersion) else item.key, file


def lacks_stores(dataset: Dataset) -> bool:
    """Say whether a volume of the dataset would be slow to show for the first time."""
    return any(not store_path(file).exists() for _key, file in volume_files(dataset))


def volume_job(version: ItemVersion) -> Job | None:
    """Return the newest job that was asked for this volume alone, or None."""
    return latest_job(BUILD_STORES, VOLUME, version.pk)


def has_failed(job: Job) -> bool:
    """Say whether the job ended without a store that it was to build."""
    return job.state == Job.State.FAILED or bool(job.result.get("failed"))
