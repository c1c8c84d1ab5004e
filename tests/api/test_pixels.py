"""Pixels by the API: send_image, send_mask, send_slice, send_mask_slice, send_picture."""

from __future__ import annotations

import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.utils import timezone

from sts_qa.rating.queries import pixels
from sts_qa.studies.models import SampledItem, Study
from tests.api.conftest import is_problem
from tests.rating.conftest import LPS, files_study  # noqa: F401
from tests.rating.helpers import add_rater
from tests.rating.test_send_slice import on_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def teeth(files_study):  # noqa: F811
    """A labelled radiograph and a labelled volume, and the rater of both."""
    random = files_study.random
    files_study.image = random.integers(0, 256, (32, 48)).astype(np.uint8)
    files_study.mask = (files_study.image > 128).astype(np.uint8)
    files_study.values = random.integers(-999, 999, (6, 5, 4)).astype(np.int16)
    files_study.inside = (files_study.values > 0).astype(np.uint8)
    files_study.units = (
        files_study.radiograph("a.png", files_study.image, mask=files_study.mask),
        files_study.volume("v.nii.gz", files_study.values, mask=files_study.inside),
    )
    files_study.start()
    return files_study


@pytest.fixture
def program(token_client, teeth):
    return token_client(teeth.rater.user, ["rate"])


def told(program, teeth, place):
    """What the queue says of the radiograph (0) or the volume (1)."""
    token = teeth.assignment(teeth.units[place]).token
    queue = program.get(f"/api/v1/studies/{teeth.study.public_id}/queue/").json()
    return next(one for one in queue["assignments"] if one["token"] == token)


def fetched(program, url, **headers):
    assert url.startswith("http://testserver/api/v1/assignments/")
    return program.get(url.removeprefix("http://testserver"), headers=headers)


def test_a_radiograph_and_its_mask_come_from_the_addresses_in_the_queue(program, teeth):
    entry = told(program, teeth, 0)
    answer = fetched(program, entry["image"]["planes"]["image"]["url"])
    assert answer.content == teeth.image.tobytes()
    assert answer["Content-Type"] == "application/octet-stream"
    mask = fetched(program, entry["mask"]["planes"]["image"]["url"])
    assert mask.content == teeth.mask.tobytes()


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_slices_of_a_volume_and_its_mask(program, teeth, plane):
    entry = told(program, teeth, 1)
    image, mask = entry["image"]["planes"][plane], entry["mask"]["planes"][plane]
    assert "{slice}" in image["url"]
    expected = on_screen(teeth.values, LPS, plane, 1)
    values = fetched(program, image["url"].replace("{slice}", "1"))
    assert values.content == expected.astype("<i2").tobytes()
    inside = fetched(program, mask["url"].replace("{slice}", "1"))
    assert inside.content == (expected > 0).astype(np.uint8).tobytes()


def test_a_picture_through_a_window(program, teeth):
    address = told(program, teeth, 0)["image"]["picture"]
    answer = fetched(program, f"{address}&low=0&high=510")
    assert answer["Content-Type"] == "image/png"
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.abs(shown.astype(float) - teeth.image / 2).max() <= 1
    wrong = fetched(program, f"{address}&low=9&high=1")
    assert is_problem(wrong, 422, "invalid")
    assert [one["field"] for one in wrong.json()["errors"]] == ["high"]
    assert is_problem(fetched(program, f"{address}&plane=oblique"), 422, "invalid")


def test_they_are_kept_for_good_and_not_sent_again(program, teeth):
    address = told(program, teeth, 0)["image"]["planes"]["image"]["url"]
    first = fetched(program, address)
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert {"Authorization", "Accept-Encoding"} <= set(first["Vary"].split(", "))
    again = fetched(program, address, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    # The tag is of the assignment: a checksum would name a public dataset's file
    version = teeth.units[0].item_version
    assert version.sha256[:12] not in first["ETag"]
    assert told(program, teeth, 0)["token"] in first["ETag"]


def test_what_compresses_well_is_sent_compressed(token_client, files_study):  # noqa: F811
    unit = files_study.radiograph("flat.png", np.full((300, 300), 90, np.uint8))
    rater = files_study.start()
    token = files_study.assignment(unit).token
    address = f"/api/v1/assignments/{token}/pixels/image"
    answer = token_client(rater.user, ["rate"]).get(address, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == b"\x5a" * 90_000


def test_what_does_not_exist_is_not_found(program, teeth):
    radiograph, volume = (teeth.assignment(unit).token for unit in teeth.units)
    for part in (
        f"{radiograph}/pixels/axial/0",
        f"{volume}/pixels/image",
        f"{volume}/pixels/axial/4",
        f"{volume}/pixels/mask/axial/4",
        f"{volume}/pixels/oblique/0",
        "nobody-has-this/pixels/image",
    ):
        assert is_problem(program.get(f"/api/v1/assignments/{part}"), 404, "not-found"), part


def test_only_the_rater_of_the_assignment_gets_them(token_client, teeth):
    colleague = add_rater(teeth.study, "colleague")
    coordinator = teeth.study.memberships.get(role="coordinator")
    address = f"/api/v1/assignments/{teeth.assignment(teeth.units[0]).token}/pixels/image"
    for other in (colleague, coordinator):
        assert is_problem(token_client(other.user).get(address), 404, "not-found")


def test_a_closed_door_is_as_closed_as_on_the_page(program, teeth):
    address = f"/api/v1/assignments/{teeth.assignment(teeth.units[0]).token}/pixels/image"
    unit = SampledItem.objects.filter(pk=teeth.units[0].pk)
    unit.update(hidden_at=timezone.now())
    assert is_problem(program.get(address), 404, "not-found")
    unit.update(hidden_at=None)
    Study.objects.filter(pk=teeth.study.pk).update(state=Study.State.PAUSED)
    assert is_problem(program.get(address), 403, "no-access")


def test_an_image_that_cannot_be_read_says_so(program, teeth, monkeypatch):
    address = told(program, teeth, 0)["image"]["planes"]["image"]["url"]
    monkeypatch.setattr(pixels, "CACHE", pixels.PixelCache(0))
    Path(teeth.units[0].item_version.location).unlink()
    answer = fetched(program, address)
    assert is_problem(answer, 409, "refused")
    assert "cannot be read" in answer.json()["detail"]
    unknown = fetched(program, f"{address}&undescribed=1")
    assert is_problem(unknown, 409, "refused")
