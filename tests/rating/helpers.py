"""A running study without files, and what a rater's page would send."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sts_qa.rating.models import Clarification, Question, Rating
from sts_qa.studies.models import Assignment, Membership, SampledItem, Study
from tests.factories import (
    make_assignment,
    make_dataset,
    make_item,
    make_membership,
    make_sampled_item,
    make_study,
    make_user,
)

_keys = itertools.count(1)


def running_study(items: int = 3, *, labelled: int = 0, practice: int = 0, **plan: Any) -> Study:
    """A running study of `items` radiographs, the first `labelled` of them with a mask."""
    plan.setdefault("practice_items", practice)
    coordinator = make_user(coordinator=True)
    dataset = make_dataset(owner=coordinator)
    plan.setdefault("started_at", timezone.now())
    study = make_study(coordinator=coordinator, dataset=dataset, state=Study.State.RUNNING, **plan)
    for number in range(practice):
        item = make_item(dataset, f"A-PXI/practice-{number}.png")
        make_sampled_item(study, item, kind=SampledItem.Kind.PRACTICE)
    for number in range(items):
        item = make_item(dataset, f"A-PXI/{number:03}.png", labelled=number < labelled)
        make_sampled_item(study, item)
    return study


def add_rater(study: Study, username: str = "", **fields: Any) -> Membership:
    """A rater who has the whole sample in the order of its numbers, practice first."""
    user = make_user(username)
    membership = make_membership(study, user, **fields)
    for kind in (SampledItem.Kind.PRACTICE, SampledItem.Kind.MAIN):
        for unit in study.sample.filter(kind=kind, withdrawn_at=None).order_by("number"):
            make_assignment(membership, unit, kind=kind)
    count_assigned(membership)
    return membership


def add_repeat(membership: Membership, unit: SampledItem, turn: int | None = None) -> Assignment:
    """A repeat of the unit in the rater's queue, at the end unless `turn` says where."""
    extra = {} if turn is None else {"turn": turn}
    repeat = make_assignment(membership, unit, kind=Assignment.Kind.REPEAT, **extra)
    count_assigned(membership)
    return repeat


def count_assigned(membership: Membership) -> None:
    counted = membership.assignments.exclude(kind=Assignment.Kind.PRACTICE)
    membership.assigned_count = counted.count()
    membership.save(update_fields=["assigned_count"])


def study_of_the_same_items(rater: Membership) -> Study:
    """Another running study, in which the same person rates the same items."""
    study = make_study(dataset=rater.study.dataset, state=Study.State.RUNNING, name="Other")
    membership = make_membership(study, rater.user)
    for drawn in rater.study.sample.all():
        make_assignment(membership, make_sampled_item(study, drawn.item_version.item))
    count_assigned(membership)
    return study


def add_clarification(
    study: Study, number: int, texts: dict[str, str] | None = None, ratings_before: int = 0
) -> Clarification:
    return Clarification.objects.create(
        study=study,
        number=number,
        texts=texts or {"en": f"Text {number}."},
        ratings_before=ratings_before,
        published_by=study.created_by,
    )


def add_question(
    assignment: Assignment, text: str = "Is this noise?", key: str = "k", **fields: Any
) -> Question:
    return Question.objects.create(assignment=assignment, text=text, idempotency_key=key, **fields)


def log_in(client: Client, membership: Membership) -> Client:
    client.force_login(membership.user)
    return client


def submission(**changes: Any) -> dict[str, Any]:
    """A valid submission for an unlabelled item of the small protocol."""
    body = {
        "idempotency_key": f"key-{next(_keys)}",
        "replaces": None,
        "scores": {"contrast": {"value": "17"}},
        "comment": "",
        "active_ms": 21_000,
        "wall_ms": 25_000,
        "waiting_ms": 300,
        "viewer_state": {"zoom": 1.5},
        "submitted_at": "2026-03-02T08:30:00+08:00",
        "clarification_seen": 0,
    }
    return {**body, **changes}


def send(client: Client, name: str, token: str, body: Any = None, method: str = "post") -> Any:
    """Send `body` as JSON to the endpoint `name` of an assignment."""
    data = body if isinstance(body, bytes | str) else json.dumps(body or {})
    address = reverse(f"rating:{name}", args=[token])
    return getattr(client, method)(address, data, content_type="application/json")


def submit(client: Client, assignment: Assignment, **changes: Any) -> Any:
    return send(client, "submit_rating", assignment.token, submission(**changes))


def queue_of(client: Client, study: Study) -> dict[str, Any]:
    answer = client.get(reverse("rating:list_queue", args=[study.public_id]))
    assert answer.status_code == 200, answer.content
    return answer.json()


def tokens(queue: dict[str, Any]) -> list[str]:
    return [assignment["token"] for assignment in queue["assignments"]]


def in_order(membership: Membership, *kinds: str) -> list[Assignment]:
    rows = membership.assignments.order_by("position")
    return list(rows.filter(kind__in=kinds) if kinds else rows)


def current(assignment: Assignment) -> Rating:
    return Rating.objects.get(assignment=assignment, is_current=True)


def at_once(*acts: Callable) -> list:
    """Run the acts in threads that start together; return what each answers."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable):
        try:
            barrier.wait(timeout=30)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
