"""Items without images, and what becomes of them when an import brings the images."""

from __future__ import annotations

from sts_qa.audit.models import Event
from sts_qa.catalogue.actions.placeholders import Placeholder, create_placeholders
from sts_qa.catalogue.models import Item
from sts_qa.catalogue.queries.placeholders import has_images, versions_by_key
from tests.catalogue.folders import png


def add(dataset, owner, *keys: str):
    placeholders = [Placeholder(key, "A", "", "radiograph", False) for key in keys]
    return create_placeholders(dataset=dataset, placeholders=placeholders, acting_user=owner)


def test_a_placeholder_is_missing_and_has_a_version_that_is_never_current(dataset, owner) -> None:
    versions = add(dataset, owner, "A/1.png", "A/2.png")
    assert set(versions) == {"A/1.png", "A/2.png"}
    for item in dataset.items.all():
        assert (item.state, item.current_version) == (Item.State.MISSING, None)
        assert (versions[item.key].item_id, versions[item.key].sha256) == (item.pk, "")
    assert Event.objects.get(action="dataset.placeholders_added").details["items"] == 2


def test_an_imported_image_takes_the_place(dataset, owner, bring_in, write) -> None:
    stood_in = add(dataset, owner, "A/1.png", "A/2.png")
    assert not has_images(dataset)
    bring_in(dataset, write({"A/1.png": png(1)}))
    item = dataset.items.get(key="A/1.png")
    assert (item.state, item.state_reason) == (Item.State.PRESENT, "")
    assert item.current_version.number == 2
    assert item.current_version.sha256 != ""
    other = dataset.items.get(key="A/2.png")
    assert (other.state, other.current_version) == (Item.State.MISSING, None)
    assert has_images(dataset)
    found = versions_by_key(dataset, ["A/1.png", "A/2.png", "A/3.png"])
    assert found == {"A/1.png": item.current_version, "A/2.png": stood_in["A/2.png"]}
