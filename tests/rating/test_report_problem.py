import pytest
from django.utils import timezone

from sts_qa.audit.models import Event
from sts_qa.rating.models import ProblemReport
from sts_qa.studies.models import Study
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    queue_of,
    running_study,
    send,
    tokens,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _report(client, assignment, **changes):
    body = {"idempotency_key": "k1", "kind": "orientation", "text": "upside down", **changes}
    return send(client, "report_problem", assignment.token, body)


def test_a_report_is_kept_for_the_coordinator(client, study, rater):
    first = in_order(rater)[0]
    answer = _report(log_in(client, rater), first)
    assert (answer.status_code, answer.json()) == (201, {"hidden": False})
    report = ProblemReport.objects.get()
    assert (report.assignment, report.kind, report.text) == (first, "orientation", "upside down")
    assert report.decision == ""
    assert Event.objects.get(action="problem.reported").details == {
        "assignment": first.pk,
        "kind": "orientation",
    }
    assert tokens(queue_of(client, study))[0] == first.token


def test_privacy_hides_the_item_from_all_raters_at_once(client, study, rater):
    colleague = add_rater(study)
    first = in_order(rater)[0]
    answer = _report(log_in(client, rater), first, kind="privacy", text="")
    assert (answer.status_code, answer.json()) == (201, {"hidden": True})
    for membership in (rater, colleague):
        queue = queue_of(log_in(client, membership), study)
        assert tokens(queue) == [in_order(membership)[1].token]
    assert Event.objects.filter(action="sampled_item.hidden").count() == 1


def test_a_resend_gets_the_first_answer(client, rater):
    first = in_order(rater)[0]
    log_in(client, rater)
    for kind in ("orientation", "privacy"):
        answers = [_report(client, first, idempotency_key=kind, kind=kind) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert answers[0].json() == answers[1].json()
    assert ProblemReport.objects.count() == 2
    other = _report(client, first, idempotency_key="privacy", kind="other")
    assert (other.status_code, other.json()["problem"]) == (422, "idempotency")


def test_a_duplicate_of_a_planned_repeat_looks_like_any_other_to_the_rater(client, study, rater):
    plain = in_order(rater)[1]
    repeat = add_repeat(rater, in_order(rater)[0].sampled_item)
    log_in(client, rater)
    answers = [_report(client, one, kind="duplicate") for one in (plain, repeat)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert dict(answers[0].headers).keys() == dict(answers[1].headers).keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "ugly"),
        ("kind", None),
        ("kind", ["privacy"]),
        ("text", 7),
        ("text", "x" * 2001),
        ("idempotency_key", ""),
        ("to", "someone"),
    ],
)
def test_a_wrong_field_is_refused_by_name(client, rater, name, value):
    answer = _report(log_in(client, rater), in_order(rater)[0], **{name: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {name})
    assert not ProblemReport.objects.exists()


def test_other_needs_words(client, rater):
    answer = _report(log_in(client, rater), in_order(rater)[0], kind="other", text="  ")
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"text"})


def test_access(client, study, rater):
    first = in_order(rater)[0]
    assert _report(client, first).status_code == 401
    assert _report(log_in(client, add_rater(study)), first).status_code == 404
    log_in(client, rater)
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    assert _report(client, first).status_code == 403
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert _report(client, first).status_code == 201
    rater.withdrawn_at = timezone.now()
    rater.save()
    assert _report(client, first, idempotency_key="k2").status_code == 403
