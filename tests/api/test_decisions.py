"""Screening decisions by the API: list_decisions, decide_item, decide_items."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import ItemVersion
from sts_qa.screening.actions import decide
from sts_qa.screening.models import ScreeningDecision
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
TWIN = {"outcome": "exclude", "reason": "duplicate", "note": "As 2.png"}


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner, name="Teeth")


@pytest.fixture
def item(dataset):
    return make_item(dataset, "1.png")


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def of_item(item) -> str:
    return reverse("api:decide_item", args=[item.dataset_id, item.pk])


def of_dataset(dataset) -> str:
    return reverse("api:list_decisions", args=[dataset.pk])


def fields(response) -> list[str]:
    assert is_problem(response, 422, "invalid"), response.content
    return [fault["field"] for fault in response.json()["errors"]]


def test_deciding_is_the_same_act_as_on_the_page(program, item, owner):
    response = program.post(of_item(item), TWIN)
    assert response.status_code == 201, response.content
    stored = ScreeningDecision.objects.get()
    told = response.json()
    assert told["id"] == stored.pk
    assert (told["item"], told["key"], told["version"]) == (item.pk, "1.png", 1)
    assert [told[name] for name in TWIN] == list(TWIN.values())
    assert (told["decided_by"], told["holds"]) == (owner.username, True)
    act = Event.objects.get(action="item.excluded")
    assert act.actor == str(owner.opaque_id)
    again = program.post(of_item(item), TWIN)
    assert (again.status_code, again.json()) == (200, told)
    assert ScreeningDecision.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": None}, "/reason"),
        ({"reason": "boring"}, "/reason"),
        ({"outcome": "maybe"}, "/outcome"),
        ({"reason": "other", "note": " "}, "/note"),
        ({"note": "x" * 2001}, "/note"),
        ({"version": 2}, "/version"),
        ({"version": "1"}, "/version"),
    ],
)
def test_an_incomplete_decision_names_the_field(program, item, change, field):
    body = {name: value for name, value in {**TWIN, **change}.items() if value is not None}
    assert fields(program.post(of_item(item), body)) == [field]
    assert not ScreeningDecision.objects.exists()


def test_a_decision_on_the_version_that_was_seen(program, item):
    assert program.post(of_item(item), {**TWIN, "version": 1}).status_code == 201
    newer = ItemVersion.objects.create(
        item=item, number=2, sha256="2" * 64, size_bytes=1, shape=[1, 1], dtype="uint8"
    )
    type(item).objects.filter(pk=item.pk).update(current_version=newer)
    assert fields(program.post(of_item(item), {**TWIN, "version": 1})) == ["/version"]
    assert program.post(of_item(item), {**TWIN, "version": 2}).json()["version"] == 2


def test_what_cannot_be_kept_is_refused(program, dataset):
    item = make_item(dataset, "1.png", mask_error="shape", mask_error_reason="Sizes differ.")
    response = program.post(of_item(item), {"outcome": "keep", "reason": "mask"})
    assert is_problem(response, 409, "refused")
    assert "Sizes differ." in response.json()["detail"]


def test_many_decisions_each_with_its_result(program, dataset, item, owner):
    held = make_item(dataset, "2.png", mask_error="shape")
    known = make_item(dataset, "3.png")
    decide(item=known, outcome="exclude", reason="duplicate", note="As 2.png", acting_user=owner)
    response = program.post(
        of_dataset(dataset),
        {
            "decisions": [
                {"item": item.pk, **TWIN},
                {"item": held.pk, "outcome": "keep", "reason": "mask"},
                {"item": known.pk, **TWIN},
            ]
        },
    )
    assert response.status_code == 200, response.content
    results = response.json()["results"]
    assert [(one["item"], one["status"]) for one in results] == [
        (item.pk, "decided"),
        (held.pk, "refused"),
        (known.pk, "unchanged"),
    ]
    assert results[0]["decision"]["outcome"] == "exclude"
    assert results[1]["decision"] is None
    assert "cannot be kept" in results[1]["detail"]
    assert ScreeningDecision.objects.count() == 2


def test_a_dry_run_tells_the_same_results_and_writes_nothing(program, dataset, item, owner):
    held = make_item(dataset, "2.png", mask_error="shape")
    known = make_item(dataset, "3.png")
    decide(item=known, outcome="exclude", reason="duplicate", note="As 2.png", acting_user=owner)
    rows = [
        {"item": item.pk, **TWIN},
        {"item": held.pk, "outcome": "keep", "reason": "mask"},
        {"item": known.pk, **TWIN},
    ]
    acts = Event.objects.count()
    tried = program.post(of_dataset(dataset), {"decisions": rows, "dry_run": True})
    assert tried.status_code == 200, tried.content
    assert (ScreeningDecision.objects.count(), Event.objects.count()) == (1, acts)
    done = program.post(of_dataset(dataset), {"decisions": rows}).json()["results"]
    assert [one["status"] for one in done] == ["decided", "refused", "unchanged"]
    assert tried.json()["results"] == [{**one, "decision": None} for one in done]


def test_a_fault_in_any_row_changes_nothing_and_is_named(program, dataset, item):
    elsewhere = make_item(make_dataset(), "1.png")
    other = make_item(dataset, "2.png")
    rows = [
        {"item": item.pk, **TWIN},
        {"item": elsewhere.pk, **TWIN},
        {"item": other.pk, "outcome": "exclude", "reason": "other"},
        {"item": item.pk, **TWIN},
    ]
    response = program.post(of_dataset(dataset), {"decisions": rows})
    assert fields(response) == [
        "/decisions/0/item",
        "/decisions/1/item",
        "/decisions/2/note",
        "/decisions/3/item",
    ]
    rows = [{"item": item.pk, **TWIN}, {"item": other.pk, **TWIN, "reason": "boring"}]
    assert fields(program.post(of_dataset(dataset), {"decisions": rows})) == ["/decisions/1/reason"]
    assert not ScreeningDecision.objects.exists()


def test_at_least_one_and_at_most_500_decisions(program, dataset, item):
    many = [{"item": item.pk, **TWIN}] * 501
    for rows in ([], many, "all", None):
        assert fields(program.post(of_dataset(dataset), {"decisions": rows})) == ["/decisions"]


def test_the_same_key_decides_once(program, dataset, item):
    body, key = {"decisions": [{"item": item.pk, **TWIN}]}, {"Idempotency-Key": "1"}
    first = program.post(of_dataset(dataset), body, headers=key)
    again = program.post(of_dataset(dataset), body, headers=key)
    assert again.json() == first.json()
    assert again.json()["results"][0]["status"] == "decided"
    assert again["Idempotency-Replayed"] == "true"


def test_decisions_are_listed_the_newest_first_and_filtered(program, dataset, item, owner):
    other = make_item(dataset, "2.png")
    decide(item=item, outcome="exclude", reason="duplicate", acting_user=owner)
    decide(item=other, outcome="exclude", reason="privacy", acting_user=owner)
    decide(item=item, outcome="keep", reason="duplicate", acting_user=owner)

    def found(query: str = "") -> list[tuple]:
        rows = program.get(f"{of_dataset(dataset)}?{query}").json()["items"]
        return [(row["key"], row["outcome"], row["holds"]) for row in rows]

    newest, second, first = (
        ("1.png", "keep", True),
        ("2.png", "exclude", True),
        ("1.png", "exclude", False),
    )
    assert found() == [newest, second, first]
    assert found("holds=true") == [newest, second]
    assert found("holds=false") == [first]
    assert found("outcome=exclude&holds=true") == [second]
    assert found("reason=privacy") == [second]
    page = program.get(f"{of_dataset(dataset)}?limit=2").json()
    assert len(page["items"]) == 2
    assert [row["outcome"] for row in program.get(page["next"]).json()["items"]] == ["exclude"]


def test_who_must_not_see_the_dataset_neither_reads_nor_decides(
    program, token_client, dataset, item, owner
):
    many = {"decisions": [{"item": item.pk, **TWIN}]}

    def answers(client) -> list:
        return [
            client.get(of_dataset(dataset)),
            client.post(of_item(item), TWIN),
            client.post(of_dataset(dataset), many),
        ]

    stranger = token_client(make_user(coordinator=True))
    assert all(is_problem(one, 404, "not-found") for one in answers(stranger))
    elsewhere = make_item(make_dataset(owner=owner), "1.png")
    address = reverse("api:decide_item", args=[dataset.pk, elsewhere.pk])
    assert is_problem(program.post(address, TWIN), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert all(is_problem(one, 403, "not-allowed") for one in answers(program))
    assert not ScreeningDecision.objects.exists()
