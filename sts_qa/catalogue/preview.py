"""What importing a folder into a new dataset would do, without making the dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from sts_qa.catalogue.actions.plans import summarise
from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun
from sts_qa.catalogue.planning import Comparison
from sts_qa.catalogue.queries.imports import facts_of
from sts_qa.catalogue.reading import candidate_entries, other_entries, read_folder
from sts_qa.jobs.units import UnitRunner, local_executor


def preview_import(
    *, name: str, root: Path, layout: str, on_progress: Callable[[int, int], None]
) -> tuple[dict[str, Any], list[ImportEntry]]:
    """Return the summary and the entries of the plan; nothing is written.

    Raises
    ------
    CatalogueRefused
        When nothing can be imported from there at all.
    """
    used, result = read_folder(root, layout)
    run = ImportRun(dataset=Dataset(name=name), root=str(root), layout=used)
    comparison = Comparison(run, {}, "")
    entries = other_entries(result.findings, comparison, {found.key for found in result.candidates})
    for entry in candidate_entries(result.candidates, comparison, _map_here):
        entries.append(entry)
        on_progress(len(entries), len(result.candidates))
    return summarise(map(facts_of, entries), layout=used, keep_files=False), entries


def _map_here(function: Callable, arguments: Iterable) -> Iterator[tuple]:
    runner = UnitRunner(lambda: local_executor(settings.WORKERS))
    try:
        yield from runner.map(function, arguments)
    finally:
        runner.close()
