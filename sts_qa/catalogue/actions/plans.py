"""Writing a plan down. A plan is a proposal: it changes nothing in the dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from sts_qa.catalogue.models import ImportEntry, ImportRun
from sts_qa.catalogue.queries.imports import EntryFacts, entry_facts, free_bytes

# Written in well under 50 ms, so that nobody who rates meanwhile has to wait
BATCH = 50
State = ImportRun.State


def write_entries(entries: list[ImportEntry]) -> None:
    """Write entries of a plan, a batch to a transaction."""
    for start in range(0, len(entries), BATCH):
        with transaction.atomic():
            ImportEntry.objects.bulk_create(entries[start : start + BATCH])


def forget_entries(run: ImportRun, keep_ids: set[int]) -> None:
    """Drop entries of an interrupted attempt that no longer say what is in the folder."""
    stale = [pk for pk in run.entries.values_list("pk", flat=True) if pk not in keep_ids]
    for start in range(0, len(stale), BATCH):
        run.entries.filter(pk__in=stale[start : start + BATCH]).delete()


def finish_plan(run: ImportRun, layout: str) -> dict[str, Any]:
    """Sum the plan up and open it for being applied."""
    summary = summarise(entry_facts(run), layout=layout, keep_files=run.keep_files)
    ImportRun.objects.filter(pk=run.pk, state=State.PLANNING).update(
        state=State.PLANNED, layout=layout, summary=summary
    )
    return summary


def set_state(run: ImportRun, state: str, **fields: Any) -> None:
    """Say how the run stands, unless somebody has put it aside meanwhile."""
    still_open = Q(state__in=[State.PLANNING, State.PLANNED, State.APPLYING])
    ImportRun.objects.filter(still_open, pk=run.pk).update(state=state, **fields)


def summarise(facts_of_all: Iterable[EntryFacts], *, layout: str, keep_files: bool) -> dict:
    """Return counts, and sizes in bytes, of a plan."""
    counts: Counter[str] = Counter()
    categories: dict[str, Counter[str]] = {}
    total = kept = store = to_apply = 0
    for facts in facts_of_all:
        counts[facts.outcome] += 1
        to_apply += not facts.applied
        if facts.category:
            part = "labelled" if facts.labelled else "unlabelled"
            categories.setdefault(facts.category, Counter())[part] += 1
            total += facts.size_bytes
        if not facts.applied and facts.has_image:
            kept += facts.size_bytes if keep_files else 0
            store += facts.store_bytes
    return {
        "layout": layout,
        "counts": {outcome: counts[outcome] for outcome in ImportEntry.Outcome.values},
        "categories": {name: dict(parts) for name, parts in categories.items()},
        "to_apply": to_apply,
        "total_bytes": total,
        "kept_bytes": kept,
        "store_bytes": store,
        "needed_bytes": kept + store,
        "free_bytes": free_bytes(),
    }
