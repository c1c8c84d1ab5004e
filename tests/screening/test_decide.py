"""Taking decisions: append-only, on record, and only where they make sense."""

from __future__ import annotations

import pytest

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.screening.actions import NOTE_LENGTH, decide
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import (
    accepted_mask_version_ids,
    excluded_item_ids,
    history,
    latest_decisions,
)
from sts_qa.studies.models import Study
from sts_qa.studies.queries.frame import build_frame
from tests.factories import make_dataset, make_item, make_user

pytestmark = pytest.mark.django_db
EXCLUDE, KEEP = ScreeningDecision.Outcome.EXCLUDE, ScreeningDecision.Outcome.KEEP


@pytest.fixture
def person():
    return make_user(coordinator=True)


@pytest.fixture
def dataset(person):
    return make_dataset(owner=person)


@pytest.fixture
def item(dataset):
    return make_item(dataset, "A-PXI/1.png")


def exclude(item, person, reason="duplicate", note=""):
    return decide(item=item, outcome=EXCLUDE, reason=reason, note=note, acting_user=person)


def keep(item, person, reason="mask", note=""):
    return decide(item=item, outcome=KEEP, reason=reason, note=note, acting_user=person)


def events(dataset) -> list[Event]:
    return list(Event.objects.filter(chain__name=f"dataset:{dataset.pk}"))


def in_frame(dataset) -> set[str]:
    strata = build_frame(dataset, Study.Stratification.NONE)
    return {item.key for stratum in strata for item in stratum.items}


def give_new_version(item, **fields) -> Item:
    """The item after an import that found another file."""
    old = item.current_version
    item.current_version = ItemVersion.objects.create(
        item=item,
        number=old.number + 1,
        sha256=f"{old.number + 1:064x}",
        size_bytes=1,
        location="",
        shape=old.shape,
        dtype=old.dtype,
        mask=old.mask,
        **fields,
    )
    item.save()
    return item


def test_an_excluded_item_leaves_the_frame_and_a_kept_one_comes_back(dataset, item, person):
    other = make_item(dataset, "A-PXI/2.png")
    exclude(item, person)
    assert in_frame(dataset) == {other.key}
    keep(item, person, reason="other", note="No duplicate after all.")
    assert in_frame(dataset) == {item.key, other.key}


def test_earlier_decisions_stay_and_the_latest_holds(dataset, item, person):
    first = exclude(item, person)
    second = exclude(item, person, reason="privacy")
    assert list(history(dataset).order_by("id")) == [first, second]
    assert latest_decisions(dataset) == {item.pk: second}
    first.refresh_from_db()
    assert (first.reason, first.item_version) == ("duplicate", item.current_version)


def test_every_decision_is_one_event_of_the_dataset_without_the_note(dataset, item, person):
    decision = exclude(item, person, note="Shows the name of Mrs Miller.")
    (event,) = events(dataset)
    assert (event.action, event.actor) == ("item.excluded", str(person.opaque_id))
    assert event.object_id == str(decision.pk)
    assert event.details == {
        "item": item.pk,
        "version": 1,
        "checksum": item.current_version.sha256,
        "mask_error": "",
        "reason": "duplicate",
    }
    assert list(broken_links(Chain.objects.get(name=f"dataset:{dataset.pk}"))) == []


def test_the_same_decision_twice_is_one(dataset, item, person):
    assert exclude(item, person) == exclude(item, person)
    assert history(dataset).count() == len(events(dataset)) == 1


def test_another_person_deciding_the_same_is_another_decision(dataset, item, person):
    exclude(item, person)
    exclude(item, make_user(coordinator=True))
    assert history(dataset).count() == 2


def test_a_mask_lying_elsewhere_can_be_accepted_for_this_version_only(dataset, person):
    item = make_item(dataset, "A-PXI/1.png", labelled=True, mask_error="affine")
    assert in_frame(dataset) == set()
    keep(item, person)
    assert accepted_mask_version_ids(dataset) == {item.current_version_id}
    assert in_frame(dataset) == {item.key}

    give_new_version(item, mask_error="affine")
    assert in_frame(dataset) == set()


@pytest.mark.parametrize("error", ["missing", "unreadable", "shape", "ambiguous"])
def test_other_mask_errors_cannot_be_accepted(dataset, person, error):
    item = make_item(dataset, "A-PXI/1.png", labelled=True, mask_error=error)
    with pytest.raises(ScreeningRefused, match="Correct the mask and import"):
        keep(item, person)
    assert not ScreeningDecision.objects.exists()
    assert events(dataset) == []


def test_keeping_a_sound_version_accepts_no_fault_of_a_later_one(dataset, item, person):
    keep(item, person, reason="other", note="Looked odd, is fine.")
    give_new_version(item, mask_error="shape")
    assert accepted_mask_version_ids(dataset) == set()
    assert in_frame(dataset) == set()


def test_an_exclusion_outlives_a_new_version(dataset, item, person):
    exclude(item, person)
    give_new_version(item)
    assert excluded_item_ids(dataset) == {item.pk}


def test_who_saw_an_older_version_is_told_so(dataset, item, person):
    seen = Item.objects.get(pk=item.pk)
    give_new_version(item)
    with pytest.raises(ScreeningRefused, match="has changed since you looked"):
        exclude(seen, person)
    assert not ScreeningDecision.objects.exists()


def test_an_unreadable_item_without_any_version_can_be_excluded(dataset, item, person):
    bad = Item.objects.create(
        dataset=dataset, category=item.category, key="A-PXI/bad.png", kind=item.kind
    )
    assert exclude(bad, person, reason="invalid").item_version is None
    assert excluded_item_ids(dataset) == {bad.pk}


@pytest.mark.parametrize(
    ("outcome", "reason", "note", "said"),
    [
        ("drop", "duplicate", "", "no decision"),
        ("exclude", "ugly", "", "no reason"),
        ("exclude", "", "", "no reason"),
        ("exclude", "other", "  ", "other reason"),
        ("exclude", "outlier", "x" * (NOTE_LENGTH + 1), "longer than"),
    ],
)
def test_incomplete_decisions_are_refused(item, person, outcome, reason, note, said):
    with pytest.raises(ScreeningRefused, match=said):
        decide(item=item, outcome=outcome, reason=reason, note=note, acting_user=person)
    assert not ScreeningDecision.objects.exists()


def test_other_datasets_do_not_count(dataset, item, person):
    elsewhere = make_item(make_dataset(), "A-PXI/1.png", labelled=True, mask_error="affine")
    keep(elsewhere, person)
    exclude(make_item(elsewhere.dataset, "A-PXI/2.png"), person)
    assert latest_decisions(dataset) == {}
    assert excluded_item_ids(dataset) == accepted_mask_version_ids(dataset) == set()


def test_reading_thousands_of_decisions_takes_one_query_each(
    dataset, item, person, django_assert_num_queries
):
    items = Item.objects.bulk_create(
        Item(dataset=dataset, category=item.category, key=f"A-PXI/x{number}.png", kind=item.kind)
        for number in range(3000)
    )
    for outcome in (EXCLUDE, KEEP, EXCLUDE):
        ScreeningDecision.objects.bulk_create(
            ScreeningDecision(item=one, outcome=outcome, reason="outlier", decided_by=person)
            for one in items
            if outcome == EXCLUDE or one.pk % 2
        )
    with django_assert_num_queries(1):
        assert len(latest_decisions(dataset)) == 3000
    with django_assert_num_queries(1):
        assert excluded_item_ids(dataset) == {one.pk for one in items}
    with django_assert_num_queries(1):
        assert accepted_mask_version_ids(dataset) == set()
