"""No rater gets a protocol whose texts lack the rater's language."""

from copy import deepcopy

import pytest
from django.urls import reverse

from sts_qa.accounts.models import User
from sts_qa.jobs.running import run_job
from sts_qa.protocols.content import built_in_content
from sts_qa.protocols.missing_texts import missing_texts
from sts_qa.rating.queries.clarifications import required_languages
from sts_qa.studies.actions import (
    add_member,
    create_account,
    create_invitation,
    replace_rater,
    set_also_rates,
    start_study,
    withdraw_member,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.languages import languages_of, missing_languages
from tests.factories import PASSWORD, make_membership, make_study, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db
SWITCH = reverse("accounts:set_language")


def let_read(user: User, language: str) -> None:
    User.objects.filter(pk=user.pk).update(language=language)


def test_the_languages_are_those_of_who_rates_now():
    study = make_study()
    assert languages_of(study) == []
    make_membership(study, make_user(language="zh-hans"), role=Membership.Role.OBSERVER)
    make_membership(study, make_user(language="zh-hans"), withdrawn_at="2026-01-01T00:00Z")
    assert languages_of(study) == []
    make_membership(study, make_user())
    assert languages_of(study) == ["en"]
    also = make_user(language="zh-hans")
    make_membership(study, also, role=Membership.Role.COORDINATOR, also_rates=True)
    assert languages_of(study) == ["en", "zh-hans"]


def test_a_protocol_with_both_languages_lacks_nothing():
    content = built_in_content("iqsc-then-sts-evaluation")
    assert missing_texts(content, "en") == missing_texts(content, "zh-hans") == []


def test_every_single_text_of_a_criterion_is_missed():
    """Each localized text in turn is taken out of one criterion, and is named."""
    sts, iqsc = built_in_content("sts-evaluation"), built_in_content("iqsc")
    cases = [
        (sts, lambda c: c["title"], "title"),
        (sts, lambda c: c["question"], "question"),
        (sts, lambda c: c["ends"]["maximum"], "names of both ends"),
        (sts, lambda c: c["bands"][2]["label"], "band labels"),
        (sts, lambda c: c["guidance"]["slice"]["text"], "guidance"),
        (iqsc, lambda c: c["levels"][1]["label"], "levels"),
        (iqsc, lambda c: c["levels"][1]["text"], "levels"),
        (iqsc, lambda c: c["required_structures"]["names"], "required structures"),
    ]
    for content, text, part in cases:
        damaged = deepcopy(content)
        del text(damaged["criteria"][0])["zh-hans"]
        name = content["criteria"][0]["title"]["en"]
        assert missing_texts(damaged, "zh-hans") == [f"{name} ({part})"]
        assert missing_texts(damaged, "en") == []


def test_a_question_that_the_protocol_does_without_is_not_missing(people):
    assert missing_texts(people.study.protocol_version.content, "en") == []


def test_a_study_does_not_start_while_a_rater_could_not_read_it(client, drawn):
    let_read(drawn.rater, "zh-hans")
    assert [language for language, _ in missing_languages(drawn.study)] == ["zh-hans"]
    with pytest.raises(StudyError) as refused:
        start_study(study=drawn.study, acting_user=drawn.coordinator)
    text = str(refused.value)
    assert "中文" in text
    assert "Contrast (title, names of both ends)" in text
    assert "Pixel accuracy (title, names of both ends)" in text
    client.force_login(drawn.coordinator)
    page = client.get(drawn.address("show_study"))
    assert "中文" in text_of(page)
    assert "disabled>Start the study" in page.content.decode()
    let_read(drawn.rater, "en")
    run_job(start_study(study=drawn.study, acting_user=drawn.coordinator))
    assert drawn.refresh().state == Study.State.RUNNING


def test_a_rater_who_switched_between_pressing_start_and_the_start_is_noticed(drawn):
    job = start_study(study=drawn.study, acting_user=drawn.coordinator)
    let_read(drawn.rater, "zh-hans")
    job = run_job(job)
    assert "Contrast" in job.error
    assert drawn.refresh().state == Study.State.DRAFT


def test_who_is_withdrawn_holds_nothing_up(drawn):
    let_read(drawn.withdrawn, "zh-hans")
    run_job(start_study(study=drawn.study, acting_user=drawn.coordinator))
    assert drawn.refresh().state == Study.State.RUNNING


@pytest.mark.parametrize("way", ["add", "replace", "also_rates"])
def test_nobody_joins_a_running_study_that_the_person_could_not_read(running, way):
    coordinator = running.coordinator
    Study.objects.filter(pk=running.study.pk).update(coordinators_may_rate=True)
    reader = make_user(language="zh-hans")

    def join():
        if way == "add":
            return add_member(study=running.study, user=reader, acting_user=coordinator)
        if way == "replace":
            rater = running.membership(running.rater)
            return replace_rater(
                membership=rater, user=reader, reason="Illness", acting_user=coordinator
            )
        role = Membership.Role.COORDINATOR
        member = add_member(study=running.study, user=reader, role=role, acting_user=coordinator)
        return set_also_rates(membership=member, also_rates=True, acting_user=coordinator)

    with pytest.raises(StudyError, match=r"中文.*Contrast"):
        join()
    assert not running.study.memberships.filter(user=reader, assigned_count__gt=0).exists()
    assert running.membership(running.rater).is_active


def test_observers_need_no_protocol(running):
    reader = make_user(language="zh-hans")
    add_member(study=running.study, user=reader, role="observer", acting_user=running.coordinator)
    assert running.membership(reader).is_active


@pytest.fixture
def invited(people):
    user = create_account(username="wei", language="zh-hans", acting_user=people.coordinator)
    return add_member(study=people.study, user=user, acting_user=people.coordinator)


@pytest.fixture
def link(people, invited):
    secret = create_invitation(membership=invited, acting_user=people.coordinator)
    return reverse("studies:use_invitation", args=[secret])


def language_of(response) -> str:
    return response.headers["Content-Language"]


def set_password(client, link):
    password = "violet harbour 42"
    return client.post(link, {"new_password1": password, "new_password2": password})


def test_an_invitation_opens_in_its_own_language_and_so_does_what_follows(client, link):
    client.cookies["django_language"] = "en"
    page = client.get(link)
    assert language_of(page) == "zh-hans"
    assert '<html lang="zh-hans"' in page.content.decode()
    assert set_password(client, link).status_code == 302
    assert language_of(client.get("/studies/")) == "zh-hans"


def test_a_withdrawn_invitation_speaks_it_too(client, people, invited, link):
    withdraw_member(membership=invited, reason="Moved", acting_user=people.coordinator)
    assert language_of(client.get(link)) == "zh-hans"


def test_who_switches_on_the_invitation_keeps_that_language(client, link):
    assert client.post(SWITCH, {"language": "en", "next": link}).url == link
    assert language_of(client.get(link)) == "en"
    set_password(client, link)
    assert User.objects.get(username="wei").language == "en"
    assert language_of(client.get("/studies/")) == "en"


@pytest.mark.parametrize("page", ["invitation", "log-in"])
def test_what_a_rater_without_a_language_is_spoken_to_in_is_counted(client, people, page):
    chinese = {"Accept-Language": "zh-CN,zh"}
    if page == "invitation":
        user = create_account(username="lan", acting_user=people.coordinator)
        member = add_member(study=people.study, user=user, acting_user=people.coordinator)
        secret = create_invitation(membership=member, acting_user=people.coordinator)
        address = reverse("studies:use_invitation", args=[secret])
        fields = dict.fromkeys(("new_password1", "new_password2"), "violet harbour 42")
    else:
        user = make_user("lan")
        add_member(study=people.study, user=user, acting_user=people.coordinator)
        address = reverse("accounts:log_in")
        fields = {"username": "lan", "password": PASSWORD}
    assert languages_of(people.study) == required_languages(people.study) == ["en"]
    assert language_of(client.get(address, headers=chinese)) == "zh-hans"
    assert client.post(address, fields, headers=chinese).status_code == 302
    assert language_of(client.get("/studies/", headers={"Accept-Language": "en"})) == "zh-hans"
    assert languages_of(people.study) == required_languages(people.study) == ["en", "zh-hans"]
    assert [language for language, _ in missing_languages(people.study)] == ["zh-hans"]


def test_who_switches_while_a_study_runs_goes_on_and_is_counted(client, running):
    client.force_login(running.rater)
    client.post(SWITCH, {"language": "zh-hans"})
    page = client.get(reverse("rating:rate_study", args=[running.study.public_id]))
    assert (page.status_code, language_of(page)) == (200, "zh-hans")
    assert required_languages(running.study) == ["zh-hans"]
    assert running.refresh().state == Study.State.RUNNING


def test_the_members_page_makes_accounts_in_a_language_and_shows_it(client, people):
    client.force_login(people.coordinator)
    address = people.address("manage_members")
    new = {"account": "new", "role": "rater", "username": "lan", "language": "zh-hans"}
    assert client.post(address, new).status_code == 200
    assert User.objects.get(username="lan").language == "zh-hans"
    page = client.get(address).content.decode()
    assert '<span lang="zh-hans">中文</span>' in page
    assert "English, not chosen" in page


def test_an_account_that_exists_keeps_its_language(client, people):
    client.force_login(people.coordinator)
    make_user("mei", language="zh-hans")
    data = {"account": "existing", "role": "rater", "username": "mei", "language": "en"}
    client.post(people.address("manage_members"), data)
    assert User.objects.get(username="mei").language == "zh-hans"


def test_the_language_of_the_page_is_proposed(client, people):
    client.force_login(people.coordinator)
    form = client.get(people.address("manage_members")).context["form"]
    assert form["language"].value() == "en"
    let_read(people.coordinator, "zh-hans")
    form = client.get(people.address("manage_members")).context["form"]
    assert form["language"].value() == "zh-hans"
