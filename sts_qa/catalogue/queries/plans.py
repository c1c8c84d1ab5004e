"""Reading the entries of a plan, what needs attention first."""

from __future__ import annotations

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404

from sts_qa.catalogue.models import Dataset, ImportEntry, ImportRun

Outcome = ImportEntry.Outcome
# In this order entries are listed and counted
OUTCOMES = [
    Outcome.ERROR,
    Outcome.HELD_BACK,
    Outcome.MISSING,
    Outcome.CHANGED,
    Outcome.NEW,
    Outcome.IGNORED,
    Outcome.UNCHANGED,
]


def run_or_404(dataset: Dataset, run_id: int) -> ImportRun:
    """Return an import of this very dataset."""
    runs = ImportRun.objects.select_related("dataset", "job", "created_by")
    run = runs.filter(dataset=dataset, pk=run_id).first()
    if run is None:
        raise Http404
    return run


def ranked_entries(run: ImportRun) -> QuerySet[ImportEntry]:
    """Return the entries with `rank`, the place of their outcome in `OUTCOMES`."""
    whens = [When(outcome=outcome, then=Value(rank)) for rank, outcome in enumerate(OUTCOMES)]
    rank = Case(*whens, default=Value(len(OUTCOMES)), output_field=IntegerField())
    return run.entries.annotate(rank=rank)


def listed_entries(run: ImportRun, *, outcome: str, text: str) -> QuerySet[ImportEntry]:
    """Return the entries of one outcome, or of all, whose path or reason contains a text."""
    entries = ranked_entries(run)
    if outcome:
        entries = entries.filter(outcome=outcome)
    if text:
        entries = entries.filter(key__icontains=text) | entries.filter(reason__icontains=text)
    return entries
