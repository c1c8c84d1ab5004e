"""Making datasets and saying who sees them."""

import pytest

from sts_qa.audit.models import Chain
from sts_qa.audit.queries import broken_links, events_of
from sts_qa.catalogue.actions import add_member, create_dataset, remove_member
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.queries import visible_datasets
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_who_makes_a_dataset_is_its_first_member(owner, dataset):
    assert list(visible_datasets(owner)) == [dataset]
    assert list(visible_datasets(make_user(coordinator=True))) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b", "a\nb"])
def test_names_that_are_refused(owner, name):
    with pytest.raises(CatalogueRefused, match="name"):
        create_dataset(name=name, acting_user=owner)


def test_a_name_is_given_once(owner, dataset):
    with pytest.raises(CatalogueRefused, match="Teeth"):
        create_dataset(name=" Teeth ", acting_user=owner)


def test_members_come_go_and_come_back_on_record(owner, dataset):
    other = make_user(coordinator=True)
    add_member(dataset=dataset, user=other, acting_user=owner)
    add_member(dataset=dataset, user=other, acting_user=owner)
    assert list(visible_datasets(other)) == [dataset]
    remove_member(dataset=dataset, user=other, acting_user=owner)
    remove_member(dataset=dataset, user=other, acting_user=owner)
    assert list(visible_datasets(other)) == []
    add_member(dataset=dataset, user=other, acting_user=owner)
    assert list(visible_datasets(other)) == [dataset]

    chain = f"dataset:{dataset.pk}"
    events = events_of(chain)
    assert [event.action.split(".")[1] for event in events] == [
        "created",
        "member_added",
        "member_added",
        "member_removed",
        "member_added",
    ]
    assert other.username not in repr([event.details for event in events])
    assert list(broken_links(Chain.objects.get(name=chain))) == []


def test_the_last_member_stays(owner, dataset):
    with pytest.raises(CatalogueRefused, match="at least one member"):
        remove_member(dataset=dataset, user=owner, acting_user=owner)
