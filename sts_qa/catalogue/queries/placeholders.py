"""Finding items by their keys, also those of which only a placeholder is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sts_qa.catalogue.models import Dataset, ItemVersion

AT_A_TIME = 500


def has_images(dataset: Dataset) -> bool:
    return dataset.items.filter(current_version__isnull=False).exists()


def versions_by_key(dataset: Dataset, keys: Iterable[str]) -> dict[str, ItemVersion]:
    """Return the current version of each item with one of the keys, else its placeholder's.

    An item that never could be read has neither and is left out.
    """
    versions: dict[str, ItemVersion] = {}
    for some in _batches(sorted(set(keys))):
        found = (
            ItemVersion.objects.filter(item__dataset=dataset, item__key__in=some)
            .select_related("item__category", "mask")
            .order_by("item_id", "number")
        )
        for version in found:
            current = version.item.current_version_id
            if version.pk == current or (current is None and not version.sha256):
                versions[version.item.key] = version
    return versions


def _batches(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), AT_A_TIME):
        yield keys[start : start + AT_A_TIME]
