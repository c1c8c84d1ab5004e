"""The picture of an item: what is drawn, how long it is kept, and who gets it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from sts_qa.catalogue import pictures
from sts_qa.catalogue.models import ItemVersion
from sts_qa.science.imaging.preview import OUTLINE
from tests.catalogue.folders import mask_png, mask_volume, png, volume
from tests.catalogue.roles import CLOSED, answers
from tests.factories import make_dataset

TREE = {
    "A/labelled/image/1.png": png(1),
    "A/labelled/mask/1.png": mask_png(),
    "A/labelled/image/2.png": png(2),
    "A/labelled/mask/2.png": mask_png((8, 8)),
    "V/labelled/image/3.nii.gz": volume(3),
    "V/labelled/mask/3.nii.gz": mask_volume(),
}


@pytest.fixture
def filled(dataset, write, bring_in, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    bring_in(dataset, write(TREE))
    return dataset


@pytest.fixture
def get(client, filled, owner):
    client.force_login(owner)

    def get_picture(ending: str, query: str = ""):
        return client.get(address_of(filled, ending) + query)

    return get_picture


def address_of(dataset, ending: str, number: int = 1) -> str:
    item = dataset.items.get(key__endswith=ending)
    return reverse("catalogue:send_preview", args=[dataset.pk, item.pk, number])


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)))


def outline(picture: np.ndarray) -> np.ndarray:
    return (picture == OUTLINE).all(axis=2)


def test_a_radiograph_is_drawn_with_the_outline_of_its_mask(get):
    response = get("image/1.png")
    assert response.headers["Content-Type"] == "image/png"
    drawn = pixels(response.content)
    expected = np.zeros((16, 32), bool)
    expected[4:8, 10:20] = True
    expected[5:7, 11:19] = False
    assert np.array_equal(outline(drawn), expected)
    original = pixels(TREE["A/labelled/image/1.png"])
    assert np.array_equal(drawn[~expected][:, 0], original[~expected])


def test_the_outline_can_be_left_away(get):
    drawn = pixels(get("image/1.png", "?plain").content)
    assert np.array_equal(drawn, pixels(TREE["A/labelled/image/1.png"]))


def test_a_mask_that_does_not_fit_is_left_away(get):
    drawn = pixels(get("image/2.png").content)
    assert np.array_equal(drawn, pixels(TREE["A/labelled/image/2.png"]))


def test_a_volume_shows_its_middle_axial_slice(get):
    """6 x 5 x 4 along R, A, S: 5 rows from anterior, 6 columns from the patient's right."""
    assert pixels(get("3.nii.gz", "?plain").content).shape == (5, 6)


def test_a_volume_shows_the_slice_asked_for(get):
    """Of 4 slices the middle one is that of index 2, which people call the third."""
    drawn = {number: get("3.nii.gz", f"?slice={number}&plain").content for number in range(1, 5)}
    assert len(set(drawn.values())) == 4
    assert drawn[3] == get("3.nii.gz", "?plain").content
    # Also when they were kept
    assert get("3.nii.gz", "?slice=1&plain").content == drawn[1]


@pytest.mark.parametrize(
    ("ending", "number"),
    [("3.nii.gz", "0"), ("3.nii.gz", "5"), ("3.nii.gz", "x"), ("image/1.png", "1")],
)
def test_a_slice_that_there_is_not_is_not_found(get, ending, number):
    assert get(ending, f"?slice={number}").status_code == 404


def test_the_picture_of_a_volume_is_made_once(get, monkeypatch):
    first = get("3.nii.gz").content
    monkeypatch.setattr(pictures, "preview", None)
    assert get("3.nii.gz").content == first


def test_a_second_volume_is_not_read_while_one_is(get):
    with pictures._volumes:
        response = get("3.nii.gz")
        assert get("image/1.png").status_code == 200
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert get("3.nii.gz").status_code == 200


def test_a_reading_that_failed_does_not_block_the_next(get, tmp_path):
    file = tmp_path / "data" / "V/labelled/image/3.nii.gz"
    good = file.read_bytes()
    file.write_bytes(b"damaged")
    assert get("3.nii.gz").status_code == 404
    file.write_bytes(good)
    assert get("3.nii.gz").status_code == 200


def test_only_this_person_s_browser_keeps_it(get):
    cache = get("image/1.png").headers["Cache-Control"]
    assert "private" in cache
    assert "immutable" in cache


def test_other_bytes_than_those_imported_are_never_shown(get, tmp_path):
    (tmp_path / "data" / "A/labelled/image/1.png").write_bytes(png(99))
    response = get("image/1.png")
    assert response.status_code == 404
    assert "has changed since it was imported" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


def test_each_version_has_its_own_address(client, filled, owner, get, write, bring_in):
    bring_in(filled, write({"A/labelled/image/1.png": png(11)}))
    second = client.get(address_of(filled, "image/1.png", 2) + "?plain")
    assert np.array_equal(pixels(second.content), pixels(png(11)))
    assert client.get(address_of(filled, "image/1.png", 1)).status_code == 404
    assert client.get(address_of(filled, "image/1.png", 3)).status_code == 404


def test_a_version_of_another_dataset_is_not_found_here(client, filled, owner):
    mine = make_dataset(owner=owner)
    version = ItemVersion.objects.filter(item__dataset=filled).first()
    client.force_login(owner)
    address = reverse("catalogue:send_preview", args=[mine.pk, version.item_id, 1])
    assert client.get(address).status_code == 404


def test_only_members_may(client, filled):
    address = address_of(filled, "image/1.png")
    assert answers(client, filled, lambda: client.get(address)) == CLOSED
