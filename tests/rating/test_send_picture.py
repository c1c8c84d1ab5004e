"""A plane as a PNG: the same grey values as the viewer shows, and nothing else in the file."""

import zlib

import cv2
import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from scipy import ndimage

from sts_qa.studies.models import Study
from tests.rating.conftest import LPS
from tests.rating.helpers import add_rater, in_order, log_in, running_study
from tests.rating.test_send_slice import on_screen

pytestmark = pytest.mark.django_db

AMBER = (255, 176, 0)


def _picture(client, assignment, **query):
    return client.get(reverse("rating:send_picture", args=[assignment.token]), query)


def _decoded(answer):
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    return cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)


def _grey(values, low, high):
    """The rule of the viewer, a value at a time in double precision."""
    grey = [np.floor(255 * (float(v) - low) / (high - low) + 0.5) for v in values.flat]
    return np.clip(grey, 0, 255).astype(np.uint8).reshape(values.shape)


def _chunks(png):
    place, names = 8, []
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        name, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert zlib.crc32(name + data) == int.from_bytes(png[place + 8 + length :][:4], "big")
        names.append(name.decode())
        place += 12 + length
    return names


def test_a_radiograph_opens_as_stored(client, files_study):
    values = files_study.random.integers(0, 256, (20, 30)).astype(np.uint8)
    unit = files_study.radiograph("a.png", values)
    rater = files_study.start()
    answer = _picture(log_in(client, rater), files_study.assignment(unit))
    assert np.array_equal(_decoded(answer), values)
    assert set(_chunks(answer.content)) == {"IHDR", "IDAT", "IEND"}


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (-120.5, 40000), (3000, 3001), (0, 510)])
def test_16_bit_through_a_window(client, files_study, low, high):
    values = files_study.random.integers(0, 65536, (20, 30)).astype(np.uint16)
    values[0] = np.arange(2990, 3020)
    unit = files_study.radiograph("a.tif", values)
    rater = files_study.start()
    answer = _picture(log_in(client, rater), files_study.assignment(unit), low=low, high=high)
    assert np.array_equal(_decoded(answer), _grey(values, low, high))


def test_colours_stay_colours(client, files_study):
    values = files_study.random.integers(0, 256, (10, 12, 3)).astype(np.uint8)
    unit = files_study.radiograph("a.png", values)
    rater = files_study.start()
    shown = _decoded(_picture(log_in(client, rater), files_study.assignment(unit), inverted=1))
    assert np.array_equal(shown[..., ::-1], 255 - values)


def _boundary(inside):
    """Pixels inside of which one of four neighbours lies outside, or beyond the edge."""
    return (inside != 0) & ~ndimage.binary_erosion(inside != 0)


def test_the_mask_is_outlined_where_asked_for(client, files_study):
    values = files_study.random.integers(0, 256, (20, 30)).astype(np.uint8)
    mask = np.zeros((20, 30), np.uint8)
    # A step, a hole, a single pixel, and the image's own edge
    mask[3:9, 4:20], mask[5:12, 6:15], mask[5, 8], mask[15, 3], mask[14:, 25:] = 255, 9, 0, 1, 255
    unit = files_study.radiograph("a.png", values, mask=mask)
    plain = files_study.radiograph("b.png", values)
    rater = files_study.start()
    log_in(client, rater)
    expected = np.repeat(255 - values[..., None], 3, axis=2)
    expected[_boundary(mask)] = AMBER
    shown = _decoded(_picture(client, files_study.assignment(unit), mask=1, inverted=1))
    assert np.array_equal(shown[..., ::-1], expected)
    without = _picture(client, files_study.assignment(unit), mask=0)
    assert np.array_equal(_decoded(without), values)
    assert _picture(client, files_study.assignment(plain), mask=1).status_code == 404


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_the_mask_of_a_volume_is_outlined_on_each_plane(client, files_study, plane):
    values = files_study.random.integers(0, 256, (9, 8, 7)).astype(np.int16)
    mask = np.zeros((9, 8, 7), np.uint8)
    mask[1:7, 2:8, 1:5] = 3
    unit = files_study.volume("v.nii.gz", values, mask=mask)
    rater = files_study.start()
    query = {"plane": plane, "slice": 3, "low": 0, "high": 255, "mask": 1}
    answer = _picture(log_in(client, rater), files_study.assignment(unit), **query)
    expected = np.repeat(on_screen(values, LPS, plane, 3)[..., None], 3, axis=2)
    expected[_boundary(on_screen(mask, LPS, plane, 3))] = AMBER
    assert np.array_equal(_decoded(answer)[..., ::-1], expected)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_a_plane_of_a_volume(client, files_study, plane):
    values = files_study.random.integers(-1000, 3000, (6, 5, 4)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    query = {"plane": plane, "slice": 3, "low": -500.25, "high": 1500}
    answer = _picture(log_in(client, rater), files_study.assignment(unit), **query)
    assert np.array_equal(_decoded(answer), _grey(on_screen(values, LPS, plane, 3), -500.25, 1500))


def test_by_default_the_middle_axial_slice_in_the_standard_window(client, files_study):
    values = files_study.random.normal(0, 1, (9, 8, 7)).astype(np.float32)
    values[4, 4, 3] = np.nan
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    answer = _picture(log_in(client, rater), files_study.assignment(unit))
    low, high = np.nanpercentile(values.astype(np.float64), [0.5, 99.5])
    shown = on_screen(values, LPS, "axial", 3)
    expected = _grey(np.nan_to_num(shown, nan=-np.inf), low, high)
    assert np.array_equal(_decoded(answer), expected)


def test_a_slice_unit(client, files_study):
    values = files_study.random.integers(0, 256, (6, 5, 4)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values, slice_index=2)
    rater = files_study.start()
    assignment = files_study.assignment(unit)
    answer = _picture(log_in(client, rater), assignment, plane="image", slice=0, low=0, high=255)
    assert np.array_equal(_decoded(answer), values[:, :, 2].T.astype(np.uint8))
    # The other slices of its volume are not the rater's
    for query in ({"plane": "axial", "slice": 1}, {"plane": "sagittal"}, {"slice": 1}):
        assert _picture(client, assignment, **query).status_code == 404


def test_a_constant_volume_is_grey(client, files_study):
    unit = files_study.volume("v.nii.gz", np.full((4, 4, 4), 7, np.int16))
    rater = files_study.start()
    shown = _decoded(_picture(log_in(client, rater), files_study.assignment(unit)))
    assert (shown == 128).all()


def test_browsers_keep_each_picture_under_a_tag_of_its_own(client, files_study):
    nothing = np.zeros((4, 4, 4), np.int16)
    unit = files_study.volume("v.nii.gz", nothing, mask=nothing.astype(np.uint8))
    rater = files_study.start()
    log_in(client, rater)
    assignment = files_study.assignment(unit)
    queries = [{}, {"slice": 1}, {"low": 0, "high": 9}, {"low": 0, "high": 8}, {"inverted": 1}]
    queries += [{"plane": "coronal"}, {"mask": 1}]
    answers = [_picture(client, assignment, **query) for query in queries]
    tags = [answer.headers["ETag"] for answer in answers]
    assert len(set(tags)) == len(queries)
    for answer, tag, query in zip(answers, tags, queries, strict=True):
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "Cookie" in answer.headers["Vary"]
        assert assignment.token in tag
        address = reverse("rating:send_picture", args=[assignment.token])
        again = client.get(address, query, headers={"If-None-Match": tag})
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "status", "fields"),
    [
        ({"low": "x", "high": 1}, 422, {"low"}),
        ({"low": 1}, 422, {"high"}),
        ({"high": 1}, 422, {"low"}),
        ({"low": "nan", "high": "inf"}, 422, {"low", "high"}),
        ({"low": 5, "high": 4}, 422, {"high"}),
        ({"low": "1" * 400, "high": "1" * 401}, 200, None),
        ({"low": -1e308, "high": 1e308}, 200, None),
        ({"slice": -1}, 422, {"slice"}),
        ({"slice": "²"}, 422, {"slice"}),
        ({"slice": "9" * 5000}, 422, {"slice"}),
        ({"slice": 4}, 404, None),
        ({"plane": "oblique"}, 404, None),
        ({"plane": "\x00"}, 404, None),
        ({"inverted": "perhaps"}, 422, {"inverted"}),
        ({"mask": "2"}, 422, {"mask"}),
        ({"mask": 1}, 404, None),
        ({"unknown": "1"}, 200, None),
    ],
)
def test_hostile_addresses(client, files_study, query, status, fields):
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    rater = files_study.start()
    answer = _picture(log_in(client, rater), files_study.assignment(unit), **query)
    assert answer.status_code == status
    if fields is not None:
        assert set(answer.json()["fields"]) == fields
    elif status == 404:
        assert answer.json()["detail"]


def test_access(client):
    study = running_study(items=1)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    assert _picture(client, assignment).status_code == 401
    for membership in (
        add_rater(study),
        add_rater(running_study(items=1)),
        study.memberships.get(role="coordinator"),
    ):
        assert _picture(log_in(client, membership), assignment).status_code == 404
    log_in(client, rater)
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert _picture(client, assignment).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    unit = assignment.sampled_item
    unit.hidden_at = timezone.now()
    unit.save()
    assert _picture(client, assignment).status_code == 404
