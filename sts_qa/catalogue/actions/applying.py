"""Applying a plan in batches, each one short transaction.

Every entry is compared with its item again, so that an entry applied twice changes nothing the
second time. Recorded with each batch, since an import may be stopped and never taken up again, are
the items already there that it changes, one by one (`dataset.items_changed`), and how many it adds,
with a hash over them (`dataset.items_added`). The whole import is recorded once at its end
(`dataset.imported`) with the hash of the dataset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Subquery
from django.utils import timezone

from sts_qa.audit import actions as audit
from sts_qa.catalogue.layouts.sts_tooth import CATEGORY_ORDER
from sts_qa.catalogue.models import (
    Category,
    Dataset,
    ImportEntry,
    ImportRun,
    Item,
    ItemVersion,
    MaskVersion,
)
from sts_qa.catalogue.planning import MASK_FIELDS

DETAILS = ("category", "labelled", "attributes", "subject", "source")
STATE = ("state", "state_reason")
IMAGE_FIELDS = (
    "sha256",
    "size_bytes",
    "location",
    "shape",
    "dtype",
    "spacing",
    "affine",
    "channels",
    "orientation",
    "scale_slope",
    "scale_intercept",
)


def apply_batch(
    run: ImportRun,
    entries: list[ImportEntry],
    failures: Mapping[int, tuple[str, str]],
    acting_user: Any,
) -> None:
    """Write the entries' items and versions, and tick the entries off.

    Parameters
    ----------
    failures
        Code and reason by id of those entries whose files could not be kept or have changed since
        the plan was made; they become errors, and their items stay as they are.
    """
    good = [entry for entry in entries if entry.pk not in failures]
    with transaction.atomic():
        batch = _Batch(run, good)
        batch.write()
        for action, details in batch.records():
            audit.record(
                chain=audit.dataset_chain(run.dataset_id),
                action=action,
                acting_user=acting_user,
                subject=run,
                details=details,
            )
        _tick_off(entries, failures)


@transaction.atomic
def finish_import(run: ImportRun, acting_user: Any, *, content_hash: str) -> dict[str, Any]:
    """Close the run; record the import unless it has changed nothing."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == ImportRun.State.APPLIED:
        return run.summary
    # Files that changed after the plan was made have become errors
    found = dict(run.entries.values_list("outcome").annotate(Count("pk")).order_by())
    counts = {outcome: found.get(outcome, 0) for outcome in ImportEntry.Outcome.values}
    summary = {**run.summary, "counts": counts, "dataset_hash": content_hash}
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportRun.State.APPLIED, applied_at=timezone.now(), summary=summary
    )
    root = "" if run.keep_files else run.root
    moved = Dataset.objects.filter(pk=run.dataset_id).exclude(root=root).update(root=root)
    if moved or run.summary["to_apply"]:
        audit.record(
            chain=audit.dataset_chain(run.dataset_id),
            action="dataset.imported",
            acting_user=acting_user,
            subject=run,
            details={
                "layout": run.layout,
                "counts": counts,
                "keep_files": run.keep_files,
                "dataset_hash": content_hash,
            },
        )
    return summary


def _tick_off(entries: list[ImportEntry], failures: Mapping[int, tuple[str, str]]) -> None:
    for entry in entries:
        if entry.pk in failures:
            entry.outcome = ImportEntry.Outcome.ERROR
            entry.reason_code, entry.reason = failures[entry.pk]
            entry.applied = True
            entry.save(update_fields=["outcome", "reason_code", "reason", "applied"])
    done = [entry.pk for entry in entries if entry.pk not in failures]
    ImportEntry.objects.filter(pk__in=done).update(applied=True)


class _Batch:
    """Some entries of a run, with the items that they are about."""

    def __init__(self, run: ImportRun, entries: list[ImportEntry]) -> None:
        self.run = run
        self.entries = entries
        self.items = _items_by_key(run, [entry.key for entry in entries])
        self.changed: list[dict[str, Any]] = []
        self.categories = _categories(run, entries, self.changed)
        self._new: list[Item] = []
        self._checksums: dict[str, str] = {}
        self._fields: set[str] = set()
        self._updated: list[Item] = []

    def write(self) -> None:
        for entry in self.entries:
            self._set_item(entry)
        Item.objects.bulk_create(self._new)
        self.items.update({item.key: item for item in self._new})
        if self._updated:
            Item.objects.bulk_update(self._updated, sorted(self._fields))
        self._write_versions()

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield action and details of what was written."""
        if self._new:
            lines = sorted(
                f"{item.key}\0{self._checksums.get(item.key, '')}\n" for item in self._new
            )
            digest = hashlib.sha256("".join(lines).encode()).hexdigest()
            yield "dataset.items_added", {"items": len(lines), "sha256": digest}
        if self.changed:
            yield "dataset.items_changed", {"items": self.changed}

    def _set_item(self, entry: ImportEntry) -> None:
        """Give the entry's item the details and the state that the plan found."""
        content = entry.content
        item = self.items.get(entry.key)
        wanted: dict[str, Any] = {}
        if "category" in content:
            wanted = {name: content[name] for name in DETAILS}
            wanted["category"] = self.categories[content["category"]]
        wanted["state"], wanted["state_reason"] = _state(entry)
        if item is None:
            if "category" in content:
                kind = content["kind"]
                self._new.append(Item(dataset=self.run.dataset, key=entry.key, kind=kind, **wanted))
            return
        differing = [name for name, value in wanted.items() if getattr(item, name) != value]
        if differing:
            self._fields.update(differing)
            self._updated.append(item)
            for name in differing:
                setattr(item, name, wanted[name])
            change = {"item": item.pk, "changed": sorted(differing), "state": item.state}
            self.changed.append(change)

    def _write_versions(self) -> None:
        with_image = [
            (entry.content, self.items[entry.key])
            for entry in self.entries
            if "image" in entry.content
        ]
        renewed = [pair for pair in with_image if _needs_version(*pair)]
        for content, item in with_image:
            if not _needs_version(content, item):
                _relocate(content, item)
        if not renewed:
            return
        masks = self._write_masks(renewed)
        numbers = _last_numbers(ItemVersion.objects, [item for _content, item in renewed])
        versions = [
            ItemVersion(
                item=item,
                number=numbers.get(item.pk, 0) + 1,
                run=self.run,
                mask=masks.get(item.pk),
                mask_error=content["mask_error"],
                mask_error_reason=content["mask_error_reason"],
                notices=_notices(content),
                **{name: content["image"][name] for name in IMAGE_FIELDS},
            )
            for content, item in renewed
        ]
        ItemVersion.objects.bulk_create(versions)
        self._checksums.update({version.item.key: version.checksum for version in versions})
        _make_newest_current([version.item_id for version in versions])
        self.changed += [
            {"item": version.item_id, "version": version.number, "checksum": version.checksum}
            for version in versions
            if version.number > 1
        ]

    def _write_masks(self, renewed: list[tuple[dict, Item]]) -> dict[int, MaskVersion]:
        """Return the mask by item id: the one it has where the bytes are the same, else new."""
        masks: dict[int, MaskVersion] = {}
        changed = []
        for content, item in renewed:
            if content["mask"] is None:
                continue
            present = item.current_version.mask if item.current_version else None
            if present is not None and present.sha256 == content["mask"]["sha256"]:
                masks[item.pk] = present
            else:
                changed.append((content, item))
        numbers = _last_numbers(
            MaskVersion.objects.filter(name=""), [item for _content, item in changed]
        )
        new = [
            MaskVersion(
                item=item,
                number=numbers.get(item.pk, 0) + 1,
                run=self.run,
                **{name: content["mask"][name] for name in MASK_FIELDS},
            )
            for content, item in changed
        ]
        for mask in MaskVersion.objects.bulk_create(new):
            masks[mask.item_id] = mask
        return masks


def _state(entry: ImportEntry) -> tuple[str, str]:
    if entry.outcome == ImportEntry.Outcome.MISSING:
        return Item.State.MISSING, ""
    if entry.outcome == ImportEntry.Outcome.ERROR:
        return Item.State.UNREADABLE, entry.reason
    return Item.State.PRESENT, ""


def _items_by_key(run: ImportRun, keys: list[str]) -> dict[str, Item]:
    items = Item.objects.filter(dataset=run.dataset_id, key__in=keys).select_related(
        "category", "current_version__mask"
    )
    return {item.key: item for item in items}


def _categories(
    run: ImportRun, entries: Iterable[ImportEntry], changed: list[dict[str, Any]]
) -> dict[str, Category]:
    """Return the categories of the entries by name, made or regrouped where necessary."""
    groups = {
        entry.content["category"]: entry.content["group"]
        for entry in entries
        if "category" in entry.content
    }
    known = {category.name: category for category in run.dataset.categories.all()}
    for name in sorted(groups):
        category = known.get(name)
        if category is None:
            position = _position(name, known)
            known[name] = Category.objects.create(
                dataset=run.dataset, name=name, group=groups[name], position=position
            )
        elif category.group != groups[name]:
            category.group = groups[name]
            category.save(update_fields=["group"])
            changed.append({"category": category.pk, "group": category.group})
    return known


def _position(name: str, known: Mapping[str, Category]) -> int:
    if name in CATEGORY_ORDER:
        return CATEGORY_ORDER.index(name)
    positions = [category.position for category in known.values()]
    return max([*positions, len(CATEGORY_ORDER) - 1]) + 1


def _needs_version(content: dict[str, Any], item: Item) -> bool:
    current = item.current_version
    if current is None:
        return True
    mask = content["mask"]
    return (
        current.sha256 != content["image"]["sha256"]
        or (current.mask.sha256 if current.mask else None) != (mask["sha256"] if mask else None)
        or current.mask_error != content["mask_error"]
    )


def _relocate(content: dict[str, Any], item: Item) -> None:
    """The same bytes lie elsewhere: say where, which changes nothing of the version itself."""
    version = item.current_version
    assert version is not None
    if version.location != content["image"]["location"]:
        ItemVersion.objects.filter(pk=version.pk).update(location=content["image"]["location"])
    if version.mask and version.mask.location != content["mask"]["location"]:
        MaskVersion.objects.filter(pk=version.mask.pk).update(location=content["mask"]["location"])


def _last_numbers(versions: Any, items: list[Item]) -> dict[int, int]:
    if not items:
        return {}
    numbers = versions.filter(item__in=items).values("item").annotate(last=Max("number"))
    return {row["item"]: row["last"] for row in numbers}


def _make_newest_current(item_ids: list[int]) -> None:
    newest = ItemVersion.objects.filter(item=OuterRef("pk")).order_by("-number").values("pk")
    Item.objects.filter(pk__in=item_ids).update(current_version=Subquery(newest[:1]))


def _notices(content: dict[str, Any]) -> list[str]:
    mask = content["mask"]
    return content["image"]["notices"] + (mask["notices"] if mask else [])
