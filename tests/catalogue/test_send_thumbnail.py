"""Small pictures for the list of items; all else is as for the preview."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from sts_qa.catalogue.pictures import THUMBNAIL
from tests.catalogue.folders import mask_png, png, volume
from tests.catalogue.roles import CLOSED, answers, text_of

TREE = {
    "A/labelled/image/1.png": png(1, (400, 800)),
    "A/labelled/mask/1.png": mask_png((400, 800)),
    "V/unlabelled/2.nii.gz": volume(2),
}


@pytest.fixture
def filled(dataset, write, bring_in, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    bring_in(dataset, write(TREE))
    return dataset


def address_of(dataset, ending: str) -> str:
    item = dataset.items.get(key__endswith=ending)
    return reverse("catalogue:send_thumbnail", args=[dataset.pk, item.pk, 1])


def test_it_is_small_and_without_the_mask(client, filled, owner):
    client.force_login(owner)
    response = client.get(address_of(filled, "1.png"))
    picture = Image.open(BytesIO(response.content))
    assert (picture.size, picture.mode) == ((THUMBNAIL, THUMBNAIL // 2), "L")
    assert "private" in response.headers["Cache-Control"]


def test_a_volume_s_is_at_hand_once_it_was_made(client, filled, owner):
    client.force_login(owner)
    listed = reverse("catalogue:list_items", args=[filled.pk])
    address = address_of(filled, "2.nii.gz")
    assert f'data-later="{address}"' in text_of(client.get(listed))
    assert client.get(address).status_code == 200
    assert f'src="{address}"' in text_of(client.get(listed))


def test_only_members_may(client, filled):
    address = address_of(filled, "1.png")
    assert answers(client, filled, lambda: client.get(address)) == CLOSED
