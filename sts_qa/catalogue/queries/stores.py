"""Which volumes a dataset has that are shown from a store."""

from __future__ import annotations

from collections.abc import Iterator

from sts_qa.catalogue.models import Dataset, FileVersion, ImageKind, Item
from sts_qa.catalogue.pictures import can_be_outlined
from sts_qa.catalogue.places import store_path


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
        files: list[tuple[str, FileVersion]] = [(item.key, version)]
        if version.mask is not None and can_be_outlined(version):
            files.append((version.mask.key, version.mask))
        for key, file in files:
            if file.sha256 not in seen:
                seen.add(file.sha256)
                yield key, file


def lacks_stores(dataset: Dataset) -> bool:
    """Say whether a volume of the dataset would be slow to show for the first time."""
    return any(not store_path(file).exists() for _key, file in volume_files(dataset))
