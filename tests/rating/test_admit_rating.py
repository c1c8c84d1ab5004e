import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.rating.helpers import current, in_order, log_in, running_study, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _late(client, study, rater, number=0, **changes) -> Rating:
    state = Study.objects.get(pk=study.pk).state
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    answer = submit(log_in(client, rater), in_order(rater)[number], **changes)
    Study.objects.filter(pk=study.pk).update(state=state)
    return Rating.objects.get(public_id=answer.json()["rating"]["id"])


def _admit(client, study, rating, reason="sent in time, the network failed"):
    address = reverse("rating:admit_rating", args=[study.public_id, rating.public_id])
    return client.post(address, {"reason": reason})


def test_an_admitted_rating_counts_on_record(client, study, rater):
    rating = _late(client, study, rater)
    coordinator = study.memberships.get(role="coordinator")
    answer = _admit(log_in(client, coordinator), study, rating)
    assert answer.url == reverse("rating:list_late_ratings", args=[study.public_id])
    rating.refresh_from_db()
    assert (rating.is_current, rating.is_late) == (True, True)
    assert (rating.admitted_by, rating.admitted_at is not None) == (coordinator.user, True)
    first = in_order(rater)[0]
    rater.refresh_from_db()
    study.protocol_version.refresh_from_db()
    assert first.is_rated
    assert (rater.rated_count, rater.assigned_count) == (1, 2)
    assert study.protocol_version.frozen_at is not None
    event = Event.objects.get(action="rating.admitted")
    assert event.object_id == str(rating.pk)
    assert event.note == "sent in time, the network failed"
    assert event.details.pop("note_sha256")
    assert event.details == {
        "assignment": first.pk,
        "late": "study_paused",
        "supersedes": None,
    }


def test_it_is_admitted_once(client, study, rater):
    rating = _late(client, study, rater)
    log_in(client, study.memberships.get(role="coordinator"))
    _admit(client, study, rating)
    _admit(client, study, rating)
    rater.refresh_from_db()
    assert rater.rated_count == 1
    assert Event.objects.filter(action="rating.admitted").count() == 1


def test_a_reason_is_kept_whole_or_refused(client, study, rater):
    rating = _late(client, study, rater)
    log_in(client, study.memberships.get(role="coordinator"))
    answer = _admit(client, study, rating, "x" * 301)
    assert "At most 300 characters are kept" in client.get(answer.url).content.decode()
    rating.refresh_from_db()
    assert rating.admitted_at is None
    _admit(client, study, rating, "x" * 300)
    assert Event.objects.get(action="rating.admitted").note == "x" * 300


def test_of_two_late_ratings_only_one_can_count(client, study, rater):
    one, two = _late(client, study, rater), _late(client, study, rater)
    log_in(client, study.memberships.get(role="coordinator"))
    _admit(client, study, two)
    _admit(client, study, one)
    assert current(in_order(rater)[0]) == two
    one.refresh_from_db()
    assert one.admitted_at is None


def test_it_never_takes_the_place_of_a_rating_that_came_after_it(client, study, rater):
    late = _late(client, study, rater)
    first = in_order(rater)[0]
    answer = submit(log_in(client, rater), first)
    _admit(log_in(client, study.memberships.get(role="coordinator")), study, late)
    assert str(current(first).public_id) == answer.json()["rating"]["id"]


def test_a_late_correction_takes_the_place_of_what_it_corrects(client, study, rater):
    first = in_order(rater)[0]
    one = submit(log_in(client, rater), first).json()["rating"]["id"]
    late = _late(client, study, rater, replaces=one, scores={"contrast": {"value": "3"}})
    log_in(client, study.memberships.get(role="coordinator"))
    _admit(client, study, late)
    assert current(first) == late
    former = Rating.objects.get(public_id=one)
    assert (former.is_current, current(first).replaces) == (False, former)
    rater.refresh_from_db()
    assert (rater.rated_count, rater.assigned_count) == (1, 2)
    event = Event.objects.get(action="rating.admitted")
    assert (event.object_id, event.details["supersedes"]) == (str(late.pk), former.pk)


def test_of_two_late_corrections_the_later_counts_in_the_end(client, study, rater):
    first = in_order(rater)[0]
    one = submit(log_in(client, rater), first).json()["rating"]["id"]
    two, three = [_late(client, study, rater, replaces=one) for _ in range(2)]
    log_in(client, study.memberships.get(role="coordinator"))
    for late in (two, three):
        _admit(client, study, late)
    assert current(first) == three
    assert current(first).replaces == two


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_needs_a_reason(client, study, rater, reason):
    rating = _late(client, study, rater)
    log_in(client, study.memberships.get(role="coordinator"))
    answer = _admit(client, study, rating, reason)
    assert "Say why" in client.get(answer.url).content.decode()
    rating.refresh_from_db()
    assert (rating.is_current, rating.admitted_at) == (False, None)


def test_a_rater_can_change_an_admitted_rating(client, study, rater):
    late = _late(client, study, rater)
    _admit(log_in(client, study.memberships.get(role="coordinator")), study, late)
    first = in_order(rater)[0]
    log_in(client, rater)
    assert submit(client, first).status_code == 409
    answer = submit(client, first, replaces=str(late.public_id))
    assert answer.status_code == 201
    assert current(first).replaces == late


def test_access(client, study, rater):
    rating = _late(client, study, rater)
    client.logout()
    assert _admit(client, study, rating).status_code == 302
    assert _admit(log_in(client, rater), study, rating).status_code == 403
    other_study = running_study(items=1)
    log_in(client, other_study.memberships.get(role="coordinator"))
    assert _admit(client, study, rating).status_code == 404
    assert _admit(client, other_study, rating).status_code == 404
    log_in(client, study.memberships.get(role="coordinator"))
    address = reverse("rating:admit_rating", args=[study.public_id, rating.public_id])
    assert client.get(address).status_code == 405
    rating.refresh_from_db()
    assert rating.admitted_at is None
