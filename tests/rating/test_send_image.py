"""Radiographs and single slices as raw pixels."""

import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.catalogue import files
from sts_qa.rating.queries.pixels import PixelCache
from sts_qa.studies.models import SampledItem, Study
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    queue_of,
    running_study,
    submit,
)

pytestmark = pytest.mark.django_db


def _address(assignment):
    return reverse("rating:send_image", args=[assignment.token])


@pytest.fixture
def noise(files_study):
    values = files_study.random.integers(0, 256, (32, 48)).astype(np.uint8)
    unit = files_study.radiograph("a.png", values)
    files_study.start()
    return files_study.assignment(unit), values


def test_8_bit_pixels_row_by_row(client, files_study, noise):
    assignment, values = noise
    answer = log_in(client, files_study.rater).get(_address(assignment))
    assert answer.status_code == 200
    assert answer.content == values.tobytes()
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_16_bit_pixels_are_little_endian_at_full_depth(client, files_study):
    values = files_study.random.integers(0, 65536, (20, 30)).astype(np.uint16)
    unit = files_study.radiograph("a.tif", values)
    rater = files_study.start()
    answer = log_in(client, rater).get(_address(files_study.assignment(unit)))
    assert answer.content == values.astype("<u2").tobytes()
    (entry,) = queue_of(client, files_study.study)["assignments"]
    image = entry["image"]
    assert (image["dtype"], image["window"], image["bytes"]) == ("uint16", [0, 65535], 1200)


def test_colour_pixels_are_red_green_blue(client, files_study):
    values = files_study.random.integers(0, 256, (10, 12, 3)).astype(np.uint8)
    unit = files_study.radiograph("a.png", values)
    rater = files_study.start()
    answer = log_in(client, rater).get(_address(files_study.assignment(unit)))
    assert answer.content == values.tobytes()
    (entry,) = queue_of(client, files_study.study)["assignments"]
    assert (entry["image"]["channels"], entry["image"]["bytes"]) == (3, 360)


def test_a_slice_unit_is_the_slice_as_radiologists_see_it(client, files_study):
    values = files_study.random.integers(-900, 2000, (6, 5, 4)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values, slice_index=3)
    rater = files_study.start()
    answer = log_in(client, rater).get(_address(files_study.assignment(unit)))
    # LPS: the second axis runs to the back, so anterior is up already; the first to the left
    assert answer.content == values[:, :, 3].T.astype("<i2").tobytes()
    (entry,) = queue_of(client, files_study.study)["assignments"]
    image = entry["image"]
    assert (image["kind"], image["pixels"]) == ("slice", "file")
    assert image["bytes"] == len(answer.content)
    # The window is that of the whole volume, so that slices of one volume are seen alike
    assert image["window"] == pytest.approx(list(np.percentile(values, [0.5, 99.5])))
    assert image["planes"] == {
        "image": {
            "rows": 5,
            "columns": 6,
            "slices": 1,
            "first_slice": 0,
            "pixel_height": 0.4,
            "pixel_width": 0.3,
            "edges": {"top": "A", "right": "L", "bottom": "P", "left": "R"},
            "url": f"{_address(files_study.assignment(unit))}?v=2",
            "rows_cut": None,
            "columns_cut": None,
        }
    }


@pytest.mark.parametrize(
    ("shape", "source", "ratio"),
    [
        ({"pixel_height": 1.0, "pixel_width": 1.0, "source": "square"}, "square", 1),
        ({"pixel_height": 1.097, "pixel_width": 1.0, "source": "ratio"}, "ratio", 1.097),
        ({"pixel_height": 0.22, "pixel_width": 0.2, "source": "spacing"}, "spacing", 1.1),
    ],
)
def test_the_shape_of_a_radiographs_pixels_is_that_of_its_category(
    client, files_study, shape, source, ratio
):
    unit = files_study.radiograph("a.png", np.zeros((4, 6), np.uint8))
    files_study.view(categories={"SECRET-CATEGORY": shape, "Another": {"pixel_height": 9.0}})
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    image = entry["image"]
    assert (image["pixels"], image["pixel_ratio"]) == (source, pytest.approx(ratio))
    plane = image["planes"]["image"]
    sizes = {name: plane[name] for name in ("pixel_height", "pixel_width")}
    assert sizes == {name: shape[name] for name in sizes}
    assert (plane["rows"], plane["columns"], plane["edges"]) == (4, 6, None)
    assert plane["url"] == f"{_address(files_study.assignment(unit))}?v=2"


def test_an_8_bit_radiograph_opens_from_0_to_255_whatever_it_holds(client, files_study):
    files_study.radiograph("a.png", np.full((4, 6), 90, np.uint8))
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    image = entry["image"]
    assert image["window"] == image["range"] == [0, 255]
    assert (image["slope"], image["intercept"], image["histogram"]) == (1, 0, None)
    presets = {preset["code"]: preset for preset in image["presets"]}
    assert (presets["standard"]["low"], presets["standard"]["high"]) == (0, 255)
    # The browser finds these in the pixels that it has
    assert presets["full"]["percentiles"] == [0, 100]
    assert presets["robust"]["percentiles"] == [1, 99]
    assert presets["robust"]["low"] is None


def test_browsers_keep_it_and_ask_by_a_tag_that_tells_nothing(client, files_study, noise):
    assignment, _ = noise
    log_in(client, files_study.rater)
    answer = client.get(_address(assignment))
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    tag = answer.headers["ETag"]
    assert assignment.token in tag
    vary = {name.strip() for name in answer.headers["Vary"].split(",")}
    assert {"Accept-Encoding", "Cookie"} <= vary
    assert "Last-Modified" not in answer.headers
    assert "Content-Disposition" not in answer.headers
    again = client.get(_address(assignment), headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag


def test_it_is_compressed_where_that_pays_and_the_browser_can(client, files_study, noise):
    flat = np.zeros((64, 64), np.uint8)
    flat[:, 32:] = 200
    unit = files_study.radiograph("flat.png", flat)
    rater = add_rater(files_study.study)
    one = rater.assignments.get(sampled_item=unit)
    log_in(client, rater)
    packed = client.get(_address(one), headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == flat.tobytes()
    assert len(packed.content) < flat.size / 10
    again = client.get(_address(one), headers={"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    for accepted in ("", "br", "gzip;q=0"):
        plain = client.get(_address(one), headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in plain.headers
        assert plain.content == flat.tobytes()


def test_noise_is_sent_as_it_is(client, files_study, noise):
    assignment, values = noise
    log_in(client, files_study.rater)
    answer = client.get(_address(assignment), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.content == values.tobytes()


def test_raters_get_the_drawn_version_even_when_the_source_has_changed(
    client, files_study, noise, monkeypatch
):
    assignment, values = noise
    log_in(client, files_study.rater)
    assert client.get(_address(assignment)).status_code == 200
    version = assignment.sampled_item.item_version
    Path(version.location).write_bytes(b"changed")
    monkeypatch.setattr("sts_qa.rating.queries.pixels.CACHE", PixelCache(10_000_000))
    assert client.get(_address(assignment)).content == values.tobytes()


def test_changed_bytes_are_never_sent(client, files_study, noise):
    assignment, _ = noise
    Path(assignment.sampled_item.item_version.location).write_bytes(b"changed")
    answer = log_in(client, files_study.rater).get(_address(assignment))
    assert (answer.status_code, answer.json()["problem"]) == (503, "unreadable")
    assert b"secret" not in answer.content
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("part", ["image", "mask"])
def test_a_damaged_kept_copy_is_never_sent(client, files_study, caplog, part):
    unit = files_study.radiograph(
        "a.png", np.full((8, 8), 200, np.uint8), mask=np.full((8, 8), 1, np.uint8)
    )
    rater = files_study.start()
    version = unit.item_version if part == "image" else unit.item_version.mask
    # A sound image, but not the one that was imported
    cv2.imwrite(str(files.keep(version)), np.zeros((8, 8), np.uint8))
    address = reverse(f"rating:send_{part}", args=[files_study.assignment(unit).token])
    answer = log_in(client, rater).get(address)
    # Copied anew from the source
    assert answer.content == bytes([200 if part == "image" else 1]) * 64
    assert "damaged" in caplog.text


def test_a_damaged_kept_copy_without_its_source_is_an_error(client, files_study, noise, caplog):
    assignment, _ = noise
    version = assignment.sampled_item.item_version
    kept = files.keep(version)
    for path in (kept, version.location):
        cv2.imwrite(str(path), np.zeros((32, 48), np.uint8))
    answer = log_in(client, files_study.rater).get(_address(assignment))
    assert (answer.status_code, answer.json()["problem"]) == (503, "unreadable")
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"assignment {assignment.pk}" in caplog.text


def test_a_whole_volume_has_no_single_image(client, files_study):
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    rater = files_study.start()
    answer = log_in(client, rater).get(_address(files_study.assignment(unit)))
    assert answer.status_code == 404


def test_hidden_and_withdrawn_items_are_not_there(client, files_study, noise):
    assignment, _ = noise
    log_in(client, files_study.rater)
    unit = SampledItem.objects.filter(pk=assignment.sampled_item_id)
    unit.update(hidden_at=timezone.now())
    assert client.get(_address(assignment)).status_code == 404
    unit.update(hidden_at=None, withdrawn_at=timezone.now())
    assert client.get(_address(assignment)).status_code == 404


def test_with_repeats_a_rating_out_of_reach_is_not_shown_either(client, files_study):
    for name in "abc":
        values = files_study.random.integers(0, 256, (4, 4)).astype(np.uint8)
        files_study.radiograph(f"{name}.png", values)
    Study.objects.filter(pk=files_study.study.pk).update(repeat_share="0.3", repeat_distance=2)
    files_study.study.refresh_from_db()
    rater = files_study.start()
    first, second, third = in_order(rater)
    add_repeat(rater, first.sampled_item)
    log_in(client, rater)
    for assignment in (first, second, third):
        submit(client, assignment)
    assert client.get(_address(first)).status_code == 403
    assert client.get(_address(second)).status_code == 200


@pytest.mark.parametrize("name", ["send_image", "send_slice", "send_mask", "send_mask_slice"])
def test_access(client, name):
    study = running_study(items=1, labelled=1)
    rater = add_rater(study)
    (assignment,) = in_order(rater)
    index = ["axial", 0] if name.endswith("slice") else []
    address = reverse(f"rating:{name}", args=[assignment.token, *index])
    assert client.get(address).status_code == 401
    for membership in (
        add_rater(study),
        add_rater(running_study(items=1)),
        study.memberships.get(role="coordinator"),
    ):
        assert log_in(client, membership).get(address).status_code == 404
    log_in(client, rater)
    assert client.post(address).status_code == 405
    for state in (Study.State.PAUSED, Study.State.CLOSED):
        Study.objects.filter(pk=study.pk).update(state=state)
        assert client.get(address).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("name", ["send_image", "send_slice", "send_mask_slice", "send_picture"])
def test_session_person_and_assignment_are_all_that_is_looked_up(
    client, files_study, django_assert_num_queries, name
):
    values = files_study.random.integers(-9, 9, (4, 4, 4)).astype(np.int16)
    files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    files_study.volume("v.nii.gz", values, mask=(values > 0).astype(np.uint8))
    radiograph, volume = in_order(files_study.start())
    one = radiograph if name == "send_image" else volume
    place = ["coronal", 1] if name.endswith("slice") else []
    log_in(client, files_study.rater)
    address = reverse(f"rating:{name}", args=[one.token, *place])
    with django_assert_num_queries(3):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_smooth_pixels_of_every_type_are_compressed(dtype):
    cache = PixelCache(10_000_000)
    steps = np.repeat(np.arange(64), 512).reshape(64, 512).astype(dtype)
    made = cache.get((dtype,), lambda: steps)
    assert made.gzip is not None
    assert len(made.gzip) < steps.nbytes / 5
    assert gzip.decompress(made.gzip) == steps.tobytes()
    # Compressible at a few places only: it is the whole that counts
    noise = np.random.default_rng(3).integers(0, 256, (64, 512 * steps.itemsize)).astype(np.uint8)
    noise[30:34] = 0
    assert cache.get(("noise", dtype), lambda: noise.view(dtype)).gzip is None


def test_the_memory_used_stays_within_its_budget():
    cache = PixelCache(10_000)
    for number in range(30):
        values = np.random.default_rng(number).integers(0, 256, (40, 50)).astype(np.uint8)
        made = cache.get((number,), lambda values=values: values)
        assert made.raw == values.tobytes()
    assert 0 < cache.used <= 10_000
    assert cache.get((29,), lambda: pytest.fail("the newest is there")).raw
