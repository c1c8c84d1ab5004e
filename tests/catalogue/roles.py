"""How every page of a dataset answers people who must not see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from sts_qa.catalogue.models import Dataset, DatasetMember
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_study, make_user

CLOSED = {
    "not logged in": "log-in",
    "coordinator who is no member": 404,
    "removed member": 404,
    "member without the permission": 403,
    "member who rates in an open study": 403,
}


def answers(client: Client, dataset: Dataset, ask: Callable[[], HttpResponse]) -> dict[str, Any]:
    """Return the status, or "log-in", that each of the people in `CLOSED` gets."""
    found: dict[str, Any] = {}
    for role in CLOSED:
        client.logout()
        if role != "not logged in":
            client.force_login(_person(role, dataset))
        response = ask()
        is_log_in = response.status_code == 302 and response.headers["Location"].startswith(
            reverse("accounts:log_in")
        )
        found[role] = "log-in" if is_log_in else response.status_code
    return found


def _person(role: str, dataset: Dataset) -> Any:
    person = make_user(coordinator=role != "member without the permission")
    if role != "coordinator who is no member":
        member = DatasetMember.objects.create(dataset=dataset, user=person)
    if role == "removed member":
        member.removed_at = member.added_at
        member.save()
    if role == "member who rates in an open study":
        make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), person)
    return person


def text_of(response: HttpResponse) -> str:
    """Return a page's source with every run of white space as one space."""
    return " ".join(response.content.decode().split())
