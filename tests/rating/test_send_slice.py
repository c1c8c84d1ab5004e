"""Axial slices of volumes."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
from django.urls import reverse

from sts_qa.catalogue import files
from tests.rating.helpers import log_in, queue_of

pytestmark = pytest.mark.django_db


def _slice(client, assignment, index):
    return client.get(reverse("rating:send_slice", args=[assignment.token, index]))


@pytest.mark.parametrize("codes", ["LPS", "RAS", "SAL", "IRP", "PIR"])
def test_every_slice_in_display_orientation_from_the_inferior_end(client, files_study, codes):
    values = files_study.random.integers(-1000, 3000, (6, 5, 4)).astype(np.int16)
    axes = nibabel.orientations.axcodes2ornt(tuple(codes))
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, (world, sign) in enumerate(axes):
        affine[int(world), stored] = sign
    assert "".join(nibabel.aff2axcodes(affine)) == codes
    unit = files_study.volume("v.nii.gz", values, affine=affine)
    rater = files_study.start()
    # nibabel turns the volume so that the axes run to the left, to the back and upwards
    to_screen = nibabel.orientations.axcodes2ornt(tuple("LPS"))
    turned = nibabel.orientations.apply_orientation(
        values, nibabel.orientations.ornt_transform(axes, to_screen)
    )
    log_in(client, rater)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    image = entry["image"]
    columns, rows, slices = turned.shape
    assert (image["rows"], image["columns"], image["slices"]) == (rows, columns, slices)
    assignment = files_study.assignment(unit)
    for index in range(turned.shape[2]):
        expected = turned[:, :, index].T.astype("<i2").tobytes()
        assert _slice(client, assignment, index).content == expected
    assert _slice(client, assignment, turned.shape[2]).status_code == 404
    assert _slice(client, assignment, 10**30).status_code == 404


def test_window_and_range_of_the_whole_volume(client, files_study):
    values = files_study.random.normal(0, 300, (20, 20, 20)).astype(np.int16)
    values[0, 0, 0], values[1, 1, 1] = -3000, 9000
    files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    image = entry["image"]
    assert image["window"] == pytest.approx(list(np.percentile(values, [0.5, 99.5])))
    assert image["range"] == [-3000, 9000]
    assert (image["dtype"], image["bytes"]) == ("int16", values.nbytes)
    assert (image["first_slice"], image["slices"]) == (10, 20)
    token = files_study.assignment(files_study.study.sample.get()).token
    assert image["slice_url"].replace("{slice}", "7") == f"/rating/pixels/{token}/slices/7?v=1"
    assert image["url"] is None


def test_fractions_stay_fractions(client, files_study):
    values = files_study.random.normal(0, 1, (4, 4, 4)).astype(np.float32)
    values[0, 0, 0] = np.nan
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    log_in(client, rater)
    answer = _slice(client, files_study.assignment(unit), 0)
    assert answer.content == values[:, :, 0].T.astype("<f4").tobytes()
    (entry,) = queue_of(client, files_study.study)["assignments"]
    assert entry["image"]["dtype"] == "float32"
    assert entry["image"]["range"] == [float(np.nanmin(values)), float(np.nanmax(values))]


def test_a_radiograph_and_a_slice_unit_have_no_slices(client, files_study):
    radiograph = files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16), slice_index=1)
    rater = files_study.start()
    log_in(client, rater)
    for one in (radiograph, unit):
        assert _slice(client, files_study.assignment(one), 0).status_code == 404


def test_a_damaged_store_is_not_shown(client, files_study):
    values = files_study.random.integers(-99, 99, (8, 8, 8)).astype(np.int16)
    unit = files_study.volume("v.nii.gz", values)
    rater = files_study.start()
    path = files.build_store(unit.item_version)
    log_in(client, rater)

    _damage(path)
    answer = _slice(client, files_study.assignment(unit), 0)
    # Built anew from the source
    assert answer.content == values[:, :, 0].T.astype("<i2").tobytes()

    _damage(path)
    Path(unit.item_version.location).write_bytes(b"changed")
    answer = _slice(client, files_study.assignment(unit), 1)
    assert (answer.status_code, answer.json()["problem"]) == (503, "unreadable")


def _damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
