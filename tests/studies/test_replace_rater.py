import pytest

from sts_qa.accounts.models import User
from sts_qa.audit.models import Event
from sts_qa.studies.actions import choose_panel, close_study, unseal_results
from sts_qa.studies.models import Assignment, Membership
from sts_qa.studies.queries.panel import current_panel
from tests.factories import make_user
from tests.studies.plan_data import text_of
from tests.studies.test_manage_members import link_in

pytestmark = pytest.mark.django_db

POSTED = {"username": "wei", "account": "new", "language": "en", "reason": "Illness"}


@pytest.fixture
def address(running):
    return running.address("replace_rater", running.membership(running.rater).pk)


@pytest.fixture
def rated(running):
    """Four of the rater's thirteen are rated."""
    membership = running.membership(running.rater)
    main = membership.assignments.filter(kind="main").order_by("position")[:4]
    Assignment.objects.filter(pk__in=[assignment.pk for assignment in main]).update(is_rated=True)
    Membership.objects.filter(pk=membership.pk).update(rated_count=4)


def test_a_new_account_takes_over_the_whole_sample(client, running, address, rated):
    client.force_login(running.coordinator)
    assert "4 of 13 ratings" in text_of(client.get(address))
    answer = client.post(address, POSTED)
    assert link_in(answer)
    new = running.membership(User.objects.get(username="wei"))
    old = running.membership(running.rater)
    assert (new.replaces, new.assigned_count, new.only_the_rest) == (old, 13, False)
    assert not old.is_active


def test_an_account_that_exists_takes_over_the_rest(client, running, address, rated):
    user = make_user("wei")
    client.force_login(running.coordinator)
    data = POSTED | {"account": "existing", "only_the_rest": "on"}
    assert client.post(address, data).status_code == 200
    new = running.membership(user)
    assert (new.assigned_count, new.only_the_rest) == (9, True)


def test_a_withdrawn_rater_can_be_replaced_too(client, running, address):
    Membership.objects.filter(user=running.rater).update(withdrawn_at="2025-01-01T00:00Z")
    client.force_login(running.coordinator)
    client.post(address, POSTED)
    assert running.membership(User.objects.get(username="wei")).assigned_count == 13


def test_it_needs_a_reason_which_is_recorded(client, running, address):
    client.force_login(running.coordinator)
    assert client.post(address, POSTED | {"reason": " "}).status_code == 422
    assert running.membership(running.rater).is_active
    client.post(address, POSTED)
    for action in ("member.withdrawn", "rater.replaced"):
        assert Event.objects.filter(action=action).latest("pk").note == "Illness"


def test_raters_of_a_closed_study_are_final(client, running, address):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    answer = client.post(address, POSTED)
    assert answer.status_code == 422
    assert "Choose the panel instead" in text_of(answer)
    assert running.membership(running.rater).is_active
    assert not User.objects.filter(username="wei").exists()


@pytest.mark.parametrize(("only_the_rest", "size"), [("", 1), ("on", 2)])
def test_once_results_were_seen_the_new_panel_is_marked(
    client, running, address, rated, only_the_rest, size
):
    unseal_results(study=running.study, reason="Look", acting_user=running.coordinator)
    client.force_login(running.coordinator)
    assert "Results can be seen already" in text_of(client.get(address))
    client.post(address, POSTED | {"only_the_rest": only_the_rest})
    raters, panel = current_panel(running.study)
    new = running.membership(User.objects.get(username="wei"))
    assert (panel.after_results_seen, panel.reason) == (True, "Illness")
    assert raters == [running.membership(running.rater), new][-size:]


def test_while_sealed_no_panel_is_recorded(client, running, address):
    client.force_login(running.coordinator)
    client.post(address, POSTED)
    assert current_panel(running.study)[1] is None


def test_a_rater_is_replaced_once(client, running, address):
    client.force_login(running.coordinator)
    client.post(address, POSTED)
    new = running.membership(User.objects.get(username="wei"))
    again = POSTED | {"username": "lan"}
    answer = client.post(address, again)
    assert answer.status_code == 422
    assert "replaced already" in text_of(answer)
    assert not User.objects.filter(username="lan").exists()
    # Who took the place can be replaced in turn
    assert client.post(running.address("replace_rater", new.pk), again).status_code == 200
    assert running.membership(User.objects.get(username="lan")).replaces == new


def test_a_wrong_name_withdraws_nobody(client, running, address):
    client.force_login(running.coordinator)
    for data in (
        {"username": "nobody", "account": "existing", "language": "en", "reason": "Illness"},
        {"username": "observer", "account": "existing", "language": "en", "reason": "Illness"},
    ):
        assert client.post(address, data).status_code == 422
        assert running.membership(running.rater).is_active


def test_only_raters_can_be_replaced(client, running):
    client.force_login(running.coordinator)
    own = running.address("replace_rater", running.membership(running.coordinator).pk)
    assert client.get(own).status_code == 404


def test_only_coordinators_of_the_study_may(running, address, check_access):
    check_access(running, address, observer=403)
    check_access(running, address, method="post", observer=403)
    assert running.membership(running.rater).is_active


@pytest.mark.parametrize("only_the_rest", [False, True])
def test_a_panel_chosen_before_gets_the_one_who_takes_the_place(
    client, running, address, only_the_rest
):
    former = running.membership(running.rater)
    who = running.coordinator
    choose_panel(study=running.study, memberships=[former], reason="All", acting_user=who)
    client.force_login(who)
    client.post(address, POSTED | ({"only_the_rest": "on"} if only_the_rest else {}))
    new = running.membership(User.objects.get(username="wei"))
    raters, panel = current_panel(running.study)
    assert raters == ([former, new] if only_the_rest else [new])
    assert (panel.after_results_seen, panel.reason) == (False, "Illness")
