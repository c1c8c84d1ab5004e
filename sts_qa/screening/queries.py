"""Reading screening decisions: the latest one of an item holds."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When

from sts_qa.catalogue.models import Dataset, Item, ItemVersion
from sts_qa.screening.models import ScreeningDecision

# A mask with this error has as many pixels as its image, so that both can still be compared;
# with any other error there is nothing that could be kept
ACCEPTABLE_ERROR = ItemVersion.MaskError.AFFINE


def decisions_that_hold(dataset: Dataset) -> QuerySet[ScreeningDecision]:
    """Return the latest decision of every item of the dataset that has one."""
    newest = Subquery(_newest_ids()[:1])
    return ScreeningDecision.objects.filter(item__dataset=dataset, id=newest)


def latest_decisions(dataset: Dataset) -> dict[int, ScreeningDecision]:
    """Return the decision that holds, by item id, for every item that has one."""
    decisions = decisions_that_hold(dataset).select_related("decided_by")
    return {decision.item_id: decision for decision in decisions}


def latest_decision(item: Item) -> ScreeningDecision | None:
    return item.screening_decisions.order_by("-id").first()


def excluded_item_ids(dataset: Dataset) -> set[int]:
    """Return the items that a person has decided to exclude."""
    excluded = decisions_that_hold(dataset).filter(outcome=ScreeningDecision.Outcome.EXCLUDE)
    return set(excluded.values_list("item_id", flat=True))


def accepted_mask_version_ids(dataset: Dataset) -> set[int]:
    """Return the item versions that were held back and that a person has decided to keep."""
    accepted = decisions_that_hold(dataset).filter(
        outcome=ScreeningDecision.Outcome.KEEP, item_version__mask_error=ACCEPTABLE_ERROR
    )
    return {pk for pk in accepted.values_list("item_version_id", flat=True) if pk is not None}


def history(dataset: Dataset) -> QuerySet[ScreeningDecision]:
    """Return all decisions of the dataset; those whose `latest_id` is another hold no longer."""
    return (
        ScreeningDecision.objects.filter(item__dataset=dataset)
        .select_related("item__category", "item_version", "decided_by")
        .annotate(latest_id=Subquery(_newest_ids()[:1]))
    )


def latest_outcome_field() -> Subquery:
    """Return the outcome that holds, as an expression in a query of items."""
    return Subquery(_latest_of_item().values("outcome")[:1])


def accepted_version_field() -> Subquery:
    """Return the version whose mask error is accepted, as an expression in a query of items."""
    accepted = Case(
        When(
            outcome=ScreeningDecision.Outcome.KEEP,
            item_version__mask_error=ACCEPTABLE_ERROR,
            then=F("item_version_id"),
        )
    )
    return Subquery(_latest_of_item().values(accepted=accepted)[:1])


def _latest_of_item() -> QuerySet[ScreeningDecision]:
    return ScreeningDecision.objects.filter(item=OuterRef("pk")).order_by("-id")


def _newest_ids() -> QuerySet[ScreeningDecision, Any]:
    return ScreeningDecision.objects.filter(item=OuterRef("item")).order_by("-id").values("id")
