"""Members by the API: list_members, show_member, add_member, invite_member, withdraw_member,
replace_rater, set_also_rates, show_panel, choose_panel.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import Signer

from sts_qa.accounts.models import User
from sts_qa.audit.models import Event
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.people import invitation_of
from tests.api.conftest import fields_at_fault, is_problem
from tests.factories import make_membership, make_study, make_user
from tests.rating.helpers import add_rater, running_study

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def study(owner) -> Study:
    """A running study of two items with two raters, R1 and R2."""
    made = running_study(2)
    made.memberships.update(withdrawn_at=made.started_at)
    make_membership(made, owner, role=Role.COORDINATOR)
    add_rater(made, "ada", pseudonym=2)
    add_rater(made, "bela", pseudonym=1)
    return made


def at(study: Study, path: str = "members/") -> str:
    return f"/api/v1/studies/{study.public_id}/{path}"


def member(study: Study, username: str) -> Membership:
    return study.memberships.get(user__username=username)


def fields(response) -> set[str]:
    return {fault["field"] for fault in response.json()["errors"]}


# The list


def test_coordinators_see_names_and_no_labels_of_reports(token_client, owner, study):
    rows = token_client(owner, ["read"]).get(at(study)).json()["items"]
    assert {row["username"] for row in rows} >= {"owner", "ada", "bela"}
    ada = next(row for row in rows if row["username"] == "ada")
    assert ada["id"] == member(study, "ada").pk
    assert (ada["role"], ada["state"], ada["label"]) == ("rater", "active", "ada")
    assert ada["ratings"] == {"done": 0, "total": 2}
    assert "R1" not in str(rows)


def test_observers_see_who_rates_under_labels_without_names(session_client, study):
    observer = make_user("watcher")
    make_membership(study, observer, role=Role.OBSERVER)
    client = session_client(observer)
    response = client.get(at(study))
    rows = response.json()["items"]
    assert [row["label"] for row in rows] == ["R1", "R2"]
    for row in rows:
        assert [row["id"], row["username"], row["language"], row["replaces"]] == [None] * 4
    for name in ("ada", "bela", "owner", "watcher"):
        assert name not in response.content.decode()
    first = client.get(at(study) + "?limit=1").json()
    assert [row["label"] for row in first["items"]] == ["R1"]
    second = client.get(first["next"]).json()
    assert ([row["label"] for row in second["items"]], second["next"]) == (["R2"], None)


def test_pages_of_members_go_on_where_they_were_though_somebody_joined(
    token_client, session_client, owner
):
    study = make_study(coordinator=owner)
    for name in ("ada", "bela"):
        make_membership(study, make_user(name))
    watcher = make_user("watcher")
    client = token_client(owner)
    page = client.get(at(study) + "?limit=2").json()
    found = [row["username"] for row in page["items"]]
    assert found == ["owner", "ada"]
    make_membership(study, watcher, role=Role.OBSERVER)
    page = client.get(page["next"]).json()
    assert ([row["username"] for row in page["items"]], page["next"]) == (["bela"], None)


def test_a_cursor_tells_observers_neither_accounts_nor_who_joined_first(session_client, study):
    # Labels are given only at the start
    study.memberships.update(pseudonym=None)
    watcher = make_user("watcher")
    make_membership(study, watcher, role=Role.OBSERVER)
    client = session_client(watcher)
    address, places, shown = at(study) + "?limit=1", [], 0
    while address:
        page = client.get(address).json()
        shown += len(page["items"])
        address = page["next"]
        if address:
            cursor = parse_qs(urlsplit(address).query)["cursor"][0]
            places.append(Signer(salt=f"sts_qa.api.cursor:{at(study)}").unsign_object(cursor))
    assert shown == 2
    [(role, is_program, number, tie)] = places
    assert (role, is_program, number) == (2, False, 0)
    keys = {str(one.pk) for one in study.memberships.all()}
    assert len(tie) == 16
    assert tie not in keys


def test_members_are_filtered_by_role(token_client, session_client, owner, study):
    watcher = make_user("watcher")
    make_membership(study, watcher, role=Role.OBSERVER)
    client = token_client(owner, ["read"])

    def people(path):
        return [row["username"] for row in client.get(path).json()["items"]]

    assert people(at(study) + "?role=observer") == ["watcher"]
    assert people(at(study) + "?role=rater") == ["ada", "bela"]
    page = client.get(at(study) + "?role=rater&limit=1").json()
    assert people(page["next"]) == ["bela"]
    seen = session_client(watcher).get(at(study) + "?role=rater").json()["items"]
    assert [row["label"] for row in seen] == ["R1", "R2"]
    # Whom observers do not see they find by no filter
    assert session_client(watcher).get(at(study) + "?role=observer").json()["items"] == []
    wrong = client.get(at(study) + "?role=boss")
    assert is_problem(wrong, 422, "invalid")
    assert fields(wrong) == {"role"}


def test_raters_see_no_members(session_client, study):
    assert is_problem(session_client(member(study, "ada").user).get(at(study)), 403, "not-allowed")


# Adding and inviting


def test_a_new_account_gets_a_link_that_works(token_client, owner, study):
    client = token_client(owner, ["manage"])
    body = {"username": "cleo", "full_name": "Cleo C.", "language": "en"}
    response = client.post(at(study), body)
    assert response.status_code == 201, response.content
    added = member(study, "cleo")
    told = response.json()
    assert response["Location"] == at(study, f"members/{added.pk}/")
    assert (told["member"]["id"], told["member"]["state"]) == (added.pk, "invited")
    assert (added.role, added.assigned_count) == ("rater", 2)
    assert (added.user.first_name, added.user.language) == ("Cleo C.", "en")
    assert told["invitation"]["days"] == 14
    assert told["invitation"]["link"].startswith("http://testserver/studies/invitations/")
    secret = told["invitation"]["link"].rstrip("/").rpartition("/")[2]
    assert invitation_of(secret).membership == added
    assert client.get(response["Location"]).json() == told["member"]
    assert Event.objects.filter(action="member.added", chain__name=f"study:{study.pk}").exists()


def test_an_account_that_exists_needs_no_link(token_client, owner, study):
    make_user("Dora")
    body = {"account": "existing", "username": "dora", "role": "observer"}
    told = token_client(owner).post(at(study), body).json()
    assert (told["invitation"], told["member"]["username"]) == (None, "Dora")
    assert told["member"]["role"] == "observer"


def test_the_link_is_told_once_also_to_who_sends_it_again(token_client, owner, study):
    client, key = token_client(owner), {"Idempotency-Key": "k"}
    first = client.post(at(study), {"username": "cleo"}, headers=key)
    again = client.post(at(study), {"username": "cleo"}, headers=key)
    assert first.status_code == 201
    assert is_problem(again, 409, "shown-once")
    assert study.memberships.filter(user__username="cleo").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/username"),
        ({"username": "ada"}, "/username"),
        ({"username": "a b"}, "/username"),
        ({"username": "nobody", "account": "existing"}, "/username"),
        ({"username": "x", "account": "third"}, "/account"),
        ({"username": "x", "role": "owner"}, "/role"),
        ({"username": "x", "language": "tlh"}, "/language"),
        ({"username": "x", "name": "y"}, "/name"),
    ],
)
def test_a_wrong_person_names_the_field(token_client, owner, study, body, field):
    before = User.objects.count()
    response = token_client(owner).post(at(study), body)
    assert is_problem(response, 422, "invalid")
    assert fields(response) == {field}
    assert User.objects.count() == before


def test_who_takes_part_already_is_refused_and_no_account_is_left(token_client, owner, study):
    client = token_client(owner)
    body = {"account": "existing", "username": "ada"}
    refused = client.post(at(study), body)
    assert is_problem(refused, 409, "refused")
    assert fields_at_fault(refused) == ["/username"]
    Study.objects.filter(pk=study.pk).update(state="closed")
    refused = client.post(at(study), {"username": "cleo"})
    assert is_problem(refused, 409, "refused")
    # It is the state of the study and nothing that was sent
    assert fields_at_fault(refused) == []
    assert not User.objects.filter(username="cleo").exists()


def test_a_new_link_ends_the_former_one(token_client, owner, study):
    client = token_client(owner, ["manage"])
    client.post(at(study), {"username": "cleo"})
    cleo = member(study, "cleo")
    response = client.post(at(study, f"members/{cleo.pk}/invitation/"))
    assert response.status_code == 201
    assert cleo.invitations.filter(cancelled_at=None).count() == 1
    ada = member(study, "ada")
    with_password = client.post(at(study, f"members/{ada.pk}/invitation/"))
    assert is_problem(with_password, 409, "refused")


# Withdrawing, replacing, rating too


def test_a_withdrawn_member_has_no_access_at_once(token_client, session_client, owner, study):
    observer = make_user("watcher")
    membership = make_membership(study, observer, role=Role.OBSERVER)
    client, path = token_client(owner, ["manage"]), f"members/{membership.pk}/withdraw/"
    assert fields(client.post(at(study, path), {})) == {"/reason"}
    told = client.post(at(study, path), {"reason": "Left."}).json()
    assert told["state"] == "withdrawn"
    assert is_problem(session_client(observer).get(at(study)), 404, "not-found")
    assert is_problem(client.post(at(study, path), {"reason": "Left."}), 409, "refused")


def test_the_last_coordinator_stays(token_client, owner, study):
    path = f"members/{member(study, 'owner').pk}/withdraw/"
    response = token_client(owner).post(at(study, path), {"reason": "Tired."})
    assert is_problem(response, 409, "refused")


def test_a_replacement_rates_in_the_place_of_a_rater(token_client, owner, study):
    ada = member(study, "ada")
    response = token_client(owner, ["manage"]).post(
        at(study, f"members/{ada.pk}/replace/"),
        {"username": "cleo", "reason": "Ill.", "only_the_rest": True},
    )
    assert response.status_code == 201, response.content
    told = response.json()["member"]
    assert (told["replaces"], told["only_the_rest"]) == (ada.pk, True)
    assert told["ratings"] == {"done": 0, "total": 2}
    ada.refresh_from_db()
    assert ada.withdrawn_at is not None


def test_only_raters_are_replaced(token_client, owner, study):
    path = f"members/{member(study, 'owner').pk}/replace/"
    response = token_client(owner).post(at(study, path), {"username": "cleo", "reason": "Ill."})
    assert is_problem(response, 404, "not-found")
    assert not User.objects.filter(username="cleo").exists()


def test_a_coordinator_rates_too_where_the_plan_lets_them(token_client, owner, study):
    client, path = token_client(owner), f"members/{member(study, 'owner').pk}/also-rates/"
    assert is_problem(client.post(at(study, path), {"also_rates": True}), 409, "refused")
    Study.objects.filter(pk=study.pk).update(coordinators_may_rate=True)
    told = client.post(at(study, path), {"also_rates": True}).json()
    assert (told["also_rates"], told["ratings"]["total"]) == (True, 2)
    assert fields(client.post(at(study, path), {"also_rates": "yes"})) == {"/also_rates"}


def test_a_member_of_another_study_is_not_there(token_client, owner, study):
    other = add_rater(running_study(1))
    client = token_client(owner)
    assert is_problem(client.get(at(study, f"members/{other.pk}/")), 404, "not-found")
    for act in ("withdraw/", "replace/", "invitation/", "also-rates/"):
        body = {
            "withdraw/": {"reason": "x"},
            "replace/": {"reason": "x", "username": "x"},
            "also-rates/": {"also_rates": True},
        }.get(act)
        response = client.post(at(study, f"members/{other.pk}/{act}"), body)
        assert is_problem(response, 404, "not-found"), act
    other.refresh_from_db()
    assert other.withdrawn_at is None


# The panel


def test_the_panel_is_chosen_by_labels_and_without_names(token_client, owner, study):
    client = token_client(owner)
    before = client.get(at(study, "panel/"))
    assert before.json()["choice"] is None
    assert [(row["rater"], row["in_panel"]) for row in before.json()["raters"]] == [
        (1, True),
        (2, True),
    ]
    assert "ada" not in before.content.decode()
    told = client.post(at(study, "panel/"), {"raters": [2], "reason": "R1 saw scores."}).json()
    assert [(row["rater"], row["in_panel"]) for row in told["raters"]] == [(1, False), (2, True)]
    assert told["choice"]["reason"] == "R1 saw scores."
    assert told["choice"]["after_results_seen"] is False
    assert [rater.user.username for rater in current_panel(study)[0]] == ["ada"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"raters": [], "reason": "x"}, "/raters"),
        ({"raters": [3], "reason": "x"}, "/raters"),
        ({"raters": ["1"], "reason": "x"}, "/raters"),
        ({"raters": [1]}, "/reason"),
    ],
)
def test_a_wrong_panel_names_the_field(token_client, owner, study, body, field):
    response = token_client(owner).post(at(study, "panel/"), body)
    assert is_problem(response, 422, "invalid")
    assert all(found.startswith(field) for found in fields(response))
    assert not study.panels.exists()


def test_before_the_start_there_is_no_panel_to_choose(token_client, owner):
    draft = make_study(coordinator=owner)
    response = token_client(owner).post(at(draft, "panel/"), {"raters": [1], "reason": "x"})
    assert is_problem(response, 409, "refused")
