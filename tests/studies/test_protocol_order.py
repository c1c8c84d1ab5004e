"""No study starts with a protocol that shows the mask before the image is judged."""

import pytest
from django.urls import reverse

from sts_qa.jobs.running import run_job
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.studies.actions import (
    add_member,
    create_study,
    pause_study,
    resume_study,
    start_study,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Study
from tests.factories import make_user
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db
TOLD = (
    "The image criterion “contrast” comes after an annotation criterion, which shows the mask. "
    "Move it up, before all annotation criteria. Make a new version of the protocol in this order "
    "and plan the study with it."
)


def turn_round(version: ProtocolVersion) -> None:
    """Store the version as it could be before the order was checked."""
    criteria = list(version.criteria.order_by("-position"))
    assert [criterion.scope for criterion in criteria] == ["annotation", "image"]
    for position, criterion in enumerate(criteria):
        criterion.position = position
        criterion.save()
    version.content["criteria"].reverse()
    version.save()


def test_a_study_does_not_start_with_it(client, drawn):
    turn_round(drawn.study.protocol_version)
    with pytest.raises(StudyError) as refused:
        start_study(study=drawn.study, acting_user=drawn.coordinator)
    assert str(refused.value) == TOLD
    client.force_login(drawn.coordinator)
    page = client.get(drawn.address("show_study"))
    assert TOLD in text_of(page)
    assert "disabled>Start the study" in page.content.decode()
    assert drawn.refresh().state == Study.State.DRAFT


def test_no_study_is_made_with_it(people):
    version = people.study.protocol_version
    turn_round(version)
    with pytest.raises(StudyError, match="contrast"):
        create_study(
            name="Another",
            dataset=people.study.dataset,
            protocol_version=version,
            acting_user=people.coordinator,
        )
    assert not Study.objects.filter(name="Another").exists()


def test_a_running_study_goes_on(client, running):
    turn_round(running.study.protocol_version)
    pause_study(study=running.study, acting_user=running.coordinator)
    resume_study(study=running.study, acting_user=running.coordinator)
    newcomer = make_user()
    add_member(study=running.study, user=newcomer, acting_user=running.coordinator)
    assert running.membership(newcomer).assignments.exists()
    client.force_login(newcomer)
    page = client.get(reverse("rating:rate_study", args=[running.study.public_id]))
    assert page.status_code == 200


def test_in_order_it_starts(drawn):
    run_job(start_study(study=drawn.study, acting_user=drawn.coordinator))
    assert drawn.refresh().state == Study.State.RUNNING
