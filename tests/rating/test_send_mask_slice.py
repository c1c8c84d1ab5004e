"""Masks of volumes, slice by slice, on the image's grid."""

import numpy as np
import pytest
from django.urls import reverse

from tests.rating.helpers import log_in, queue_of

pytestmark = pytest.mark.django_db


def _mask(client, assignment, index):
    return client.get(reverse("rating:send_mask_slice", args=[assignment.token, index]))


def test_each_slice_of_the_mask_lies_on_that_of_the_image(client, files_study):
    values = files_study.random.integers(0, 1000, (6, 5, 4)).astype(np.int16)
    mask = (values > 700).astype(np.uint8) * 3
    unit = files_study.volume("v.nii.gz", values, mask=mask)
    rater = files_study.start()
    log_in(client, rater)
    assignment = files_study.assignment(unit)
    for index in range(4):
        address = reverse("rating:send_slice", args=[assignment.token, index])
        image = np.frombuffer(client.get(address).content, "<i2")
        inside = np.frombuffer(_mask(client, assignment, index).content, np.uint8)
        assert np.array_equal(inside, (image > 700).astype(np.uint8))
    assert _mask(client, assignment, 4).status_code == 404
    (entry,) = queue_of(client, files_study.study)["assignments"]
    expected = f"/rating/pixels/{assignment.token}/mask/{{slice}}?v=1"
    assert entry["mask"] == {"slice_url": expected}


def test_an_unlabelled_volume_has_none(client, files_study):
    unit = files_study.volume("v.nii.gz", np.zeros((4, 4, 4), np.int16))
    rater = files_study.start()
    assert _mask(log_in(client, rater), files_study.assignment(unit), 0).status_code == 404
