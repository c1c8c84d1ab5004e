"""Screening decisions: what belongs in a dataset, item by item, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import Fault, Problem, all_invalid, fault, pointer
from sts_qa.api.routing import route
from sts_qa.api.schemas.decisions import (
    DecisionFilterSchema,
    DecisionResultsSchema,
    DecisionSchema,
    NewDecisionSchema,
    NewDecisionsSchema,
)
from sts_qa.catalogue.models import Dataset, Item
from sts_qa.catalogue.queries.items import item_or_404
from sts_qa.screening import actions
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import decisions_that_hold, history, latest_decision


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers=DecisionSchema,
    query=DecisionFilterSchema,
    paged=True,
    streams=True,
    coordinators=True,
)
def list_decisions(request: Request, dataset: Dataset, query: dict[str, Any]) -> Listing:
    """List all decisions of a dataset, the newest first."""
    decisions = history(dataset)
    decisions = decisions.filter(
        **{name: query[name] for name in ("outcome", "reason") if name in query}
    )
    if "holds" in query:
        narrow = decisions.filter if query["holds"] else decisions.exclude
        decisions = narrow(pk=F("latest_id"))
    return Listing(
        decisions,
        order=("-pk",),
        each=lambda some: [told_decision(one, holds=one.latest_id == one.pk) for one in some],
    )


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body=NewDecisionSchema,
    answers={201: DecisionSchema, 200: DecisionSchema},
    idempotent="accepted",
    coordinators=True,
)
def decide_item(request: Request, dataset: Dataset, item_id: int, body: dict[str, Any]) -> Answer:
    """Keep an item in the dataset or exclude it; earlier decisions stay on record.

    Keeping an item that is held back accepts its mask, for its current version only. What the same
    person has decided already in the same words is not written again: then the answer is 200.
    """
    item = item_or_404(dataset, item_id)
    if faults := list(_faults(item, body)):
        raise Problem("invalid", faults[0]["detail"], errors=faults)
    before = latest_decision(item)
    decision = _decide(request, item, body)
    status = 200 if before == decision else 201
    return Answer(told_decision(decision, holds=True), status=status)


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body=NewDecisionsSchema,
    answers=DecisionResultsSchema,
    idempotent="accepted",
    # One decision after the other; again, those taken already are found unchanged
    atomic=False,
    coordinators=True,
)
def decide_items(request: Request, dataset: Dataset, body: dict[str, Any]) -> dict[str, Any]:
    """Decide on up to 500 items.

    A body with a fault in any row changes nothing. Else one decision is taken after the other, so
    that nobody who rates meanwhile has to wait, and each has its own result. A dry run tells the
    same results and writes nothing.
    """
    rows = body["decisions"]
    ids = {row["item"] for row in rows}
    items = dataset.items.select_related("current_version").in_bulk(ids)
    if faults := list(_faults_of_rows(items, rows)):
        raise all_invalid(faults)
    held = decisions_that_hold(dataset).filter(item__in=items)
    known = set(held.values_list("pk", flat=True))
    decide_one = _tried if body["dry_run"] else _result
    return {"results": [decide_one(request, items[row["item"]], row, known) for row in rows]}


def told_decision(decision: ScreeningDecision, *, holds: bool) -> dict[str, Any]:
    """Return what `DecisionSchema` describes."""
    version = decision.item_version
    return {"decision": decision, "version": version.number if version else None, "holds": holds}


def _decide(request: Request, item: Item, row: dict[str, Any]) -> ScreeningDecision:
    return actions.decide(
        item=item,
        outcome=row["outcome"],
        reason=row["reason"],
        note=row["note"],
        acting_user=request.user,
    )


def _result(request: Request, item: Item, row: dict[str, Any], known: set[int]) -> dict[str, Any]:
    told: dict[str, Any] = {"item": item.pk, "status": "refused", "detail": "", "decision": None}
    try:
        decision = _decide(request, item, row)
    except ScreeningRefused as refusal:
        return {**told, "detail": str(refusal)}
    status = "unchanged" if decision.pk in known else "decided"
    return {**told, "status": status, "decision": told_decision(decision, holds=True)}


def _tried(request: Request, item: Item, row: dict[str, Any], known: set[int]) -> dict[str, Any]:
    """Return the result that a decision would have; nothing of it stays."""
    with transaction.atomic():
        told = _result(request, item, row, known)
        transaction.set_rollback(True)
    return {**told, "decision": None}


def _faults_of_rows(items: dict[int, Item], rows: list[dict[str, Any]]) -> Iterator[Fault]:
    """Yield what is wrong with rows as they stand, whatever the dataset has become meanwhile."""
    counted = Counter(row["item"] for row in rows)
    for number, row in enumerate(rows):
        place = pointer("decisions", number)
        if (item := items.get(row["item"])) is None:
            yield fault(f"{place}/item", _("The dataset has no such item."))
        elif counted[item.pk] > 1:
            yield fault(f"{place}/item", _("The item stands in more than one row."))
        else:
            yield from _faults(item, row, place)


def _faults(item: Item, row: dict[str, Any], place: str = "") -> Iterator[Fault]:
    current = item.current_version.number if item.current_version else None
    if "version" in row and row["version"] != current:
        text = _("The item has changed since you looked at it. Look at its new version first.")
        yield fault(f"{place}/version", text)
    try:
        actions.checked_note(row["outcome"], row["reason"], row["note"])
    except ScreeningRefused as refusal:
        yield fault(f"{place}/note", str(refusal))


items = "datasets/<int:dataset_id>/items/"
addresses = [
    *route(f"{items}decisions/", list_decisions, decide_items),
    *route(f"{items}<int:item_id>/decisions/", decide_item),
]
