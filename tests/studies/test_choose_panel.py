import pytest

from sts_qa.studies.actions import add_member, close_study
from sts_qa.studies.models import Panel
from sts_qa.studies.queries.panel import current_panel
from tests.factories import make_membership, make_study, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_raters(running):
    add_member(study=running.study, user=make_user("second"), acting_user=running.coordinator)
    return running


def test_raters_stand_under_their_labels_without_names(client, two_raters):
    client.force_login(two_raters.coordinator)
    page = client.get(two_raters.address("choose_panel"))
    assert "R1: 0 of 13 rated" in text_of(page)
    assert "R2: 0 of 13 rated" in text_of(page)
    assert "second" not in page.content.decode()


def test_the_choice_is_recorded_with_its_reason(client, two_raters):
    client.force_login(two_raters.coordinator)
    chosen = two_raters.membership(two_raters.rater)
    data = {"memberships": [chosen.pk], "reason": "Left early"}
    answer = client.post(two_raters.address("choose_panel"), data)
    assert answer["Location"] == two_raters.address("show_study")
    raters, panel = current_panel(two_raters.study)
    assert raters == [chosen]
    assert (panel.reason, panel.after_results_seen) == ("Left early", False)


def test_a_choice_after_results_were_open_is_marked(client, two_raters):
    close_study(study=two_raters.study, acting_user=two_raters.coordinator)
    client.force_login(two_raters.coordinator)
    address = two_raters.address("choose_panel")
    assert "chosen after that" in text_of(client.get(address))
    chosen = two_raters.membership(two_raters.rater)
    client.post(address, {"memberships": [chosen.pk], "reason": "Left early"})
    assert Panel.objects.get().after_results_seen
    overview = client.get(two_raters.address("show_study"))
    assert "chosen after results could be seen" in text_of(overview)


def test_it_needs_a_rater_of_this_study_and_a_reason(client, two_raters):
    client.force_login(two_raters.coordinator)
    own = two_raters.membership(two_raters.rater).pk
    other = make_membership(make_study(), pseudonym=1).pk
    for data in (
        {"reason": "None"},
        {"memberships": [other], "reason": "Other"},
        {"memberships": [own], "reason": ""},
    ):
        assert client.post(two_raters.address("choose_panel"), data).status_code == 422
    assert not Panel.objects.exists()


def test_a_draft_has_no_panel_to_choose(client, people):
    client.force_login(people.coordinator)
    assert client.get(people.address("choose_panel")).status_code == 302


def test_only_coordinators_of_the_study_may(running, check_access):
    check_access(running, running.address("choose_panel"), observer=403)
    check_access(running, running.address("choose_panel"), method="post", observer=403)
