import pytest
from django.utils import timezone

from sts_qa.rating.models import Draft
from sts_qa.studies.models import Study
from tests.rating.helpers import add_rater, in_order, log_in, running_study, send, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=1)


@pytest.fixture
def assignment(rater):
    return in_order(rater)[0]


def _draft(sequence: int, value: str = "3") -> dict:
    return {"scores": {"contrast": {"value": value}}, "comment": "", "sequence": sequence}


def _save(client, assignment, body):
    return send(client, "save_draft", assignment.token, body, method="put")


def test_the_newest_is_kept_whatever_order_they_arrive_in(client, rater, assignment):
    log_in(client, rater)
    for sequence, value in ((5, "1"), (9, "half ty"), (7, "3"), (9, "4")):
        answer = _save(client, assignment, _draft(sequence, value))
        assert (answer.status_code, answer.content) == (204, b"")
    draft = Draft.objects.get()
    assert draft.content["scores"] == {"contrast": {"value": "half ty"}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scores", []),
        ("scores", {"contrast": "x" * 20_000}),
        ("comment", 3),
        ("sequence", -1),
        ("sequence", 2**53),
        ("sequence", "5"),
        ("sequence", None),
        ("other", 1),
    ],
)
def test_a_wrong_field_is_refused_by_name(client, rater, assignment, name, value):
    answer = _save(log_in(client, rater), assignment, {**_draft(1), name: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {name})
    assert not Draft.objects.exists()


def test_one_that_comes_after_the_rating_is_no_longer_wanted(client, rater, assignment):
    assert submit(log_in(client, rater), assignment).status_code == 201
    assert _save(client, assignment, _draft(9)).status_code == 204
    assert not Draft.objects.exists()


def test_access(client, study, rater, assignment):
    assert _save(client, assignment, _draft(1)).status_code == 401
    assert _save(log_in(client, add_rater(study)), assignment, _draft(1)).status_code == 404
    log_in(client, rater)
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert _save(client, assignment, _draft(1)).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.RUNNING)
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert _save(client, assignment, _draft(1)).status_code == 403
    assert not Draft.objects.exists()
