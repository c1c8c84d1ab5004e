"""`manage.py create_token`: a program's token, made without a page."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sts_qa.api.models import Token
from sts_qa.audit.models import Event
from sts_qa.studies.actions import create_model_rater
from sts_qa.studies.models import Membership, Study
from tests.factories import make_dataset, make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make_study(
        name="Teeth", coordinator=make_user("wei", coordinator=True), state=Study.State.RUNNING
    )


@pytest.fixture
def program(study):
    return create_model_rater(
        study=study, name="ToothNet", version="1.2", acting_user=study.created_by
    )


def run(member: int, *arguments: str, user: str = "wei", study: str = "Teeth") -> tuple[str, str]:
    """Return what goes to standard output and to standard error."""
    out, told = StringIO(), StringIO()
    options = ["--study", study, "--name", "Workstation 2", "--as", user, *arguments]
    call_command("create_token", str(member), *options, stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


def test_the_secret_alone_is_printed_and_the_program_logs_in_with_it(client, study, program):
    printed, told = run(program.pk)
    secret = printed.removesuffix("\n")
    assert len(secret) > 30
    assert secret.split() == [secret]
    assert "ToothNet 1.2 (program)" in told
    assert secret not in told
    bearer = {"authorization": f"Bearer {secret}"}
    queue = client.get(f"/api/v1/studies/{study.public_id}/queue/", headers=bearer)
    assert queue.status_code == 200
    # Nothing but rating in this study
    assert client.post("/api/v1/studies/", {}, headers=bearer).status_code == 403
    other = make_study(name="Other", state=Study.State.RUNNING)
    elsewhere = client.get(f"/api/v1/studies/{other.public_id}/queue/", headers=bearer)
    assert elsewhere.status_code == 404


def test_it_is_the_program_s_for_this_study_and_on_record(study, program):
    secret, _told = run(program.pk, "--days", "7")
    (token,) = Token.objects.all()
    assert (token.user, token.study, token.created_by) == (program.user, study, study.created_by)
    assert (token.name, token.scopes) == ("Workstation 2", ["read", "rate"])
    left = token.expires_at - timezone.now()
    assert 6.99 < left.total_seconds() / 86_400 <= 7
    event = Event.objects.get(action="token.created")
    assert (event.actor, event.chain.name) == (
        str(study.created_by.opaque_id),
        f"study:{study.pk}",
    )
    assert secret.strip() not in f"{event.details}{vars(token)}"


def test_each_call_makes_another_one(program):
    assert run(program.pk)[0] != run(program.pk)[0]
    assert Token.objects.count() == 2


@pytest.mark.parametrize("role", ["observer", "rater", ""])
def test_only_a_coordinator_of_the_study_may(study, program, role):
    person = make_user("other", coordinator=True)
    if role:
        make_membership(study, person, role=role)
    with pytest.raises(CommandError, match="other does not coordinate"):
        run(program.pk, user="other")
    assert not Token.objects.exists()


def test_a_superuser_without_a_role_is_refused_as_on_the_page(program):
    make_user("root", is_superuser=True)
    with pytest.raises(CommandError, match="by its study's coordinator"):
        run(program.pk, user="root")
    assert not Token.objects.exists()


def test_nobody_gets_a_token_of_a_person(study, program):
    person = make_membership(study)
    own = Membership.objects.get(study=study, user=study.created_by)
    for member in (person, own):
        with pytest.raises(CommandError, match=f"Member {member.pk} of “Teeth” is no program"):
            run(member.pk)
    assert not Token.objects.exists()


def test_a_program_of_another_study_is_not_reached(study, program):
    other = make_study(
        name="Other", coordinator=study.created_by, dataset=make_dataset(owner=study.created_by)
    )
    elsewhere = create_model_rater(
        study=other, name="ToothNet", version="1.2", acting_user=study.created_by
    )
    with pytest.raises(CommandError, match="is no program"):
        run(elsewhere.pk)


def test_a_withdrawn_program_gets_none(program):
    Membership.objects.filter(pk=program.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(CommandError, match="takes no part"):
        run(program.pk)


@pytest.mark.parametrize("days", ["0", "366", "-1", "two", "1.5", "9" * 30])
def test_an_end_that_cannot_be_is_refused_in_plain_words(program, days):
    with pytest.raises(CommandError, match=f"{days} is no whole number from 1 to 365"):
        run(program.pk, f"--days={days}")
    assert not Token.objects.exists()


def test_a_name_that_cannot_be_shown_is_refused(program):
    with pytest.raises(CommandError, match="needs a name"):
        run(program.pk, "--name", " ")
