"""One item: its picture, its facts, its versions, what is wrong with it, and what was decided."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.catalogue.actions.stores import prepare_volume
from sts_qa.catalogue.models import Item
from sts_qa.screening.actions import decide
from tests.catalogue.folders import SPACING, mask_png, mask_volume, png, volume
from tests.catalogue.roles import CLOSED, answers, text_of
from tests.factories import make_dataset, make_item, make_user

TREE = {
    "A/labelled/image/1.png": png(1),
    "A/labelled/mask/1.png": mask_png(),
    "A/labelled/image/2.png": png(2),
    "A/labelled/mask/2.png": mask_png((8, 8)),
    "A/unlabelled/3.png": b"no image",
    "V/labelled/image/4.nii.gz": volume(4),
    "V/labelled/mask/4.nii.gz": mask_volume(affine=SPACING * [1, 1, 1.5, 1]),
}


@pytest.fixture
def filled(dataset, write, bring_in, settings, tmp_path):
    # Another test's copy of the same bytes would be as good as the file
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    bring_in(dataset, write(TREE))
    return dataset


@pytest.fixture
def show(client, filled, owner):
    client.force_login(owner)

    def show_item(ending: str, query: str = ""):
        return client.get(address_of(filled.items.get(key__endswith=ending)) + query)

    return show_item


def address_of(item) -> str:
    return reverse("catalogue:show_item", args=[item.dataset_id, item.pk])


def test_a_sound_item_shows_its_picture_and_facts(show, filled):
    page = text_of(show("image/1.png"))
    preview = reverse(
        "catalogue:send_preview", args=[filled.pk, filled.items.get(key__endswith="1.png").pk, 1]
    )
    assert f'<img src="{preview}"' in page
    # Width first, as people say it
    assert "32 × 16" in page
    # 4 x 10 of 16 x 32 pixels
    assert "7.81" in page
    assert "Outline of the mask" in page
    assert "Usable" in page
    assert "A/labelled/mask/1.png" in page


def test_a_held_back_item_says_why(show):
    page = text_of(show("image/2.png"))
    assert "Held back" in page
    assert "The image has 16 x 32 pixels, the mask 8 x 8." in page
    assert "No study draws this item until that is settled." in page
    assert "Outline of the mask" not in page


def test_a_mask_lying_elsewhere_is_shown_so_that_one_can_decide(show):
    page = text_of(show("4.nii.gz"))
    assert "Image and mask lie at different places" in page
    assert "Outline of the mask" in page
    assert "Middle axial slice" in page
    assert "Keep accepts the mask of this version" in page


def test_a_volume_opens_at_the_slice_asked_for(show, filled):
    item = filled.items.get(key__endswith="4.nii.gz")
    preview = reverse("catalogue:send_preview", args=[filled.pk, item.pk, 1])
    page = text_of(show("4.nii.gz", "?slice=2"))
    assert f'<img src="{preview}?slice=2"' in page
    assert f'data-plain="{preview}?slice=2&amp;plain"' in page
    assert "Axial slice 2 of 4, from the inferior end" in page


@pytest.mark.parametrize("query", ["?slice=0", "?slice=5", "?slice=x"])
def test_a_slice_that_there_is_not_leaves_the_middle_one(show, query):
    assert "Middle axial slice" in text_of(show("4.nii.gz", query))


def test_an_unreadable_file_has_its_reason_and_no_picture(show, filled):
    item = filled.items.get(key__endswith="3.png")
    assert item.state_reason
    page = text_of(show("3.png"))
    assert item.state_reason in page
    assert "<img" not in page


def test_a_file_that_is_gone_or_changed_is_named(show, filled, tmp_path):
    image = tmp_path / "data" / "A/labelled/image/1.png"
    image.write_bytes(png(1, (99, 99)))
    assert f"{image} has changed since it was imported" in text_of(show("image/1.png"))
    image.unlink()
    page = text_of(show("image/1.png"))
    assert f"{image} cannot be read" in page
    assert "<img" not in page


def test_a_missing_item_says_that_nothing_is_deleted(show, filled):
    Item.objects.filter(key__endswith="image/1.png").update(state="missing")
    assert "Nothing of it is deleted" in text_of(show("image/1.png"))


def test_every_version_is_listed(show, filled, write, bring_in):
    bring_in(filled, write({"A/labelled/image/1.png": png(11)}))
    item = filled.items.get(key__endswith="image/1.png")
    response = show("image/1.png")
    assert [version.number for version in response.context["versions"]] == [2, 1]
    page = text_of(response)
    for version in item.versions.all():
        assert version.sha256 in page


def test_decisions_are_listed_and_the_latest_holds(show, filled, owner):
    item = filled.items.get(key__endswith="image/1.png")
    decide(item=item, outcome="exclude", reason="duplicate", note="As 7.", acting_user=owner)
    decide(item=item, outcome="keep", reason="other", note="<b>No.</b>", acting_user=owner)
    page = text_of(show("image/1.png"))
    assert page.index("&lt;b&gt;No.&lt;/b&gt;") < page.index("As 7.")
    assert page.count("holds no longer") == 1
    assert reverse("screening:decide_item", args=[filled.pk, item.pk]) in page


def test_one_goes_on_within_the_filter(show, filled):
    first, second = (filled.items.get(key__endswith=name) for name in ("image/1.png", "2.png"))
    response = show("image/1.png", "?labelled=yes")
    assert response.context["previous_item"] is None
    assert f"{address_of(second)}?labelled=yes" in text_of(response)
    volume_item = filled.items.get(key__endswith="4.nii.gz")
    response = show("2.png", "?labelled=yes")
    assert (response.context["previous_item"], response.context["next_item"]) == (
        first,
        volume_item,
    )


def test_an_item_of_another_dataset_is_not_found_here(client, owner, filled):
    elsewhere = make_item(make_dataset(), "A/1.png")
    client.force_login(owner)
    address = reverse("catalogue:show_item", args=[filled.pk, elsewhere.pk])
    assert client.get(address).status_code == 404


def test_only_members_may(client, filled):
    address = address_of(filled.items.first())
    assert answers(client, filled, lambda: client.get(address)) == CLOSED


def test_it_says_how_far_a_volume_is_that_a_rater_waits_for(show, filled, client):
    assert "Made ready for viewing" not in text_of(show("4.nii.gz"))
    item = filled.items.get(key__endswith="4.nii.gz")
    job = prepare_volume(version=item.current_version, acting_user=None)
    page = text_of(show("4.nii.gz"))
    assert "Made ready for viewing" in page
    assert "Queued" in page
    # Nobody asked for it, so it is nobody's to stop
    assert job.get_absolute_url() not in page
    client.force_login(make_user(is_superuser=True))
    assert job.get_absolute_url() in text_of(client.get(address_of(item)))
