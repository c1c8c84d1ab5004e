"""Masks of volumes, slice by slice, on the image's grid."""

import hashlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
from django.urls import reverse

from sts_qa.science.imaging.slicing import PLANES
from tests.rating.helpers import log_in, queue_of

pytestmark = pytest.mark.django_db


def _mask(client, assignment, plane, index):
    return client.get(reverse("rating:send_mask_slice", args=[assignment.token, plane, index]))


def test_each_slice_of_the_mask_lies_on_that_of_the_image(client, files_study):
    values = files_study.random.integers(0, 1000, (6, 5, 4)).astype(np.int16)
    mask = (values > 700).astype(np.uint8) * 3
    unit = files_study.volume("v.nii.gz", values, mask=mask)
    rater = files_study.start()
    log_in(client, rater)
    assignment = files_study.assignment(unit)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    for plane in PLANES:
        for index in range(entry["image"]["planes"][plane]["slices"]):
            address = reverse("rating:send_slice", args=[assignment.token, plane, index])
            image = np.frombuffer(client.get(address).content, "<i2")
            inside = np.frombuffer(_mask(client, assignment, plane, index).content, np.uint8)
            assert np.array_equal(inside, (image > 700).astype(np.uint8))
    assert _mask(client, assignment, "axial", 4).status_code == 404
    assert _mask(client, assignment, "image", 0).status_code == 404
    address = f"/rating/pixels/{assignment.token}/mask/"
    assert {plane: found["url"] for plane, found in entry["mask"]["planes"].items()} == {
        plane: f"{address}{plane}/{{slice}}?v=2" for plane in PLANES
    }


@pytest.mark.parametrize("affine", [np.eye(4), np.diag([-1.0, -1, 1, 1]), np.diag([1.0, 1, -1, 1])])
def test_the_page_is_told_from_which_slice_to_which_the_mask_reaches(client, files_study, affine):
    mask = np.zeros((6, 5, 8), np.uint8)
    mask[1:3, 4, 2] = mask[2, 3, 6] = 1
    values = np.zeros(mask.shape, np.int16)
    unit = files_study.volume("v.nii.gz", values, mask=mask, affine=affine)
    log_in(client, files_study.start())
    assignment = files_study.assignment(unit)
    (entry,) = queue_of(client, files_study.study)["assignments"]
    for plane in PLANES:
        count = entry["image"]["planes"][plane]["slices"]
        held = [k for k in range(count) if any(_mask(client, assignment, plane, k).content)]
        assert entry["mask"]["planes"][plane]["slices"] == [held[0], held[-1]]


def test_an_empty_mask_reaches_over_no_slices(client, files_study):
    empty = np.zeros((6, 5, 8), np.uint8)
    files_study.volume("v.nii.gz", empty.astype(np.int16), mask=empty)
    log_in(client, files_study.start())
    (entry,) = queue_of(client, files_study.study)["assignments"]
    assert [found["slices"] for found in entry["mask"]["planes"].values()] == [None] * 3


def _turned(degrees):
    angle = np.radians(degrees)
    affine = np.eye(4)
    affine[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return affine


def test_axes_halfway_between_two_do_not_turn_the_mask_against_the_image(client, files_study):
    values = files_study.random.integers(0, 1000, (5, 5, 5)).astype(np.int16)
    mask = (values > 700).astype(np.uint8)
    unit = files_study.volume("v.nii.gz", values, mask=mask, affine=_turned(44.99))
    stored = unit.item_version.mask
    path = Path(stored.location)
    nibabel.save(nibabel.Nifti1Image(mask, _turned(45.01)), path)
    stored.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    stored.save()
    log_in(client, files_study.start())
    assignment = files_study.assignment(unit)
    for plane in PLANES:
        address = reverse("rating:send_slice", args=[assignment.token, plane, 1])
        image = np.frombuffer(client.get(address).content, "<i2")
        inside = np.frombuffer(_mask(client, assignment, plane, 1).content, np.uint8)
        assert np.array_equal(inside, (image > 700).astype(np.uint8)), plane


def test_an_unlabelled_volume_has_none(client, files_study):
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    rater = files_study.start()
    answer = _mask(log_in(client, rater), files_study.assignment(unit), "coronal", 0)
    assert answer.status_code == 404
    (entry,) = queue_of(client, files_study.study)["assignments"]
    assert entry["mask"] is None
