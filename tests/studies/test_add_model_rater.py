"""Raters that are programs: adding them, and where they must not pass for experts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.jobs.running import run_job
from sts_qa.studies.actions import (
    add_member,
    choose_panel,
    close_study,
    create_invitation,
    create_model_rater,
    create_study,
    draw_sample,
    replace_rater,
    start_study,
    withdraw_member,
)
from sts_qa.studies.actions.life_cycle import program_rating_counts, rating_counts
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.languages import languages_of
from sts_qa.studies.queries.panel import current_panel
from tests.factories import PASSWORD, make_protocol_version, make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


def make_program(people, name="ToothNet", version="1.2") -> Membership:
    return create_model_rater(
        study=people.study, name=name, version=version, acting_user=people.coordinator
    )


@pytest.fixture
def add(client, people):
    client.force_login(people.coordinator)

    def post(name="ToothNet", version="1.2"):
        data = {"program-name": name, "program-version": version}
        return client.post(people.address("add_model_rater"), data, follow=True)

    return post


def started(dataset, coordinator, *, people=0, programs=1, **plan) -> Study:
    """A running study of 13 items with so many people and programs."""
    study = create_study(
        name="Study",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        fraction=Decimal("0.5"),
        practice_items=2,
        **plan,
    )
    for number in range(programs):
        create_model_rater(study=study, name="Net", version=str(number), acting_user=coordinator)
    for number in range(people):
        add_member(study=study, user=make_user(f"expert{number}"), acting_user=coordinator)
    study = draw_sample(study=study, acting_user=coordinator)
    job = run_job(start_study(study=study, acting_user=coordinator))
    assert job.state == "done", job.error
    return Study.objects.get(pk=study.pk)


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.DATA_FOLDER.mkdir(exist_ok=True)


def test_a_program_takes_part_under_its_name_and_version(add, people):
    answer = add(" ToothNet ", "1.2")
    program = people.study.memberships.get(model_name="ToothNet", model_version="1.2")
    assert (program.role, program.is_program, program.is_expert) == ("rater", True, False)
    assert "ToothNet 1.2 (program)" in text_of(answer)
    assert program.user.username not in text_of(answer)


def test_nobody_logs_in_as_a_program_or_is_invited_for_it(people, client):
    program = make_program(people)
    assert not program.user.has_usable_password()
    for password in ("", PASSWORD, program.user.password):
        assert authenticate(username=program.user.username, password=password) is None
    with pytest.raises(StudyError, match="logs in as a program"):
        create_invitation(membership=program, acting_user=people.coordinator)
    client.force_login(people.coordinator)
    page = client.get(people.address("manage_members")).content.decode()
    assert people.address("invite_member", program.pk) not in page
    assert people.address("replace_rater", program.pk) not in page
    assert people.address("withdraw_member", program.pk) in page


def test_a_programs_account_is_given_to_no_person(people, client):
    """As an observer it could be invited, and the password would open the program's account."""
    program = make_program(people)
    with pytest.raises(StudyError, match="belongs to a program"):
        add_member(
            study=Study.objects.exclude(pk=people.study.pk).get(),
            user=program.user,
            role="observer",
            acting_user=people.stranger,
        )


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [
        ("", "1", "required"),
        ("Net", "", "required"),
        ("Net", "  ", "required"),
        ("N" * 61, "1", "at most 60"),
        ("Taken", "1", "takes or took part in this study already"),
    ],
)
def test_an_error_stands_in_the_form_and_nothing_is_made(add, people, name, version, reason):
    make_program(people, "Taken", "1")
    before = people.study.memberships.count()
    answer = add(name, version)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert people.study.memberships.count() == before


def test_a_name_is_one_line_of_text(people):
    with pytest.raises(StudyError, match="one line of text"):
        make_program(people, "Tooth\x00Net")


def test_another_version_is_another_rater(people):
    make_program(people)
    assert make_program(people, version="1.3").user.username
    assert people.study.memberships.exclude(model_name="").count() == 2


def test_the_act_is_in_the_studys_unbroken_log(people):
    make_program(people)
    chain = Chain.objects.get(name=f"study:{people.study.pk}")
    event = Event.objects.filter(chain=chain).last()
    assert event.action == "program.added"
    assert event.details["model"] == {"name": "ToothNet", "version": "1.2"}
    assert event.actor == str(people.coordinator.opaque_id)
    assert list(broken_links(chain)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"model_name": "Net"},
        {"model_version": "1"},
        {"model_name": "Net", "model_version": "1", "role": "observer"},
    ],
)
def test_the_database_refuses_half_a_program(people, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            study=people.study, user=make_user(), **{"role": "rater"} | fields
        )


def test_nobody_joins_a_closed_study(running, client):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    data = {"program-name": "Net", "program-version": "1"}
    answer = client.post(running.address("add_model_rater"), data)
    assert answer.status_code == 422
    assert not running.study.memberships.exclude(model_name="").exists()


def test_a_program_that_joins_a_running_study_rates_all_of_it_even_where_people_share(running):
    Study.objects.filter(pk=running.study.pk).update(raters_per_item=1)
    program = make_program(running)
    assert program.assigned_count == 13
    assert program.pseudonym == 2


def test_a_study_of_programs_alone_can_start_and_each_has_an_own_order(dataset, coordinator):
    study = started(dataset, coordinator, programs=2)
    first, second = study.memberships.exclude(model_name="").order_by("pk")
    orders = [
        list(
            program.assignments.filter(kind="main")
            .order_by("position")
            .values_list("sampled_item", flat=True)
        )
        for program in (first, second)
    ]
    assert len(orders[0]) == 13
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert first.order_seed != second.order_seed


def test_programs_are_numbered_after_people(dataset, coordinator):
    study = started(dataset, coordinator, people=3, programs=2)
    members = study.memberships.filter(role="rater")
    assert sorted(m.pseudonym for m in members if m.is_expert) == [1, 2, 3]
    assert sorted(m.pseudonym for m in members if m.is_program) == [4, 5]


def test_a_program_stands_for_none_of_the_raters_of_an_item(dataset, coordinator):
    study = started(dataset, coordinator, people=2, programs=1, raters_per_item=1)
    people = study.memberships.filter(role="rater", model_name="")
    assert sum(m.assigned_count for m in people) == 13
    assert study.memberships.get(model_name="Net").assigned_count == 13
    for unit in study.sample.filter(kind="main"):
        assert unit.assignments.filter(kind="main", membership__model_name="").count() == 1


def test_programs_do_not_make_up_for_people_who_are_missing(dataset, coordinator):
    study = create_study(
        name="Study",
        dataset=dataset,
        protocol_version=make_protocol_version(),
        acting_user=coordinator,
        raters_per_item=2,
    )
    create_model_rater(study=study, name="Net", version="1", acting_user=coordinator)
    add_member(study=study, user=make_user(), acting_user=coordinator)
    study = draw_sample(study=study, acting_user=coordinator)
    with pytest.raises(StudyError, match="needs 2 raters, but the study has 1"):
        start_study(study=study, acting_user=coordinator)


def test_its_language_concerns_nobody(people):
    before = languages_of(people.study)
    program = make_program(people)
    program.user.language = "zh-hans"
    program.user.save()
    assert languages_of(people.study) == before


def test_the_panel_has_no_program_and_takes_none(running, client):
    program = make_program(running)
    panel, _choice = current_panel(running.study)
    assert [m.user for m in panel] == [running.rater]
    with pytest.raises(StudyError, match="raters"):
        choose_panel(
            study=running.study,
            memberships=[*panel, program],
            reason="All",
            acting_user=running.coordinator,
        )
    client.force_login(running.coordinator)
    page = text_of(client.get(running.address("choose_panel")))
    assert "R2" not in page
    assert "Programs are no part of it" in page
    data = {"memberships": [program.pk], "reason": "Mine"}
    assert client.post(running.address("choose_panel"), data).status_code == 422


def test_whether_a_study_is_complete_is_a_matter_of_people(running, client):
    program = make_program(running)
    Membership.objects.filter(user=running.rater).update(rated_count=13)
    Membership.objects.filter(pk=program.pk).update(rated_count=4)
    assert rating_counts(running.study) == (13, 13)
    assert program_rating_counts(running.study) == (4, 13)
    client.force_login(running.coordinator)
    page = text_of(client.get(running.address("close_study")))
    assert "All ratings are there" in page
    assert "ToothNet 1.2 (program) 4 13" in page
    assert "Programs have given 4 of 13 ratings. Tables with ratings of programs will say" in page
    Membership.objects.filter(pk=program.pk).update(rated_count=13)
    page = text_of(client.get(running.address("close_study")))
    assert "Tables with ratings of programs" not in page


def test_unsealing_says_how_many_ratings_programs_have_given(running, client):
    client.force_login(running.coordinator)
    counted = "Tables with ratings of programs count these too: 4 of 13."
    assert "of programs" not in text_of(client.get(running.address("unseal_results")))
    program = make_program(running)
    Membership.objects.filter(pk=program.pk).update(rated_count=4)
    assert counted in text_of(client.get(running.address("unseal_results")))
    client.post(running.address("unseal_results"), {"reason": "Interim look"})
    Membership.objects.filter(pk=program.pk).update(rated_count=9)
    assert counted in text_of(client.get(running.address("show_study")))


def test_closing_a_study_of_programs_says_that_no_expert_rates(dataset, coordinator, client):
    study = started(dataset, coordinator)
    client.force_login(coordinator)
    page = text_of(client.get(reverse("studies:close_study", args=[study.public_id])))
    assert "Only programs rate in this study" in page


def test_nobody_replaces_a_program_but_it_can_be_withdrawn(running, client):
    program = make_program(running)
    with pytest.raises(StudyError, match="program's place"):
        replace_rater(
            membership=program, user=make_user(), reason="Better", acting_user=running.coordinator
        )
    client.force_login(running.coordinator)
    assert client.get(running.address("replace_rater", program.pk)).status_code == 404
    page = text_of(client.get(running.address("withdraw_member", program.pk)))
    assert "The same version cannot be added" in page
    assert "person" not in page
    Study.objects.filter(pk=running.study.pk).update(unsealed_at=timezone.now())
    withdraw_member(membership=program, reason="Faulty", acting_user=running.coordinator)
    # The panel has not changed by that, so none is recorded
    assert not running.study.panels.exists()
    with pytest.raises(StudyError, match="took part"):
        make_program(running)


def test_observers_read_a_programs_name_but_no_persons(running, client):
    make_program(running)
    client.force_login(running.observer)
    page = text_of(client.get(running.address("show_study")))
    assert "R1" in page
    assert "ToothNet 1.2 (program) Takes part" in page


def test_only_coordinators_of_the_study_may(people, check_access):
    check_access(people, people.address("add_model_rater"), method="post", observer=403)


def test_loading_the_page_of_an_error_again_leads_to_the_people(people, client):
    address = people.address("add_model_rater")
    assert "/log-in/" in client.get(address).headers["Location"]
    client.force_login(people.coordinator)
    before = people.study.memberships.count()
    answer = client.get(address, follow=True)
    assert answer.redirect_chain == [(people.address("manage_members"), 302)]
    assert answer.status_code == 200
    assert people.study.memberships.count() == before
    client.force_login(people.stranger)
    assert client.get(address).status_code == 404
