import pytest

from sts_qa.audit.models import Event
from sts_qa.studies.actions import close_study, unseal_results
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


def test_it_says_what_every_table_will_say(client, running):
    Membership.objects.filter(user=running.rater).update(rated_count=5)
    client.force_login(running.coordinator)
    text = text_of(client.get(running.address("unseal_results")))
    assert "from 5 of 13 ratings on" in text
    assert running.refresh().is_sealed


def test_it_unseals_with_its_reason_on_record(client, running):
    client.force_login(running.coordinator)
    answer = client.post(running.address("unseal_results"), {"reason": "Interim look"})
    assert answer["Location"] == running.address("show_study")
    assert not running.refresh().is_sealed
    event = Event.objects.get(action="results.unsealed")
    noted = event.details.pop("note_sha256")
    counts = {"ratings": 0, "due": 13, "program_ratings": 0, "program_due": 0}
    assert (event.details, event.note) == (counts, "Interim look")
    assert noted


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_needs_a_reason(client, running, reason):
    client.force_login(running.coordinator)
    answer = client.post(running.address("unseal_results"), {"reason": reason})
    assert answer.status_code == 422
    assert "reason" in answer.context["form"].errors
    assert running.refresh().is_sealed


def test_open_results_are_not_unsealed_again(client, running):
    close_study(study=running.study, acting_user=running.coordinator)
    client.force_login(running.coordinator)
    client.post(running.address("unseal_results"), {"reason": "Again"})
    assert not Event.objects.filter(action="results.unsealed").exists()


def test_only_coordinators_of_the_study_may(running, check_access):
    check_access(running, running.address("unseal_results"), observer=403)
    check_access(running, running.address("unseal_results"), method="post", observer=403)
    assert running.refresh().is_sealed


def test_before_the_start_there_is_nothing_to_unseal(client, drawn):
    client.force_login(drawn.coordinator)
    for answer in (
        client.get(drawn.address("unseal_results")),
        client.post(drawn.address("unseal_results"), {"reason": "Curious"}),
    ):
        assert answer["Location"] == drawn.address("show_study")
    assert "was not started" in text_of(client.get(drawn.address("show_study")))
    with pytest.raises(StudyError, match="not started"):
        unseal_results(study=drawn.study, reason="Curious", acting_user=drawn.coordinator)
    assert drawn.refresh().is_sealed
    assert not Event.objects.filter(action="results.unsealed").exists()
