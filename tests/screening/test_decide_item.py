"""Deciding on the item's page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.models import ItemVersion
from sts_qa.screening.models import ScreeningDecision
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset, make_item, make_user


@pytest.fixture
def owner(db):
    return make_user(coordinator=True)


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner)


@pytest.fixture
def item(dataset):
    return make_item(dataset, "A-PXI/1.png")


@pytest.fixture
def decide(client, owner):
    client.force_login(owner)

    def post(item, **changes):
        values = {
            "version": item.current_version_id,
            "outcome": "exclude",
            "reason": "duplicate",
            "note": "",
        } | changes
        return client.post(address_of(item), values)

    return post


def address_of(item) -> str:
    return reverse("screening:decide_item", args=[item.dataset_id, item.pk])


def test_the_decision_is_taken_and_shown_on_the_item_s_page(client, item, owner, decide):
    response = decide(item, note="As 7.")
    assert response.url == reverse("catalogue:show_item", args=[item.dataset_id, item.pk])
    decision = ScreeningDecision.objects.get()
    assert (decision.item, decision.outcome, decision.reason, decision.note) == (
        item,
        "exclude",
        "duplicate",
        "As 7.",
    )
    assert decision.decided_by == owner
    page = text_of(client.get(response.url))
    assert "As 7." in page
    assert "badge-draft" in page


def test_afterwards_one_is_where_one_was(item, decide):
    assert decide(item, next="/datasets/1/items/2/?labelled=yes").url == (
        "/datasets/1/items/2/?labelled=yes"
    )


def test_one_is_never_led_to_another_server(item, decide):
    assert decide(item, next="https://elsewhere.example/").url.startswith("/datasets/")


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"reason": ""}, "reason", "required"),
        ({"reason": "ugly"}, "reason", "not one of the available choices"),
        ({"outcome": "perhaps"}, "outcome", "not one of the available choices"),
        ({"reason": "other"}, "note", "Say in the note"),
        ({"note": "x" * 2001}, "note", "at most 2000"),
        ({"version": ""}, "__all__", "has changed since you looked"),
    ],
)
def test_an_incomplete_decision_keeps_what_was_typed(item, decide, changes, field, said):
    response = decide(item, **{"note": "As 7.", "reason": "outlier", **changes} if field != "note"
                      else changes)  # fmt: skip
    assert response.status_code == 422
    assert said in response.context["form"].errors[field][0]
    assert not ScreeningDecision.objects.exists()
    if field != "note":
        assert "As 7.</textarea>" in text_of(response)


def test_a_decision_on_an_older_version_is_refused(item, decide):
    seen = item.current_version_id
    item.current_version = ItemVersion.objects.create(
        item=item, number=2, sha256="0" * 64, size_bytes=1, location="", shape=[1, 1], dtype="u1"
    )
    item.save()
    response = decide(item, version=seen)
    assert "has changed since you looked at it" in text_of(response)
    assert not ScreeningDecision.objects.exists()


def test_a_mask_of_another_size_cannot_be_kept(dataset, decide):
    item = make_item(dataset, "A/1.png", labelled=True, mask_error="shape")
    response = decide(item, outcome="keep", reason="mask")
    assert response.status_code == 422
    assert "cannot be kept as it is" in text_of(response)


def test_a_mask_lying_elsewhere_can(dataset, decide):
    item = make_item(dataset, "A/1.png", labelled=True, mask_error="affine")
    assert decide(item, outcome="keep", reason="mask").status_code == 302
    assert ScreeningDecision.objects.get().item_version == item.current_version


def test_an_item_without_a_readable_version_can_be_excluded(dataset, item, decide):
    item.current_version = None
    item.save()
    assert decide(item, version="", reason="invalid").status_code == 302


def test_an_item_of_another_dataset_is_not_found_here(client, dataset, owner, decide):
    elsewhere = make_item(make_dataset(), "A/1.png")
    address = reverse("screening:decide_item", args=[dataset.pk, elsewhere.pk])
    assert client.post(address, {"outcome": "exclude", "reason": "outlier"}).status_code == 404


def test_it_is_no_link(client, item, decide):
    assert client.get(address_of(item)).status_code == 405


def test_only_members_may(client, dataset, item):
    values = {"version": item.current_version_id, "outcome": "exclude", "reason": "duplicate"}

    assert answers(client, dataset, lambda: client.post(address_of(item), values)) == CLOSED
    assert not ScreeningDecision.objects.exists()
