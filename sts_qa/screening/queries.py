"""Reading screening decisions: the latest one of an item holds."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from sts_qa.catalogue.models import Dataset
from sts_qa.screening.models import ScreeningDecision


def latest_decisions(dataset: Dataset) -> dict[int, ScreeningDecision]:
    """Return the decision that holds, by item id, for every item that has one."""
    newest = ScreeningDecision.objects.filter(item=OuterRef("item")).order_by("-id").values("id")
    decisions = ScreeningDecision.objects.filter(
        item__dataset=dataset, id=Subquery(newest[:1])
    ).select_related("decided_by")
    return {decision.item_id: decision for decision in decisions}


def excluded_item_ids(dataset: Dataset) -> set[int]:
    return {
        item_id
        for item_id, decision in latest_decisions(dataset).items()
        if decision.outcome == ScreeningDecision.Outcome.EXCLUDE
    }


def accepted_mask_version_ids(dataset: Dataset) -> set[int]:
    """Return the item versions that were held back and that a person has decided to keep."""
    return {
        decision.item_version_id
        for decision in latest_decisions(dataset).values()
        if decision.outcome == ScreeningDecision.Outcome.KEEP and decision.item_version_id
    }
