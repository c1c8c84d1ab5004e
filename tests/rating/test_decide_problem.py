import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import ProblemReport, Rating
from sts_qa.studies.actions import close_study
from sts_qa.studies.models import Assignment, FrameEntry, SampledItem, Study
from tests.rating.helpers import (
    add_rater,
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


@pytest.fixture
def study(db):
    return running_study(items=2)


def _report(assignment, kind="privacy", key="k"):
    if kind == "privacy":
        unit = SampledItem.objects.filter(pk=assignment.sampled_item_id)
        unit.update(hidden_at=timezone.now())
    return ProblemReport.objects.create(assignment=assignment, kind=kind, idempotency_key=key)


def _decide(client, report, decision, note="name on the image"):
    study = report.assignment.membership.study
    address = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    return client.post(address, {"decision": decision, "note": note})


def test_keeping_shows_a_hidden_item_again(coordinator_client, study, rater):
    first = in_order(rater)[0]
    report = _report(first)
    answer = _decide(coordinator_client, report, "keep", note="")
    assert answer.url == reverse("rating:list_problems", args=[study.public_id])
    report.refresh_from_db()
    assert (report.decision, report.decided_at is not None) == ("keep", True)
    assert report.decided_by == study.memberships.get(role="coordinator").user
    assert tokens(queue_of(log_in(coordinator_client, rater), study))[0] == first.token
    assert Event.objects.get(action="problem.decided").details == {
        "assignment": first.pk,
        "decision": "keep",
    }


def test_it_stays_hidden_while_another_privacy_report_is_open(coordinator_client, rater):
    first = in_order(rater)[0]
    one, two = _report(first, key="1"), _report(first, key="2")
    _decide(coordinator_client, one, "keep")
    assert SampledItem.objects.get(pk=first.sampled_item_id).hidden_at is not None
    _decide(coordinator_client, two, "keep")
    assert SampledItem.objects.get(pk=first.sampled_item_id).hidden_at is None


def test_withdrawing_keeps_the_ratings_and_mends_the_counts(coordinator_client, study, rater):
    first = in_order(rater)[0]
    client = coordinator_client
    submit(log_in(client, rater), first)
    log_in(client, study.memberships.get(role="coordinator"))
    _decide(client, _report(first, kind="unreadable"), "withdraw")
    unit = SampledItem.objects.get(pk=first.sampled_item_id)
    assert unit.withdrawn_at is not None
    assert unit.withdrawal_reason == "unreadable: name on the image"
    assert Event.objects.get(action="problem.decided").note == "name on the image"
    assert Rating.objects.count() == 1
    rater.refresh_from_db()
    assert (rater.rated_count, rater.assigned_count) == (0, 1)


def test_withdrawing_needs_a_reason(coordinator_client, rater):
    report = _report(in_order(rater)[0])
    answer = _decide(coordinator_client, report, "withdraw", note=" ")
    assert answer.status_code == 422
    report.refresh_from_db()
    assert report.decision == ""


def test_replacing_gives_the_next_of_the_reserve_to_the_same_raters(client, files_study):
    study = files_study.study
    pixels = files_study.random.integers(0, 256, (8, 8)).astype(np.uint8)
    unit = files_study.radiograph("a.png", pixels)
    reserve = files_study.radiograph("b.png", pixels[::-1].copy())
    entry = reserve.frame_entry
    reserve.delete()
    study.strata.update(drawn=1)
    FrameEntry.objects.filter(pk=entry.pk).update(order_number=2)
    rater = files_study.start()
    report = _report(files_study.assignment(unit), kind="wrong_mask")
    log_in(client, study.memberships.get(role="coordinator"))
    assert _decide(client, report, "replace").status_code == 302
    added = study.sample.get(withdrawn_at=None)
    assert added.frame_entry == entry
    (entry_shown,) = queue_of(log_in(client, rater), study)["assignments"]
    assert entry_shown["token"] == Assignment.objects.get(sampled_item=added).token
    answer = client.get(entry_shown["image"]["planes"]["image"]["url"])
    assert answer.content == pixels[::-1].tobytes()


def test_with_the_reserve_used_up_nothing_changes(coordinator_client, study, rater):
    study.strata.update(drawn=10)
    report = _report(in_order(rater)[0], kind="wrong_mask")
    answer = _decide(coordinator_client, report, "replace")
    assert answer.status_code == 422
    assert "reserve" in answer.content.decode()
    report.refresh_from_db()
    assert report.decision == ""
    assert not SampledItem.objects.filter(withdrawn_at__isnull=False).exists()
    assert not Event.objects.filter(action="problem.decided").exists()


@pytest.mark.parametrize("decision", ["withdraw", "replace"])
def test_the_sample_of_a_closed_study_is_final(coordinator_client, study, rater, decision):
    report = _report(in_order(rater)[0])
    close_study(study=study, acting_user=study.created_by)
    address = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    page = coordinator_client.get(address).content.decode()
    assert ('value="keep"' in page, f'value="{decision}"' in page) == (True, False)
    answer = _decide(coordinator_client, report, decision)
    assert answer.status_code == 422
    assert "sample is final" in answer.content.decode()
    report.refresh_from_db()
    assert report.decision == ""
    assert not SampledItem.objects.filter(withdrawn_at__isnull=False).exists()
    assert _decide(coordinator_client, report, "keep", note="").status_code == 302


def test_nothing_takes_the_place_of_a_practice_item(client):
    study = running_study(items=2, practice=1)
    rater = add_rater(study)
    log_in(client, study.memberships.get(role="coordinator"))
    report = _report(in_order(rater, "practice")[0])
    address = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    assert 'value="replace"' not in client.get(address).content.decode()
    answer = _decide(client, report, "replace")
    assert answer.status_code == 422
    assert "practice item" in answer.content.decode()
    assert not SampledItem.objects.filter(withdrawn_at__isnull=False).exists()
    assert _decide(client, report, "withdraw").status_code == 302
    assert SampledItem.objects.get(withdrawn_at__isnull=False).kind == "practice"
    rater.refresh_from_db()
    assert rater.assigned_count == 2


@pytest.fixture
def slices(files_study):
    """Two slices of one volume are in the sample; another volume is the reserve."""
    study = files_study.study
    Study.objects.filter(pk=study.pk).update(unit="slice", slices_per_volume=2)
    study.refresh_from_db()
    values = files_study.random.integers(0, 100, (6, 5, 4)).astype(np.int16)
    first = files_study.volume("a.nii.gz", values, slice_index=1)
    second = SampledItem.objects.get(pk=first.pk)
    second.pk, second.slice_index, second.number = None, 3, 2
    second.save(force_insert=True)
    reserve = files_study.volume("b.nii.gz", values + 1, slice_index=0, number=3)
    entry = reserve.frame_entry
    reserve.delete()
    study.strata.update(drawn=1)
    FrameEntry.objects.filter(pk=entry.pk).update(order_number=2)
    return files_study


def test_privacy_hides_shows_and_withdraws_every_slice_of_the_volume(client, slices):
    rater = slices.start()
    one = in_order(rater)[0]
    for key, decision, left in (("1", "keep", 2), ("2", "withdraw", 0)):
        send(
            log_in(client, rater),
            "report_problem",
            one.token,
            {"idempotency_key": key, "kind": "privacy", "text": ""},
        )
        assert tokens(queue_of(client, slices.study)) == []
        report = ProblemReport.objects.get(idempotency_key=key)
        log_in(client, slices.study.memberships.get(role="coordinator"))
        address = reverse("rating:decide_problem", args=[slices.study.public_id, report.public_id])
        assert "Privacy concerns them all" in client.get(address).content.decode()
        assert _decide(client, report, decision).status_code == 302
        assert len(tokens(queue_of(log_in(client, rater), slices.study))) == left
    assert slices.study.sample.filter(withdrawn_at__isnull=False).count() == 2


def test_it_stays_hidden_while_a_privacy_report_of_another_slice_is_open(client, slices):
    one, two = in_order(slices.start())
    reports = [_report(one, key="1"), _report(two, key="2")]
    log_in(client, slices.study.memberships.get(role="coordinator"))
    _decide(client, reports[0], "keep")
    assert slices.study.sample.filter(hidden_at__isnull=False).count() == 2
    _decide(client, reports[1], "keep")
    assert slices.study.sample.filter(hidden_at__isnull=False).count() == 0


def test_withdrawing_one_slice_leaves_the_others(client, slices):
    one, two = in_order(slices.start())
    log_in(client, slices.study.memberships.get(role="coordinator"))
    _decide(client, _report(one, kind="wrong_mask"), "withdraw")
    left = slices.study.sample.get(withdrawn_at=None)
    assert left == two.sampled_item


@pytest.mark.parametrize("raters_per_item", [None, 1])
def test_a_slice_is_replaced_with_its_whole_volume(client, slices, raters_per_item):
    Study.objects.filter(pk=slices.study.pk).update(raters_per_item=raters_per_item)
    rater = slices.start()
    one, two = in_order(rater)
    if raters_per_item:
        other = add_rater(slices.study, "other")
        Assignment.objects.filter(membership=rater, pk=two.pk).delete()
        other.assignments.filter(sampled_item=one.sampled_item).delete()
        for membership in (rater, other):
            count_assigned(membership)
    log_in(client, slices.study.memberships.get(role="coordinator"))
    _decide(client, _report(one, kind="wrong_mask"), "replace")
    left = slices.study.sample.filter(withdrawn_at=None)
    assert {unit.frame_entry.key for unit in left} == {"SECRET-CATEGORY/b.nii.gz"}
    assert left.count() == 2
    for unit in left:
        assert unit.assignments.count() == 1
    rater.refresh_from_db()
    assert rater.assigned_count == (1 if raters_per_item else 2)


def test_a_report_is_decided_once(coordinator_client, rater):
    report = _report(in_order(rater)[0])
    assert _decide(coordinator_client, report, "keep").status_code == 302
    answer = _decide(coordinator_client, report, "withdraw")
    assert (answer.status_code, "already" in answer.content.decode()) == (422, True)
    assert not SampledItem.objects.filter(withdrawn_at__isnull=False).exists()


def test_a_second_report_of_a_withdrawn_item_can_still_be_decided(coordinator_client, rater):
    first = in_order(rater)[0]
    one, two = _report(first, "other", "1"), _report(first, "other", "2")
    _decide(coordinator_client, one, "withdraw")
    assert _decide(coordinator_client, two, "withdraw").status_code == 302
    assert Event.objects.filter(action="sampled_item.withdrawn").count() == 1


def test_the_page_explains_the_choices(coordinator_client, study, rater):
    report = _report(in_order(rater)[0])
    address = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    page = coordinator_client.get(address).content.decode()
    for choice in ("keep", "withdraw", "replace"):
        assert f'value="{choice}"' in page


def test_members_of_the_dataset_can_look_at_the_item(coordinator_client, study, rater):
    report = _report(in_order(rater)[0])
    item = report.assignment.sampled_item.item_version.item
    link = reverse("catalogue:show_item", args=[study.dataset_id, item.pk])
    address = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    assert link in coordinator_client.get(address).content.decode()
    study.dataset.members.update(removed_at=timezone.now())
    assert link not in coordinator_client.get(address).content.decode()


def test_access(client, study, rater):
    report = _report(in_order(rater)[0])
    assert _decide(client, report, "keep").status_code == 302
    other_study = running_study(items=1)
    other = other_study.memberships.get(role="coordinator")
    assert _decide(log_in(client, other), report, "keep").status_code == 404
    # Nor through the address of the own study
    address = reverse("rating:decide_problem", args=[other_study.public_id, report.public_id])
    assert client.post(address, {"decision": "keep"}).status_code == 404
    assert _decide(log_in(client, rater), report, "keep").status_code == 403
    report.refresh_from_db()
    assert report.decision == ""
