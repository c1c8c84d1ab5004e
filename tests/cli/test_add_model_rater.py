from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sts_qa.audit.models import Event
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return make_study(name="Teeth", coordinator=make_user("wei", coordinator=True))


def run(*arguments: str, study: str = "Teeth", user: str = "wei") -> str:
    output = StringIO()
    call_command("add_model_rater", *arguments, "--study", study, "--as", user, stdout=output)
    return output.getvalue()


def test_it_lets_the_program_rate(study):
    output = run("ToothNet", "1.2")
    program = study.memberships.get(model_name="ToothNet", model_version="1.2")
    assert output == f"ToothNet 1.2 (program) takes part in “Teeth” as member {program.pk}.\n"
    event = Event.objects.get(action="program.added")
    assert event.actor == str(study.created_by.opaque_id)


def test_a_superuser_needs_no_role(study):
    make_user("root", is_superuser=True)
    run("ToothNet", "1.2", user="root")
    assert study.memberships.filter(model_name="ToothNet").exists()


@pytest.mark.parametrize("role", ["observer", "rater", ""])
def test_only_a_coordinator_of_the_study_may(study, role):
    person = make_user("other", coordinator=True)
    if role:
        make_membership(study, person, role=role)
    with pytest.raises(CommandError, match="other does not coordinate"):
        run("ToothNet", "1.2", user="other")
    assert not study.memberships.exclude(model_name="").exists()


def test_a_superuser_who_rates_in_the_study_has_the_raters_rights(study):
    make_membership(study, make_user("root", is_superuser=True))
    with pytest.raises(CommandError, match="does not coordinate"):
        run("ToothNet", "1.2", user="root")


def test_what_is_wrong_is_named(study):
    run("ToothNet", "1.2")
    with pytest.raises(CommandError, match="takes or took part"):
        run("ToothNet", "1.2")
    with pytest.raises(CommandError, match="needs a name and a version"):
        run("ToothNet", " ")
    with pytest.raises(CommandError, match="Nothing here"):
        run("ToothNet", "1.3", study="Nothing here")
