from __future__ import annotations

import pytest

from sts_qa.protocols import actions
from tests.factories import make_study

ADDRESS = "/protocols/"


def test_coordinators_see_built_in_and_own_protocols(as_coordinator, own):
    page = as_coordinator.get(ADDRESS).content.decode()
    for title in ("STS evaluation", "Image quality scoring criteria (IQSC)", "Own protocol"):
        assert title in page
    assert page.index("STS evaluation") < page.index("Own protocol")
    assert "English, Simplified Chinese" in page


def test_a_frozen_version_is_marked(as_coordinator, own):
    assert ">Frozen<" not in as_coordinator.get(ADDRESS).content.decode()
    actions.freeze_version(version=own, acting_user=None)
    assert ">Frozen<" in as_coordinator.get(ADDRESS).content.decode()


def test_studies_are_counted_and_not_named(as_coordinator, own):
    make_study(protocol_version=own, name="Secret study")
    answer = as_coordinator.get(ADDRESS)
    (row,) = [row for row in answer.context["rows"] if row["version"].pk == own.pk]
    assert row["version"].study_count == 1
    assert "Secret study" not in answer.content.decode()


def test_the_title_follows_the_language_of_the_page(as_coordinator, own):
    as_coordinator.post("/account/language/", {"language": "zh-hans"})
    assert "自有方案" in as_coordinator.get(ADDRESS).content.decode()


def test_people_without_permission_are_refused(as_rater):
    assert as_rater.get(ADDRESS).status_code == 403


@pytest.mark.django_db
def test_who_is_not_logged_in_is_sent_to_log_in(client):
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.url) == (302, f"/account/log-in/?next={ADDRESS}")


def test_the_page_is_only_read(as_coordinator):
    assert as_coordinator.post(ADDRESS).status_code == 405
