"""The queue: the stored order, repeats at their distance, skipped items at the end."""

import json

import numpy as np
import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from sts_qa.catalogue import files
from sts_qa.catalogue.models import ImageKind
from sts_qa.rating.models import Acknowledgement, Clarification
from sts_qa.rating.queries.queue import open_assignments
from sts_qa.rating.queries.volume_facts import volume_facts
from sts_qa.studies.actions import withdraw_sampled_item
from sts_qa.studies.models import Assignment, SampledItem, Study
from tests.factories import (
    make_assignment,
    make_item,
    make_membership,
    make_sampled_item,
    make_user,
)
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    count_assigned,
    in_order,
    log_in,
    queue_of,
    running_study,
    send,
    submit,
    tokens,
)

pytestmark = pytest.mark.django_db


def _rate_next(client, study) -> str:
    token = tokens(queue_of(client, study))[0]
    assignment = Assignment.objects.get(token=token)
    assert submit(client, assignment).status_code == 201
    return token


def _rate_all(client, study) -> list[str]:
    rated = []
    while tokens(queue_of(client, study)):
        rated.append(_rate_next(client, study))
    return rated


def test_it_hands_out_the_next_ten_in_the_stored_order(client):
    study = running_study(items=14)
    rater = add_rater(study)
    order = [assignment.token for assignment in in_order(rater)]
    log_in(client, rater)
    assert tokens(queue_of(client, study)) == order[:10]
    _rate_next(client, study)
    assert tokens(queue_of(client, study)) == order[1:11]
    assert order[1:] == _rate_all(client, study)


def test_the_counter_counts_showings(client):
    study = running_study(items=12)
    rater = add_rater(study)
    log_in(client, rater)
    counters = [entry["counter"] for entry in queue_of(client, study)["assignments"]]
    assert counters == [{"number": number, "total": 12} for number in range(1, 11)]
    _rate_next(client, study)
    queue = queue_of(client, study)
    assert queue["assignments"][0]["counter"] == {"number": 2, "total": 12}
    assert queue["progress"] == {"rated": 1, "total": 12, "shown": 1}


def test_practice_comes_first_and_is_counted_apart(client):
    study = running_study(items=2, practice=2)
    rater = add_rater(study)
    log_in(client, rater)
    queue = queue_of(client, study)
    entries = queue["assignments"]
    assert [entry["practice"] for entry in entries] == [True, True, False, False]
    assert [entry["counter"]["number"] for entry in entries] == [1, 2, 1, 2]
    assert [entry["counter"]["total"] for entry in entries] == [2, 2, 2, 2]
    assert queue["progress"] == {"rated": 0, "total": 2, "shown": 0}


def test_it_resumes_where_the_rater_left_with_the_draft(client):
    study = running_study(items=3)
    rater = add_rater(study)
    log_in(client, rater)
    _rate_next(client, study)
    second = in_order(rater)[1]
    send(client, "mark_shown", second.token)
    draft = {"scores": {"contrast": {"value": "1"}}, "comment": "so far", "sequence": 8}
    send(client, "save_draft", second.token, draft, method="put")
    entry = queue_of(client, study)["assignments"][0]
    assert entry["token"] == second.token
    assert entry["counter"] == {"number": 2, "total": 3}
    assert entry["rating"] is None
    assert entry["draft"].pop("saved_at")
    assert entry["draft"] == draft


def test_the_counter_does_not_run_past_its_end_when_a_shown_item_is_withdrawn(client):
    study = running_study(items=2)
    rater = add_rater(study)
    log_in(client, rater)
    first, _second = in_order(rater)
    submit(client, first)
    coordinator = study.created_by
    withdraw_sampled_item(sampled_item=first.sampled_item, reason="", acting_user=coordinator)
    [left] = queue_of(client, study)["assignments"]
    assert left["counter"] == {"number": 2, "total": 2}


def test_hidden_and_withdrawn_items_are_left_out(client):
    study = running_study(items=4)
    rater = add_rater(study)
    units = [assignment.sampled_item for assignment in in_order(rater)]
    SampledItem.objects.filter(pk=units[0].pk).update(hidden_at=timezone.now())
    SampledItem.objects.filter(pk=units[2].pk).update(withdrawn_at=timezone.now())
    log_in(client, rater)
    order = [assignment.token for assignment in in_order(rater)]
    assert tokens(queue_of(client, study)) == [order[1], order[3]]


def test_it_tells_a_rater_that_the_item_on_screen_was_taken_out(client):
    study = running_study(items=2)
    rater = add_rater(study)
    first, second = in_order(rater)
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    log_in(client, rater)
    address = reverse("rating:list_queue", args=[study.public_id])
    told = {
        token: client.get(address, {"current": token}).json()["taken_out"]
        for token in (first.token, second.token, "nothing", "x" * 500)
    }
    assert list(told.values()) == [True, False, False, False]


def test_it_tells_nothing_of_another_raters_item(client):
    study = running_study(items=2)
    rater, other = add_rater(study), add_rater(study)
    foreign = in_order(other)[0]
    SampledItem.objects.filter(pk=foreign.sampled_item_id).update(hidden_at=timezone.now())
    log_in(client, rater)
    address = reverse("rating:list_queue", args=[study.public_id])
    assert client.get(address, {"current": foreign.token}).json()["taken_out"] is False


def test_at_most_one_volume_is_handed_out_ahead(client):
    study = running_study(items=2)
    for number in range(4):
        item = make_item(
            study.dataset,
            f"3D/{number}.nii.gz",
            category="STS-3D-Tooth",
            kind=ImageKind.VOLUME,
            shape=(8, 6, 5),
            dtype="int16",
        )
        make_sampled_item(study, item)
        # Known to be unreadable, so that nothing is opened on the way
        assert volume_facts(item.current_version) is None
    rater = add_rater(study)
    order = [assignment.token for assignment in in_order(rater)]
    log_in(client, rater)
    assert tokens(queue_of(client, study)) == order[:3]
    _rate_next(client, study)
    _rate_next(client, study)
    # A volume is the current one, and one more comes ahead
    assert tokens(queue_of(client, study)) == order[2:4]


def test_the_current_volume_is_waited_for(client, files_study):
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    unit = files_study.volume("v.nii.gz", values)
    rater = add_rater(files_study.study)
    (entry,) = queue_of(log_in(client, rater), files_study.study)["assignments"]
    assert entry["image"]["range"] == [0, 59]
    assert files.store_path(unit.item_version).exists()


def test_a_volume_that_cannot_be_opened_does_not_stop_the_queue(client):
    study = running_study(items=0)
    item = make_item(
        study.dataset, "3D/0.nii.gz", kind=ImageKind.VOLUME, shape=(8, 6, 5), dtype="int16"
    )
    make_sampled_item(study, item)
    rater = add_rater(study)
    (entry,) = queue_of(log_in(client, rater), study)["assignments"]
    image = entry["image"]
    assert image["planes"]["axial"]["slices"] == 5
    # What stands in for its values is the range of their type
    assert (image["dtype"], image["range"]) == ("int16", [-32768, 32767])
    assert image["histogram"] is None


def test_repeats_come_in_the_stored_order_once_far_enough(client):
    study = running_study(items=6, repeat_share="0.2", repeat_distance=3)
    rater = add_rater(study)
    mains = in_order(rater)
    repeat = add_repeat(rater, mains[0].sampled_item, turn=mains[1].turn)
    log_in(client, rater)
    # Stored right behind its main item, it waits until three showings lie between
    tokens_in_order = [mains[0], mains[1], mains[2], repeat, mains[3], mains[4], mains[5]]
    assert tokens(queue_of(client, study)) == [one.token for one in tokens_in_order]
    assert _rate_all(client, study) == [one.token for one in tokens_in_order]
    repeat.refresh_from_db()
    mains[0].refresh_from_db()
    assert repeat.showing - mains[0].showing == 3


def test_after_a_reload_the_item_on_the_screen_is_still_the_first(client):
    study = running_study(items=5, repeat_share="0.2", repeat_distance=3)
    rater = add_rater(study)
    mains = in_order(rater)
    repeat = add_repeat(rater, mains[0].sampled_item, turn=mains[1].turn)
    log_in(client, rater)
    _rate_next(client, study)
    _rate_next(client, study)
    # The third showing is on the screen, the fourth may be the repeat
    send(client, "mark_shown", mains[2].token)
    assert tokens(queue_of(client, study))[:2] == [mains[2].token, repeat.token]


def test_a_repeat_has_the_form_of_a_first_showing(client):
    study = running_study(items=3, repeat_share="0.3", repeat_distance=2)
    rater = add_rater(study)
    repeat = add_repeat(rater, in_order(rater)[0].sampled_item)
    entries = queue_of(log_in(client, rater), study)["assignments"]
    forms = [json.dumps(_form(entry), sort_keys=True) for entry in entries]
    assert entries[-1]["token"] == repeat.token
    assert len(set(forms)) == 1


def _form(value):
    """The names and types within a JSON value, without the values."""
    if isinstance(value, dict):
        return {name: _form(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_form(inner) for inner in value]
    return type(value).__name__


def test_a_skipped_item_comes_back_at_the_end_and_its_repeat_waits_for_it(client):
    study = running_study(items=5, repeat_share="0.2", repeat_distance=2)
    rater = add_rater(study)
    mains = in_order(rater)
    repeat = add_repeat(rater, mains[0].sampled_item, turn=mains[3].turn)
    log_in(client, rater)
    send(client, "mark_shown", mains[0].token)
    assert send(client, "skip_assignment", mains[0].token).status_code == 200
    # The end comes before the distance is kept: the repeat is dropped and counted
    rated = _rate_all(client, study)
    assert rated == [one.token for one in (*mains[1:], mains[0])]
    repeat.refresh_from_db()
    rater.refresh_from_db()
    assert (repeat.drop_reason, repeat.is_rated) == ("repeat_distance", False)
    assert repeat.dropped_at is not None
    assert (rater.rated_count, rater.assigned_count) == (5, 5)
    assert queue_of(client, study)["progress"]["total"] == 5


def test_a_skipped_item_early_on_leaves_room_for_its_repeat(client):
    study = running_study(items=3, repeat_share="0.2", repeat_distance=2)
    rater = add_rater(study)
    first, second, third = in_order(rater)
    add_repeat(rater, first.sampled_item)
    repeat_of_second = add_repeat(rater, second.sampled_item)
    log_in(client, rater)
    send(client, "skip_assignment", first.token)
    rated = _rate_all(client, study)
    # first and its repeat stand at the end; between them only one showing fits: it is dropped
    assert rated == [second.token, third.token, repeat_of_second.token, first.token]
    rater.refresh_from_db()
    assert rater.assigned_count == rater.rated_count == 4


def test_repeats_are_not_dropped_while_a_hidden_item_may_come_back(client):
    study = running_study(items=3, repeat_share="0.3", repeat_distance=3)
    rater = add_rater(study)
    first, second, third = in_order(rater)
    repeat = add_repeat(rater, first.sampled_item)
    log_in(client, rater)
    _rate_next(client, study)
    _rate_next(client, study)
    unit = SampledItem.objects.filter(pk=third.sampled_item_id)
    unit.update(hidden_at=timezone.now())
    assert tokens(queue_of(client, study)) == []
    repeat.refresh_from_db()
    assert repeat.dropped_at is None
    unit.update(hidden_at=None)
    assert _rate_all(client, study) == [third.token, repeat.token]
    assert second.pk


def test_passing_over_many_waiting_repeats(client):
    study = running_study(items=40, repeat_share="0.9", repeat_distance=100)
    rater = add_rater(study)
    mains = in_order(rater)
    # All 30 repeats stand before the last ten main items and cannot come yet
    Assignment.objects.filter(pk__in=[one.pk for one in mains[30:]]).update(turn=1000)
    for main in mains[:30]:
        add_repeat(rater, main.sampled_item, turn=500)
    rater.assignments.filter(kind="main", turn__lt=500).update(is_rated=True, showing=1)
    rater.shown_count = rater.rated_count = 30
    rater.save()
    queue = queue_of(log_in(client, rater), study)
    assert tokens(queue) == [one.token for one in mains[30:]]


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.PAUSED, Study.State.CLOSED])
def test_a_study_that_is_not_running_hands_out_nothing(client, state):
    study = running_study(items=2)
    rater = add_rater(study)
    Study.objects.filter(pk=study.pk).update(state=state)
    queue = queue_of(log_in(client, rater), study)
    assert (queue["study"]["state"], queue["assignments"]) == (state, [])


def test_a_withdrawn_rater_is_told_and_gets_nothing(client):
    study = running_study(items=2)
    rater = add_rater(study, withdrawn_at=timezone.now())
    queue = queue_of(log_in(client, rater), study)
    assert (queue["study"]["state"], queue["assignments"]) == ("withdrawn", [])


def test_it_gives_the_rubric_for_each_kind_of_image(client):
    study = running_study(items=1)
    queue = queue_of(log_in(client, add_rater(study)), study)
    assert set(queue["rubrics"]) == {"radiograph", "volume", "slice"}
    criterion = queue["rubrics"]["radiograph"]["criteria"][0]
    assert (criterion["code"], criterion["minimum"], criterion["maximum"]) == ("contrast", 0, 20)
    assert queue["gate"] is None
    assert queue["study"]["name"] == study.name
    assert queue["study"]["simulated"] is False


def test_it_says_the_gate_only_where_the_study_uses_it(client):
    study = running_study(items=1, gate_skips_rest=True)
    version = study.protocol_version
    version.content["gate"] = {"criterion": "contrast", "minimum": 3}
    version.save()
    log_in(client, add_rater(study))
    assert queue_of(client, study)["gate"] == {"criterion": "contrast", "minimum": 3}
    Study.objects.filter(pk=study.pk).update(gate_skips_rest=False)
    assert queue_of(client, study)["gate"] is None


def test_criteria_of_labelled_and_unlabelled_items(client):
    study = running_study(items=2, labelled=1)
    entries = queue_of(log_in(client, add_rater(study)), study)["assignments"]
    assert [entry["criteria"] for entry in entries] == [
        ["contrast", "pixel_accuracy"],
        ["contrast"],
    ]
    assert [entry["not_applicable"] for entry in entries] == [[], ["pixel_accuracy"]]
    assert [entry["mask"] is None for entry in entries] == [False, True]


def test_a_coordinator_who_also_rates_gets_a_queue(client):
    study = running_study(items=1, coordinators_may_rate=True)
    coordinator = study.memberships.get(role="coordinator")
    coordinator.also_rates = True
    coordinator.save()
    make_assignment(coordinator, study.sample.get())
    count_assigned(coordinator)
    assert len(tokens(queue_of(log_in(client, coordinator), study))) == 1


def test_only_raters_of_the_study_get_it(client):
    study = running_study(items=1)
    address = reverse("rating:list_queue", args=[study.public_id])
    assert client.get(address).status_code == 401
    assert client.get(address).json()["problem"] == "log_in"
    stranger = add_rater(running_study(items=1))
    assert log_in(client, stranger).get(address).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        answer = log_in(client, membership).get(address)
        assert (answer.status_code, answer.json()["problem"]) == (403, "role")


def test_who_has_not_accepted_the_notice_is_told_so(client):
    study = running_study(items=1)
    rater = add_rater(study)
    rater.user.notice_version = 0
    rater.user.save()
    answer = log_in(client, rater).get(reverse("rating:list_queue", args=[study.public_id]))
    assert (answer.status_code, answer.json()["problem"]) == (401, "notice")


def test_it_is_never_kept_by_a_cache(client):
    study = running_study(items=1)
    rater = add_rater(study)
    answer = log_in(client, rater).get(reverse("rating:list_queue", args=[study.public_id]))
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("policy", Study.ViewPolicy.values)
@pytest.mark.parametrize("carries", [True, False])
def test_it_tells_what_the_study_allows_in_viewing(client, policy, carries):
    study = running_study(items=1, view_policy=policy, carries_window=carries)
    told = queue_of(log_in(client, add_rater(study)), study)["study"]
    assert (told["view_policy"], told["carries_window"]) == (policy, carries)


@pytest.mark.parametrize(
    ("criteria", "limits", "rapid"),
    [
        (1, {"minimum": 0, "maximum": 4}, True),
        (1, {"minimum": 1, "maximum": 9}, True),
        (1, {"minimum": 0, "maximum": 10}, False),
        (1, {"minimum": -1, "maximum": 4}, False),
        (1, {"minimum": 0, "maximum": 4, "decimals": 1}, False),
        (2, {"minimum": 0, "maximum": 4}, False),
    ],
)
def test_one_digit_is_a_score_only_where_it_can_be(client, criteria, limits, rapid):
    study = running_study(items=1)
    version = study.protocol_version
    version.criteria.filter(position__gte=version.criteria.first().position + criteria).delete()
    version.criteria.update(**limits)
    assert queue_of(log_in(client, add_rater(study)), study)["study"]["rapid"] is rapid


def test_clarifications_come_with_it_until_they_are_read(client):
    study = running_study(items=1)
    rater = add_rater(study)
    log_in(client, rater)
    nothing = {"acknowledged": 0, "open": []}
    assert queue_of(client, study)["clarifications"] == nothing
    published = Clarification.objects.create(
        study=study,
        number=1,
        texts={"en": "Judge the whole image."},
        ratings_before=0,
        published_by=study.created_by,
    )
    told = queue_of(client, study)["clarifications"]
    assert told["acknowledged"] == 0
    assert [one["text"] for one in told["open"]] == ["Judge the whole image."]
    Acknowledgement.objects.create(clarification=published, membership=rater)
    assert queue_of(client, study)["clarifications"] == {**nothing, "acknowledged": 1}


@pytest.mark.parametrize("items", [11, 80])
def test_the_number_of_queries_does_not_grow_with_the_study(
    client, items, django_assert_max_num_queries
):
    study = running_study(items=items, labelled=items)
    rater = add_rater(study)
    log_in(client, rater)
    scores = {"contrast": {"value": "1"}, "pixel_accuracy": {"value": "2"}}
    for assignment in in_order(rater)[:3]:
        submit(client, assignment, scores=scores)
    with django_assert_max_num_queries(12):
        assert queue_of(client, study)["assignments"]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL scans small tables whole")
def test_the_next_assignments_are_found_through_their_index():
    study = running_study(items=30)
    rater = add_rater(study)
    plan = open_assignments(rater).order_by("turn", "pk")[:10].explain()
    assert "assignment_queue" in plan
    assert connection.vendor == "sqlite"
