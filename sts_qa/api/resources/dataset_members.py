"""Who sees a dataset."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.request import Request

from sts_qa.api.access import visible_dataset
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import Problem, fault
from sts_qa.api.routing import route
from sts_qa.api.schemas.dataset_members import DatasetMemberSchema, NewDatasetMemberSchema
from sts_qa.catalogue import actions
from sts_qa.catalogue.forms import AddMemberForm
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries.datasets import members_of


@endpoint(
    "GET",
    scope="read",
    access=visible_dataset,
    answers=DatasetMemberSchema,
    paged=True,
    coordinators=True,
)
def list_dataset_members(request: Request, dataset: Dataset) -> Listing:
    """List who sees the dataset, the oldest members first."""
    return Listing(members_of(dataset), order=("added_at", "pk"))


@endpoint(
    "POST",
    scope="manage",
    access=visible_dataset,
    body=NewDatasetMemberSchema,
    answers={201: DatasetMemberSchema},
    idempotent="accepted",
    coordinators=True,
)
def add_dataset_member(request: Request, dataset: Dataset, body: dict[str, Any]) -> Answer:
    """Let a person who may coordinate see the dataset. Raters need no membership here."""
    form = AddMemberForm(dataset, body)
    if not form.is_valid():
        texts = [str(text) for texts in form.errors.values() for text in texts]
        errors = [fault("/username", text) for text in texts]
        raise Problem("invalid", " ".join(texts), errors=errors)
    member = actions.add_member(dataset=dataset, user=form.user, acting_user=request.user)
    return Answer(member, status=201)


@endpoint("POST", scope="manage", access=visible_dataset, answers={204: None}, coordinators=True)
def remove_dataset_member(request: Request, dataset: Dataset, user_id: int) -> Answer:
    """Take the dataset out of a person's sight; one member at least stays."""
    member = members_of(dataset).filter(user=user_id).first()
    if member is None:
        raise Http404
    actions.remove_member(dataset=dataset, user=member.user, acting_user=request.user)
    return Answer(status=204)


members = "datasets/<int:dataset_id>/members/"
addresses = [
    *route(members, list_dataset_members, add_dataset_member),
    *route(f"{members}<int:user_id>/remove/", remove_dataset_member),
]
