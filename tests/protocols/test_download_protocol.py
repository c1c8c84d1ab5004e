from __future__ import annotations

import json

import pytest

from sts_qa.audit.models import Event
from sts_qa.protocols import actions

ADDRESS = "/protocols/sts-evaluation/1/download/"


def test_the_file_is_the_protocol_and_can_be_uploaded_again(as_coordinator, own, coordinator):
    answer = as_coordinator.get("/protocols/own/1/download/")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="own-version-1.json"'
    content = json.loads(answer.content)
    assert content == own.content
    assert actions.save_protocol(content=content, acting_user=coordinator).pk == own.pk


def test_texts_stay_readable_in_the_file(as_coordinator):
    assert "不清晰" in as_coordinator.get(ADDRESS).content.decode("utf-8")


def test_the_export_is_recorded(as_coordinator, coordinator):
    as_coordinator.get(ADDRESS)
    event = Event.objects.get(action="protocol.exported")
    assert event.actor == str(coordinator.opaque_id)


def test_an_unknown_version_is_404(as_coordinator):
    assert as_coordinator.get("/protocols/sts-evaluation/2/download/").status_code == 404


def test_people_without_permission_are_refused(as_rater):
    assert as_rater.get(ADDRESS).status_code == 403


@pytest.mark.django_db
def test_who_is_not_logged_in_is_sent_to_log_in(client):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.url) == (302, f"/account/log-in/?next={ADDRESS}")
