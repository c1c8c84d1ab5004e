"""A dropped repeat answers like an item that was withdrawn, or it would be known as a repeat."""

from __future__ import annotations

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.rating.models import Rating
from sts_qa.studies.actions import withdraw_sampled_item
from sts_qa.studies.models import Assignment, Study
from tests.api.conftest import token_client  # noqa: F401
from tests.factories import make_rating
from tests.rating.helpers import (
    add_repeat,
    in_order,
    log_in,
    queue_of,
    send,
    submit,
    tokens,
)

pytestmark = pytest.mark.django_db
WHOLE, OF_A_SLICE = ("image", "mask"), ("axial/0", "mask/axial/0")
SCORES = {"contrast": {"value": "17"}, "pixel_accuracy": {"value": "3"}}


@pytest.fixture
def study(files_study):
    """Three radiographs and two volumes; a repeat of the first of each comes far too early."""
    random, plan = files_study.random, Study.objects.filter(pk=files_study.study.pk)
    for number in range(3):
        values = random.integers(0, 256, (8, 8)).astype(np.uint8)
        files_study.radiograph(f"{number}.png", values, mask=(values > 99).astype(np.uint8))
    for number in range(2):
        values = random.integers(0, 999, (4, 4, 4)).astype(np.int16)
        files_study.volume(f"{number}.nii.gz", values, mask=(values > 500).astype(np.uint8))
    plan.update(repeat_share="0.3", repeat_distance=9, allows_program_ratings=True)
    files_study.study.refresh_from_db()
    files_study.start()
    return files_study


@pytest.fixture
def pair(study, request):
    """A main assignment and a repeat of another item of the same kind, and parts of its pixels."""
    mains = in_order(study.rater)
    first, second, parts = {
        "radiograph": (mains[0], mains[1], WHOLE),
        "volume": (mains[3], mains[4], OF_A_SLICE),
    }[request.param]
    return second, add_repeat(study.rater, first.sampled_item), (*parts, "picture")


def _answers(client, program, assignment, parts):
    """What page and API answer to everything that may be asked of an assignment; reading first."""
    page = reverse("rating:show_assignment", args=[assignment.token])
    api = reverse("api:show_assignment", args=[assignment.token])
    pixels = reverse("rating:send_image", args=[assignment.token]).removesuffix("image")
    draft = {"scores": {}, "comment": "", "sequence": 1}
    asked = {
        "page": client.get(page),
        "API": program.get(api),
        **{f"pixels {part}": client.get(f"{pixels}{part}") for part in parts},
        **{f"API pixels {part}": program.get(f"{api}pixels/{part}") for part in parts},
        "draft": send(client, "save_draft", assignment.token, draft, method="put"),
        "shown": send(client, "mark_shown", assignment.token),
        "API shown": program.post(f"{api}shown/"),
        "skip": send(client, "skip_assignment", assignment.token),
        "API skip": program.post(f"{api}skip/"),
    }
    return {name: (one.status_code, one.headers["Content-Type"]) for name, one in asked.items()}, {
        name: one.content.decode().replace(assignment.token, "")
        for name, one in asked.items()
        if one.status_code == 404
    }


@pytest.mark.parametrize("pair", ["radiograph", "volume"], indirect=True)
def test_after_a_submission_both_are_gone_alike(client, token_client, study, pair):  # noqa: F811
    withdrawn, repeat, parts = pair
    log_in(client, study.rater)
    program = token_client(study.rater.user, ["rate"])
    # Before, everything is there, of the repeat too
    for one in (withdrawn, repeat):
        for part in parts:
            address = reverse("rating:send_image", args=[one.token]).removesuffix("image")
            assert client.get(f"{address}{part}").status_code == 200
    withdraw_sampled_item(
        sampled_item=withdrawn.sampled_item, reason="Ruler", acting_user=study.study.created_by
    )
    told = []
    for one in (withdrawn, repeat):
        body = submit(client, one, scores=SCORES).json()["rating"]
        told.append({**body, "id": ""})
    assert told == [{"id": "", "is_late": True, "late_reason": "item_withdrawn"}] * 2
    assert set(Rating.objects.values_list("late_reason", flat=True)) == {
        "item_withdrawn",
        "repeat_dropped",
    }
    (statuses, contents), of_repeat = (
        _answers(client, program, one, parts) for one in (withdrawn, repeat)
    )
    assert of_repeat == (statuses, contents)
    gone = {name for name, (status, _type) in statuses.items() if status == 404}
    assert gone == set(statuses) - {"skip", "API skip"}


@pytest.mark.parametrize("pair", ["radiograph"], indirect=True)
def test_what_a_page_shows_is_told_to_be_taken_out_alike(client, study, pair):
    withdrawn, repeat, _parts = pair
    log_in(client, study.rater)
    address = reverse("rating:list_queue", args=[study.study.public_id])

    def taken_out():
        return [
            client.get(address, {"current": one.token}).json()["taken_out"]
            for one in (withdrawn, repeat)
        ]

    assert taken_out() == [False, False]
    withdraw_sampled_item(
        sampled_item=withdrawn.sampled_item, reason="Ruler", acting_user=study.study.created_by
    )
    # This call finds that it came too early; it is answered like any other
    answer = send(client, "mark_shown", repeat.token)
    assert (answer.status_code, set(answer.json()["counter"])) == (200, {"number", "total"})
    assert taken_out() == [True, True]
    assert {withdrawn.token, repeat.token}.isdisjoint(tokens(queue_of(client, study.study)))


@pytest.mark.parametrize("pair", ["radiograph"], indirect=True)
def test_own_ratings_list_neither(client, token_client, study, pair):  # noqa: F811
    withdrawn, repeat, _parts = pair
    log_in(client, study.rater)
    program = token_client(study.rater.user, ["rate"])
    rated = submit(client, in_order(study.rater)[2], scores=SCORES)
    assert rated.status_code == 201
    for one in (withdrawn, repeat):
        make_rating(one, {"contrast": 17})
    taken = Assignment.objects.filter(pk__in=[withdrawn.pk, repeat.pk])
    taken.update(is_rated=True, showing=1)

    def listed():
        page = client.get(reverse("rating:list_own_ratings", args=[study.study.public_id])).json()
        rows = program.get(f"/api/v1/studies/{study.study.public_id}/ratings/").json()
        return len(page["ratings"]), len(rows["items"])

    assert listed() == (3, 3)
    withdrawn.sampled_item.withdrawn_at = timezone.now()
    withdrawn.sampled_item.save()
    assert listed() == (2, 2)
    Assignment.objects.filter(pk=repeat.pk).update(dropped_at=timezone.now())
    assert listed() == (1, 1)
