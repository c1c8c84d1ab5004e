"""Masks of radiographs and of single slices: 1 inside, 0 outside."""

import numpy as np
import pytest
from django.urls import reverse

from tests.rating.helpers import log_in, queue_of

pytestmark = pytest.mark.django_db


def _mask(client, assignment):
    return client.get(reverse("rating:send_mask", args=[assignment.token]))


def test_whatever_is_not_zero_is_inside(client, files_study):
    mask = np.zeros((20, 30), np.uint8)
    mask[3:9, 4:20], mask[10:12, 5:6] = 255, 7
    unit = files_study.radiograph("a.png", np.zeros((20, 30), np.uint8), mask=mask)
    rater = files_study.start()
    answer = _mask(log_in(client, rater), files_study.assignment(unit))
    assert answer.content == (mask != 0).astype(np.uint8).tobytes()
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    (entry,) = queue_of(client, files_study.study)["assignments"]
    token = files_study.assignment(unit).token
    assert entry["mask"] == {
        "planes": {"image": {"url": f"/rating/pixels/{token}/mask?v=2", "slices": None}}
    }


def test_the_mask_of_a_slice_unit(client, files_study):
    mask = np.zeros((6, 5, 4), np.uint8)
    mask[2, 1, 3] = 4
    values = np.zeros((6, 5, 4), np.int16)
    unit = files_study.volume("v.nii.gz", values, mask=mask, slice_index=3, mask_on_slice=True)
    rater = files_study.start()
    answer = _mask(log_in(client, rater), files_study.assignment(unit))
    assert answer.content == (mask[:, :, 3].T != 0).astype(np.uint8).tobytes()
    assert sum(answer.content) == 1


def test_an_unlabelled_item_and_a_whole_volume_have_none(client, files_study):
    plain = files_study.radiograph("a.png", np.zeros((4, 4), np.uint8))
    values = np.zeros((4, 4, 4), np.int16)
    volume = files_study.volume("v.nii.gz", values, mask=values.astype(np.uint8))
    rater = files_study.start()
    log_in(client, rater)
    for unit in (plain, volume):
        assert _mask(client, files_study.assignment(unit)).status_code == 404
