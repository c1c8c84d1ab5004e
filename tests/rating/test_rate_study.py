import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.accounts.queries import account_key
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import add_rater, log_in, queue_of, running_study

pytestmark = pytest.mark.django_db


def _address(study):
    return reverse("rating:rate_study", args=[study.public_id])


@pytest.mark.parametrize("state", Study.State.values)
def test_the_page_opens_in_every_state_of_the_study(client, state):
    study = running_study(items=1)
    rater = add_rater(study)
    Study.objects.filter(pk=study.pk).update(state=state)
    answer = log_in(client, rater).get(_address(study))
    assert answer.status_code == 200
    assert "csrftoken" in answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_opens_for_a_withdrawn_rater_who_may_still_have_something_to_send(client):
    study = running_study(items=1)
    rater = add_rater(study, withdrawn_at=timezone.now())
    assert log_in(client, rater).get(_address(study)).status_code == 200


def test_page_queue_and_log_out_know_the_account_by_one_key(client):
    study = running_study(items=1)
    rater = add_rater(study)
    page = log_in(client, rater).get(_address(study)).content.decode()
    key = account_key(rater.user)
    assert f'data-account="{key}"' in page
    assert queue_of(client, study)["account"] == key


def test_access(client):
    study = running_study(items=1)
    answer = client.get(_address(study))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("accounts:log_in"))
    stranger = add_rater(running_study(items=1))
    assert log_in(client, stranger).get(_address(study)).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, study.memberships.get(role="coordinator")):
        assert log_in(client, membership).get(_address(study)).status_code == 403
