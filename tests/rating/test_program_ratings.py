"""Ratings that a program sends: whose count, and what coordinators see of them."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from sts_qa.rating.actions.clarifications import publish_clarification
from sts_qa.rating.actions.submission import read_submission
from sts_qa.rating.actions.submit import submit_rating
from sts_qa.rating.errors import NoAccess
from sts_qa.rating.models import Rating
from sts_qa.rating.queries.access import may_submit_by_program
from sts_qa.rating.queries.clarifications import (
    active_raters,
    ratings_so_far,
    required_languages,
)
from sts_qa.studies.models import Study
from tests.rating.helpers import (
    add_rater,
    in_order,
    log_in,
    running_study,
    submission,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3)


@pytest.fixture
def person(study):
    return add_rater(study, "anna", pseudonym=1)


@pytest.fixture
def program(study):
    return add_rater(study, pseudonym=2, model_name="ToothNet", model_version="1.2")


def send_by_program(membership, **changes):
    body = submission(active_ms=0, wall_ms=0, waiting_ms=0, viewer_state={}, **changes)
    return submit_rating(
        assignment=in_order(membership)[0],
        submission=read_submission(json.dumps(body).encode()),
        language="en",
        acting_user=membership.user,
        channel=Rating.Channel.API,
    )


@pytest.mark.parametrize("allowed", [False, True])
def test_a_program_that_rates_always_may(study, program, allowed):
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=allowed)
    rating = send_by_program(program).rating
    assert (rating.channel, rating.is_current, rating.is_late) == ("api", True, False)
    program.refresh_from_db()
    assert program.rated_count == 1


def test_a_persons_program_may_only_where_the_study_allows_it(study, person):
    assert not may_submit_by_program(person)
    with pytest.raises(NoAccess) as raised:
        send_by_program(person)
    assert raised.value.problem == "program_ratings"
    assert not Rating.objects.exists()
    Study.objects.filter(pk=study.pk).update(allows_program_ratings=True)
    assert send_by_program(person).rating.channel == "api"


def test_the_page_stays_open_to_people_either_way(client, study, person):
    log_in(client, person)
    assert submit(client, in_order(person)[0]).status_code == 201
    assert Rating.objects.get().channel == "page"


def test_a_late_rating_of_a_program_is_kept_and_marked_as_a_programs(client, study, program):
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert send_by_program(program).rating.late_reason == "study_paused"
    log_in(client, study.memberships.get(role="coordinator"))
    page = client.get(reverse("rating:list_late_ratings", args=[study.public_id]))
    assert "R2 (program)" in page.content.decode()


def test_clarifications_wait_for_people_only(study, person, program):
    person.user.language = "en"
    person.user.save()
    program.user.language = "zh-hans"
    program.user.save()
    assert list(active_raters(study)) == [person]
    assert required_languages(study) == ["en"]
    send_by_program(program)
    assert ratings_so_far(study) == 0
    published = publish_clarification(
        study=study, number=1, texts={"en": "Look at edges."}, acting_user=study.created_by
    )
    assert published.clarification.ratings_before == 0
