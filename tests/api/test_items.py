"""Items by the API: list_items, show_item, send_thumbnail, send_preview."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from sts_qa.catalogue import pictures
from sts_qa.catalogue.actions import apply_import, start_import
from sts_qa.catalogue.models import Item
from sts_qa.jobs.running import run_job
from sts_qa.screening.actions import decide
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.catalogue.folders import (
    do_units_here,
    folder_writer,
    mask_png,
    mask_volume,
    png,
    volume,
)
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(owner):
    return make_dataset(owner=owner, name="Teeth")


@pytest.fixture
def program(token_client, owner):
    return token_client(owner, ["read"])


def listed(dataset) -> str:
    return reverse("api:list_items", args=[dataset.pk])


def one(item: Item) -> str:
    return reverse("api:show_item", args=[item.dataset_id, item.pk])


def keys(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["key"] for row in response.json()["items"]]


@pytest.fixture
def mixed(dataset, owner):
    """Items that differ in everything that is filtered by."""
    make_item(dataset, "a/1.png", labelled=True)
    make_item(dataset, "a/2.png")
    make_item(dataset, "b/1.nii.gz", category="3D", kind="volume", shape=(4, 5, 6))
    make_item(dataset, "b/2.png", category="C-PXI", mask_error="shape")
    missing = make_item(dataset, "b/3.png", category="C-PXI")
    Item.objects.filter(pk=missing.pk).update(state=Item.State.MISSING)
    out = make_item(dataset, "b/4.png", category="C-PXI")
    decide(item=out, outcome="exclude", reason="duplicate", acting_user=owner)
    decide(
        item=Item.objects.get(key="a/2.png"), outcome="keep", reason="outlier", acting_user=owner
    )
    return dataset


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["a/1.png", "a/2.png", "b/1.nii.gz", "b/2.png", "b/3.png", "b/4.png"]),
        ("category=3D", ["b/1.nii.gz"]),
        ("kind=volume", ["b/1.nii.gz"]),
        ("labelled=true", ["a/1.png"]),
        ("labelled=false&category=A-PXI", ["a/2.png"]),
        ("state=missing", ["b/3.png"]),
        ("standing=held_back", ["b/2.png"]),
        ("standing=excluded", ["b/4.png"]),
        ("standing=usable", ["a/1.png", "a/2.png", "b/1.nii.gz"]),
        ("decision=exclude", ["b/4.png"]),
        ("decision=keep", ["a/2.png"]),
        ("decision=none", ["a/1.png", "b/1.nii.gz", "b/2.png", "b/3.png"]),
        ("text=A%2F", ["a/1.png", "a/2.png"]),
    ],
)
def test_items_come_by_their_paths_and_are_filtered(program, mixed, query, expected):
    assert keys(program.get(f"{listed(mixed)}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("category=No", "category"),
        ("kind=film", "kind"),
        ("labelled=maybe", "labelled"),
        ("standing=sitting", "standing"),
        ("decision=maybe", "decision"),
    ],
)
def test_a_wrong_filter_is_named(program, mixed, query, field):
    response = program.get(f"{listed(mixed)}?{query}")
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]


def test_what_is_told_of_an_item(program, mixed):
    rows = {row["key"]: row for row in program.get(listed(mixed)).json()["items"]}
    labelled = Item.objects.get(key="a/1.png")
    assert rows["a/1.png"] == {
        "id": labelled.pk,
        "key": "a/1.png",
        "category": "A-PXI",
        "group": "STS-2D-Tooth",
        "kind": "radiograph",
        "labelled": True,
        "attributes": {},
        "subject": "",
        "source": "",
        "state": "present",
        "state_reason": "",
        "standing": "usable",
        "decision": None,
        "version": 1,
        "checksum": labelled.current_version.checksum,
        "thumbnail": f"{one(labelled)}versions/1/thumbnail.png",
        "preview": f"{one(labelled)}versions/1/preview.png",
    }
    assert rows["b/4.png"]["decision"] == "exclude"
    assert rows["b/3.png"]["thumbnail"] is None


def test_a_list_longer_than_a_page_keeps_its_filter(program, dataset):
    for number in range(5):
        make_item(dataset, f"{number}.png", labelled=number != 3)
    found, address = [], f"{listed(dataset)}?limit=2&labelled=true"
    while address:
        response = program.get(address)
        found.append(keys(response))
        address = response.json()["next"]
    assert found == [["0.png", "1.png"], ["2.png", "4.png"]]


def test_a_cursor_is_of_one_dataset_only(program, dataset, owner):
    other = make_dataset(owner=owner)
    for place in (dataset, other):
        for number in range(2):
            make_item(place, f"{number}.png")
    following = program.get(f"{listed(dataset)}?limit=1").json()["next"]
    assert keys(program.get(following)) == ["1.png"]
    elsewhere = program.get(f"{listed(other)}?{following.partition('?')[2]}")
    assert is_problem(elsewhere, 422, "invalid")


def test_all_items_at_once_need_few_queries(program, dataset, django_assert_max_num_queries):
    for number in range(40):
        make_item(dataset, f"{number:02}.png", labelled=number % 2 == 0)
    with django_assert_max_num_queries(12):
        response = program.get(f"{listed(dataset)}?stream=true")
        lines = b"".join(response.streaming_content).splitlines()
    assert [json.loads(line)["key"] for line in lines] == [f"{n:02}.png" for n in range(40)]


# One item, and its pictures

TREE = {
    "A/labelled/image/1.png": png(1),
    "A/labelled/mask/1.png": mask_png(),
    "V/labelled/image/3.nii.gz": volume(3),
    "V/labelled/mask/3.nii.gz": mask_volume(),
}


@pytest.fixture
def filled(dataset, owner, settings, tmp_path, monkeypatch):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()
    do_units_here(monkeypatch)
    root = folder_writer(tmp_path / "data")(TREE)
    run = start_import(dataset=dataset, root=str(root), acting_user=owner)
    run_job(run.job)
    run_job(apply_import(run=run, acting_user=owner))
    return dataset


def pixels(response) -> np.ndarray:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "image/png"
    return np.asarray(Image.open(BytesIO(response.content)))


def test_one_item_with_its_versions_masks_and_decisions(program, filled, owner):
    item = filled.items.get(key__endswith="1.png")
    decide(item=item, outcome="exclude", reason="other", note="Twin", acting_user=owner)
    decide(item=item, outcome="keep", reason="other", note="No twin", acting_user=owner)
    item.masks.create(
        name="Model 3", key="m/1.png", number=1, sha256="e" * 64, size_bytes=9, shape=[16, 32],
        dtype="uint8", nonzero=5,
    )  # fmt: skip
    told = program.get(one(item)).json()
    assert (told["decision"], told["standing"], told["axial_slices"]) == ("keep", "usable", 0)
    # 4 x 10 of 16 x 32 pixels
    assert told["mask_share"] == pytest.approx(100 * 40 / 512)
    assert told["file_problem"] == ""
    [version] = told["versions"]
    assert (version["number"], version["shape"], version["mask_error"]) == (1, [16, 32], "")
    assert version["sha256"] == item.current_version.sha256
    assert version["mask"]["sha256"] == item.current_version.mask.sha256
    assert [mask["name"] for mask in told["further_masks"]] == ["Model 3"]
    assert [(one["outcome"], one["note"], one["holds"]) for one in told["decisions"]] == [
        ("keep", "No twin", True),
        ("exclude", "Twin", False),
    ]
    assert {one["decided_by"] for one in told["decisions"]} == {owner.username}


def test_a_file_that_is_gone_is_told(program, filled, tmp_path):
    item = filled.items.get(key__endswith="1.png")
    (tmp_path / "data" / item.key).unlink()
    told = program.get(one(item)).json()
    assert "cannot be read" in told["file_problem"]
    assert is_problem(program.get(told["thumbnail"]), 409, "refused")


def test_pictures_come_with_a_token_and_may_be_kept(program, filled):
    told = program.get(one(filled.items.get(key__endswith="1.png"))).json()
    response = program.get(told["thumbnail"])
    assert pixels(response).shape[:2] == (16, 32)
    assert response["Cache-Control"] == "private, max-age=86400, immutable"
    known = program.get(told["thumbnail"], headers={"If-None-Match": response["ETag"]})
    assert known.status_code == 304
    original = np.asarray(Image.open(BytesIO(png(1))))
    plain = pixels(program.get(f"{told['preview']}?outline=false"))
    assert np.array_equal(plain if plain.ndim == 2 else plain[..., 0], original)
    outlined = pixels(program.get(told["preview"]))
    assert outlined.ndim == 3
    assert not np.array_equal(outlined[..., 0], original)


def test_slices_of_a_volume_are_counted_from_one(program, filled):
    told = program.get(one(filled.items.get(kind="volume"))).json()
    assert told["axial_slices"] == 4
    first = pixels(program.get(f"{told['preview']}?slice=1&outline=false"))
    last = pixels(program.get(f"{told['preview']}?slice=4&outline=false"))
    assert not np.array_equal(first, last)
    for number in ("0", "5"):
        response = program.get(f"{told['preview']}?slice={number}")
        assert is_problem(response, 422, "invalid")
        assert [fault["field"] for fault in response.json()["errors"]] == ["slice"]


def test_while_another_volume_is_read_one_asks_again(program, filled):
    told = program.get(one(filled.items.get(kind="volume"))).json()
    with pictures._volumes:
        response = program.get(told["preview"])
    assert is_problem(response, 503, "busy")
    assert response["Retry-After"] == "1"


def test_versions_that_there_are_not(program, filled):
    item = filled.items.get(key__endswith="1.png")
    for name in ("send_thumbnail", "send_preview"):
        address = reverse(f"api:{name}", args=[filled.pk, item.pk, 2])
        assert is_problem(program.get(address), 404, "not-found")


# Who gets them


def addresses(item: Item) -> list[str]:
    place = one(item)
    return [
        listed(item.dataset),
        place,
        f"{place}versions/1/thumbnail.png",
        f"{place}versions/1/preview.png",
    ]


def test_items_of_another_dataset_are_not_there(program, token_client, dataset, owner):
    item = make_item(dataset, "1.png")
    other = make_dataset(owner=owner)
    for name, more in (("show_item", []), ("send_thumbnail", [1]), ("send_preview", [1])):
        address = reverse(f"api:{name}", args=[other.pk, item.pk, *more])
        assert is_problem(program.get(address), 404, "not-found")
    for address in addresses(item):
        stranger = token_client(make_user(coordinator=True))
        assert is_problem(stranger.get(address), 404, "not-found")


def test_who_rates_in_an_open_study_of_the_dataset_gets_nothing(
    program, session_client, dataset, owner
):
    item = make_item(dataset, "1.png")
    make_membership(make_study(dataset=dataset, state=Study.State.PAUSED), owner)
    for client in (program, session_client(owner)):
        for address in addresses(item):
            response = client.get(address)
            assert is_problem(response, 403, "not-allowed")
            assert "1.png" not in response.json()["detail"]
