"""Reading what an import is compared with, and what may be done with an import now."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models.fields.json import KT

from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun, Item


@dataclass(frozen=True)
class StoredItem:
    """What planning an import needs to know of an item."""

    id: int
    category: str
    group: str
    labelled: bool
    attributes: dict[str, Any]
    subject: str
    source: str
    state: str
    state_reason: str
    version_id: int | None
    sha256: str | None
    location: str | None
    mask_sha256: str | None
    mask_location: str | None
    mask_error: str | None


def stored_items(dataset: Dataset) -> dict[str, StoredItem]:
    """Return all items of the dataset by key, as they stand."""
    rows = Item.objects.filter(dataset=dataset).values_list(
        "key",
        "id",
        "category__name",
        "category__group",
        "labelled",
        "attributes",
        "subject",
        "source",
        "state",
        "state_reason",
        "current_version_id",
        "current_version__sha256",
        "current_version__location",
        "current_version__mask__sha256",
        "current_version__mask__location",
        "current_version__mask_error",
    )
    return {key: StoredItem(*fields) for key, *fields in rows.iterator(chunk_size=2000)}


def dataset_hash(dataset: Dataset) -> str:
    """Return the SHA-256 over "key NUL checksum LF" for every item with a version.

    In the order of their UTF-8 bytes; no key holds a zero byte. The checksum is that of the item's
    current version. Missing items count: their state is no part of what was imported.
    """
    items = Item.objects.filter(dataset=dataset, current_version__isnull=False)
    rows = items.values_list("key", "current_version__sha256", "current_version__mask__sha256")
    lines = sorted(
        f"{key}\0{sha256}{f'+{mask}' if mask else ''}\n".encode()
        for key, sha256, mask in rows.iterator(chunk_size=5000)
    )
    return hashlib.sha256(b"".join(lines)).hexdigest()


def is_at_work(run: ImportRun) -> bool:
    """Say whether the run's job waits or runs."""
    return run.job is not None and not run.job.is_finished


def was_begun(run: ImportRun) -> bool:
    """Say whether applying the run has begun, so that some of it may stand in the catalogue."""
    return "applying_since" in run.summary


def may_be_applied(run: ImportRun) -> bool:
    """Say whether the run has a whole plan that is the dataset's newest and waits to be applied."""
    if run.state not in (ImportRun.State.PLANNED, ImportRun.State.APPLYING) or is_at_work(run):
        return False
    newer = ImportRun.objects.filter(dataset=run.dataset_id, pk__gt=run.pk)
    return not newer.filter(summary__applying_since__isnull=False).exists()


def free_bytes() -> int:
    """Return how much room the disk of the data folder has."""
    return shutil.disk_usage(settings.DATA_FOLDER).free


@dataclass(frozen=True)
class EntryFacts:
    """What the summary of a plan adds up."""

    outcome: str
    applied: bool
    size_bytes: int
    category: str | None
    labelled: bool | None
    store_bytes: int
    has_image: bool


def entry_facts(run: ImportRun) -> Iterator[EntryFacts]:
    rows = run.entries.order_by("id").values_list(
        "outcome",
        "applied",
        "size_bytes",
        # As text: SQLite would give a category named 1.50 as a number
        KT("content__category"),
        "content__labelled",
        "content__store_bytes",
    )
    for outcome, applied, size, category, labelled, store in rows.iterator(chunk_size=2000):
        yield EntryFacts(outcome, applied, size, category, labelled, store or 0, store is not None)


def facts_of(entry: ImportEntry) -> EntryFacts:
    """Return the same of an entry that is not written."""
    content = entry.content
    return EntryFacts(
        entry.outcome,
        entry.applied,
        entry.size_bytes,
        content.get("category"),
        content.get("labelled"),
        content.get("store_bytes", 0),
        "store_bytes" in content,
    )


def planned_signatures(run: ImportRun) -> dict[str, tuple[int, str]]:
    """Return (id, signature) by key of the entries that an interrupted attempt has written."""
    rows = run.entries.filter(content__signature__isnull=False)
    values = rows.values_list("key", "pk", KT("content__signature"))
    return {key: (pk, signature) for key, pk, signature in values.iterator(chunk_size=2000)}
