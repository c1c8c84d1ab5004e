import pytest
from django.urls import reverse

from sts_qa.studies.models import Membership
from tests.factories import make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/studies/"


def test_a_coordinator_sees_the_study_with_its_state_and_may_make_new_ones(client, people):
    client.force_login(people.coordinator)
    page = client.get(ADDRESS)
    assert page.status_code == 200
    assert people.address("show_study") in page.content.decode()
    assert reverse("studies:create_study") in page.content.decode()
    assert "Teeth Draft" in text_of(page)


def test_a_rater_sees_own_progress_and_nothing_of_the_dataset(client, running):
    Membership.objects.filter(user=running.rater).update(rated_count=4)
    client.force_login(running.rater)
    page = client.get(ADDRESS)
    assert "4 of 13" in text_of(page)
    assert "Continue" in text_of(page)
    content = page.content.decode()
    for hidden in (running.study.dataset.name, "A-PXI", running.address("show_study")):
        assert hidden not in content
    assert reverse("studies:create_study") not in content


def test_a_rater_of_a_draft_is_told_that_it_has_not_started(client, people):
    client.force_login(people.rater)
    assert "Not started yet" in text_of(client.get(ADDRESS))


def test_an_observer_sees_the_study(client, people):
    client.force_login(people.observer)
    assert people.address("show_study") in client.get(ADDRESS).content.decode()


def test_a_withdrawn_rater_is_told_so_and_cannot_go_on(client, running):
    client.force_login(running.withdrawn)
    text = text_of(client.get(ADDRESS))
    assert "You were withdrawn from this study" in text
    assert "Continue" not in text


def test_other_peoples_studies_do_not_show(client, people):
    client.force_login(people.stranger)
    assert "Teeth" not in text_of(client.get(ADDRESS))


@pytest.mark.parametrize(
    ("coordinator", "advice"),
    [(True, "Import a dataset"), (False, "once a coordinator has added you")],
)
def test_an_empty_list_says_what_to_do(client, db, coordinator, advice):
    client.force_login(make_user(coordinator=coordinator))
    assert advice in text_of(client.get(ADDRESS))


def test_it_needs_a_log_in(client):
    answer = client.get(ADDRESS)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:log_in"))
