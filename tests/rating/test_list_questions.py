import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.catalogue.models import DatasetMember
from sts_qa.rating.models import Acknowledgement
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_clarification,
    add_question,
    add_rater,
    in_order,
    log_in,
    running_study,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=2)


def _page(client, study):
    answer = client.get(reverse("rating:list_questions", args=[study.public_id]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_coordinators_see_who_asked_what_about_which_item_without_a_name(coordinator_client, study):
    rater = add_rater(study, "dr-wang", pseudonym=4)
    first = in_order(rater)[0]
    question = add_question(first, "Is <b>this</b> noise?\nOr grain?")
    page = _page(coordinator_client, study)
    assert "Is &lt;b&gt;this&lt;/b&gt; noise?<br>Or grain?" in page
    assert "R4" in page
    assert "dr-wang" not in page
    item = first.sampled_item.item_version.item
    address = reverse("catalogue:show_item", args=[study.dataset_id, item.pk])
    assert f'<a href="{address}">A-PXI/000.png</a>' in page
    publish = reverse("rating:publish_clarification", args=[study.public_id])
    assert f'{publish}?question={question.public_id}"' in page
    assert reverse("rating:close_question", args=[study.public_id, question.public_id]) in page


def test_who_may_not_open_the_dataset_gets_no_link_into_it(coordinator_client, study):
    question = add_question(in_order(add_rater(study))[0])
    DatasetMember.objects.filter(dataset=study.dataset_id).delete()
    page = _page(coordinator_client, study)
    item = question.assignment.sampled_item.item_version.item
    assert "A-PXI/000.png" in page
    assert reverse("catalogue:show_item", args=[study.dataset_id, item.pk]) not in page


def test_a_slice_is_named_from_one(coordinator_client, study):
    unit = study.sample.get(number=1)
    unit.slice_index = 6
    unit.save()
    add_question(in_order(add_rater(study))[0])
    assert "slice 7" in _page(coordinator_client, study)


def test_answered_and_settled_questions_say_what_became_of_them(coordinator_client, study):
    first, second = in_order(add_rater(study))
    clarification = add_clarification(study, 3)
    add_question(first, "One?", clarification=clarification)
    add_question(second, "Two?", closed_at=timezone.now(), closing_note="asked twice")
    page = _page(coordinator_client, study)
    assert "No open questions" in page
    assert "Clarification 3" in page
    assert "asked twice" in page
    assert "?question=" not in page


def test_clarifications_are_listed_with_what_was_rated_and_who_has_read_them(
    coordinator_client, study
):
    raters = [add_rater(study) for _ in range(4)]
    first = add_clarification(study, 1, {"en": "Grain\nis noise.", "zh-hans": "噪声。"}, 37)
    for rater in raters[:3]:
        Acknowledgement.objects.create(clarification=first, membership=rater)
    raters[0].withdrawn_at = timezone.now()
    raters[0].save()
    page = _page(coordinator_client, study)
    assert '<p lang="en">Grain<br>is noise.</p>' in page
    assert '<p lang="zh-hans">噪声。</p>' in page
    assert '<td class="num">37</td>' in page
    # The one who was withdrawn counts on neither side
    assert '<td class="num">2 of 3</td>' in page


def test_the_tab_counts_open_questions_only(coordinator_client, study):
    address = reverse("rating:list_problems", args=[study.public_id])
    assert ">Questions<" in coordinator_client.get(address).content.decode()
    first, second = in_order(add_rater(study))
    add_question(first)
    add_question(second)
    add_question(first, key="k2", closed_at=timezone.now(), closing_note="no")
    add_question(in_order(add_rater(running_study(items=1)))[0])
    assert ">Questions (2)<" in coordinator_client.get(address).content.decode()


def test_nothing_of_the_scores_is_on_the_page(client, study):
    rater = add_rater(study)
    first = in_order(rater)[0]
    submit(log_in(client, rater), first, comment="very faint")
    add_question(first)
    log_in(client, study.memberships.get(role="coordinator"))
    page = _page(client, study)
    assert "very faint" not in page
    assert ">17<" not in page


@pytest.mark.parametrize("state", [Study.State.CLOSED, Study.State.DRAFT])
def test_nothing_can_be_written_outside_a_running_study(coordinator_client, study, state):
    add_question(in_order(add_rater(study))[0])
    Study.objects.filter(pk=study.pk).update(state=state)
    page = _page(coordinator_client, study)
    assert reverse("rating:publish_clarification", args=[study.public_id]) not in page


def test_access(client, study):
    address = reverse("rating:list_questions", args=[study.public_id])
    assert client.get(address).status_code == 302
    other = running_study(items=1).memberships.get(role="coordinator")
    assert log_in(client, other).get(address).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, add_rater(study)):
        assert log_in(client, membership).get(address).status_code == 403
    log_in(client, study.memberships.get(role="coordinator"))
    assert client.post(address).status_code == 405
