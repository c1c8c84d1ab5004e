import pytest
from django.urls import reverse

from sts_qa.rating.models import ProblemReport
from sts_qa.rating.queries.problems import problem_reports
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_rater, add_repeat, in_order, log_in, running_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _report(assignment, kind="other", text="a bright stripe", **fields):
    return ProblemReport.objects.create(
        assignment=assignment, kind=kind, text=text, idempotency_key=kind, **fields
    )


def _page(client, study):
    return client.get(reverse("rating:list_problems", args=[study.public_id]))


def test_coordinators_see_what_there_is_to_decide(client, study):
    rater = add_rater(study, "dr-wang", pseudonym=4)
    first, second = in_order(rater)
    report = _report(first)
    _report(second, kind="wrong_mask", decision="keep", decision_note="checked twice")
    log_in(client, study.memberships.get(role="coordinator"))
    page = _page(client, study).content.decode()
    assert "a bright stripe" in page
    assert "A-PXI/000.png" in page
    assert "R4" in page
    assert "checked twice" in page
    assert "dr-wang" not in page
    decide = reverse("rating:decide_problem", args=[study.public_id, report.public_id])
    assert page.count(decide) == 1


def test_a_duplicate_by_design_is_marked(client, study):
    rater = add_rater(study)
    first, second = in_order(rater)
    repeat = add_repeat(rater, first.sampled_item)
    _report(second, kind="duplicate", text="really twice")
    log_in(client, study.memberships.get(role="coordinator"))
    assert "Planned repeat" not in _page(client, study).content.decode()
    one = _report(first, kind="duplicate")
    # Before the repeat was shown it cannot be what the rater means
    assert not problem_reports(study).get(pk=one.pk).is_planned_repeat
    repeat.showing = 3
    repeat.save()
    assert _page(client, study).content.decode().count("Planned repeat") == 1
    _report(repeat, kind="duplicate")
    assert _page(client, study).content.decode().count("Planned repeat") == 2


def test_without_reports_it_says_so(client, study):
    log_in(client, study.memberships.get(role="coordinator"))
    assert "Nothing to decide" in _page(client, study).content.decode()


def test_access(client, study):
    address = reverse("rating:list_problems", args=[study.public_id])
    assert client.get(address).status_code == 302
    other = running_study(items=1).memberships.get(role="coordinator")
    assert log_in(client, other).get(address).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, add_rater(study)):
        assert log_in(client, membership).get(address).status_code == 403
