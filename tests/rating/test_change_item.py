import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import ProblemReport
from sts_qa.studies.models import SampledItem, Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import in_order, log_in, queue_of, running_study, tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _address(study, number=1):
    return reverse("rating:change_item", args=[study.public_id, number])


def _change(client, study, change, reason="found twice", **more):
    client.force_login(study.created_by)
    return client.post(_address(study), {"change": change, "reason": reason, **more})


def test_an_item_is_hidden_and_shown_again_without_any_report(client, study, rater):
    first, second = in_order(rater)
    assert _change(client, study, "hide").url == _address(study)
    assert "Hidden since" in client.get(_address(study)).content.decode()
    assert tokens(queue_of(log_in(client, rater), study)) == [second.token]
    _change(client, study, "show", "was wrong")
    assert tokens(queue_of(log_in(client, rater), study)) == [first.token, second.token]
    events = Event.objects.filter(action__startswith="sampled_item.").order_by("pk")
    assert [(event.action, event.note) for event in events] == [
        ("sampled_item.hidden", "found twice"),
        ("sampled_item.shown", "was wrong"),
    ]


def test_a_withdrawn_item_is_gone_for_good(client, study, rater):
    assert _change(client, study, "withdraw").status_code == 302
    page = client.get(_address(study)).content.decode()
    assert "found twice" in page
    assert 'name="change"' not in page
    unit = study.sample.get(number=1)
    assert (unit.withdrawn_by, unit.withdrawal_reason) == (study.created_by, "found twice")
    rater.refresh_from_db()
    assert rater.assigned_count == 1
    assert _change(client, study, "withdraw").status_code == 422
    assert Event.objects.filter(action="sampled_item.withdrawn").count() == 1


@pytest.mark.parametrize("change", ["hide", "withdraw"])
def test_it_needs_a_reason(client, study, rater, change):
    assert _change(client, study, change, " ").status_code == 422
    assert not study.sample.exclude(hidden_at=None, withdrawn_at=None).exists()


def test_what_a_rater_reported_for_privacy_is_shown_by_deciding_only(client, study, rater):
    first = in_order(rater)[0]
    SampledItem.objects.filter(pk=first.sampled_item_id).update(hidden_at=timezone.now())
    report = ProblemReport.objects.create(assignment=first, kind="privacy", idempotency_key="k")
    answer = _change(client, study, "show")
    assert answer.status_code == 422
    assert "Decide on the report" in answer.content.decode()
    assert study.sample.get(number=1).hidden_at is not None
    ProblemReport.objects.filter(pk=report.pk).update(decision="keep")
    assert _change(client, study, "show").status_code == 302


@pytest.mark.parametrize(("whole_image", "left"), [("", 1), ("on", 0)])
def test_slices_go_alone_or_with_their_volume(client, study, rater, whole_image, left):
    study.sample.filter(number=2).update(
        item_version=study.sample.get(number=1).item_version, slice_index=3
    )
    study.sample.filter(number=1).update(slice_index=1)
    client.force_login(study.created_by)
    assert "slice 2" in client.get(_address(study)).content.decode()
    _change(client, study, "hide", whole_image=whole_image)
    assert len(tokens(queue_of(log_in(client, rater), study))) == left


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.CLOSED])
def test_only_while_the_study_runs(client, study, rater, state):
    Study.objects.filter(pk=study.pk).update(state=state)
    client.force_login(study.created_by)
    assert 'name="change"' not in client.get(_address(study)).content.decode()
    assert _change(client, study, "withdraw").status_code == 422
    assert study.sample.filter(withdrawn_at=None).count() == 2


def test_access(client, study, rater):
    address = _address(study)
    data = {"change": "withdraw", "reason": "x"}
    other = running_study(items=1)
    observer = make_membership(study, make_user(), role="observer")
    people = {
        None: 302,
        other.created_by: 404,
        observer.user: 403,
        rater.user: 403,
    }
    for user, status in people.items():
        client.logout()
        if user is not None:
            client.force_login(user)
        assert client.get(address).status_code == status
        assert client.post(address, data).status_code == status
    client.force_login(study.created_by)
    assert client.get(address).status_code == 200
    assert client.get(_address(study, 99)).status_code == 404
    assert study.sample.filter(withdrawn_at=None).count() == 2
