import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.audit.models import Chain, Event
from sts_qa.audit.queries import broken_links
from sts_qa.rating.models import Clarification
from sts_qa.rating.queries.clarifications import clarifications_json
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_user
from tests.rating.helpers import (
    add_clarification,
    add_question,
    add_rater,
    add_repeat,
    in_order,
    log_in,
    running_study,
    submission,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=3, practice=1)


def _address(study):
    return reverse("rating:publish_clarification", args=[study.public_id])


def _form(step="publish", number=1, english="Grain is noise.", chinese="", questions=()):
    return {
        "step": step,
        "number": number,
        "text-en": english,
        "text-zh-hans": chinese,
        "questions": [str(question.public_id) for question in questions],
    }


def _hidden_fields(page):
    """What the buttons of a page send, as a browser reads it."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', page):
        name, value = (re.search(rf'{part}="([^"]*)"', tag) for part in ("name", "value"))
        found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    return found


def test_it_is_written_looked_at_and_published_in_two_steps(coordinator_client, study):
    add_rater(study)
    question = add_question(in_order(add_rater(study))[0], "Is grain noise?")
    page = coordinator_client.get(_address(study), {"question": question.public_id})
    written = page.content.decode()
    assert "cannot change criteria, ranges or bands" in written
    assert re.search(rf'value="{question.public_id}"[^>]*checked', written)
    preview = coordinator_client.post(
        _address(study), _form("preview", "", " One <b>\r\ntwo ", questions=[question])
    )
    assert preview.status_code == 200
    page = preview.content.decode()
    assert "One &lt;b&gt;<br>two" in page
    assert "Clarification 1, as raters will read it" in page
    assert not Clarification.objects.exists()
    answer = coordinator_client.post(_address(study), {**_hidden_fields(page), "step": "publish"})
    assert answer.url == reverse("rating:list_questions", args=[study.public_id])
    published = Clarification.objects.get()
    assert (published.number, published.texts) == (1, {"en": "One <b>\ntwo"})
    assert published.published_by == study.memberships.get(role="coordinator").user
    question.refresh_from_db()
    assert question.clarification == published


def test_a_preview_can_be_changed_and_keeps_what_was_written(coordinator_client, study):
    answer = coordinator_client.post(_address(study), _form("change", english="Half a sentence"))
    assert (answer.status_code, "Half a sentence</textarea>" in answer.content.decode()) == (
        200,
        True,
    )
    assert not Clarification.objects.exists()


def test_publishing_twice_by_a_double_click_publishes_once(coordinator_client, study):
    question = add_question(in_order(add_rater(study))[0])
    form = _form(questions=[question])
    for _click in range(2):
        answer = coordinator_client.post(_address(study), form)
        assert answer.url == reverse("rating:list_questions", args=[study.public_id])
    assert Clarification.objects.count() == 1
    assert Event.objects.filter(action="clarification.published").count() == 1


def test_a_text_written_without_knowing_a_newer_one_is_not_published(coordinator_client, study):
    add_clarification(study, 1, {"en": "Written by a colleague."})
    answer = coordinator_client.post(_address(study), _form(number=1))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "published meanwhile" in page
    assert "Written by a colleague." in page
    assert Clarification.objects.count() == 1
    coordinator_client.post(_address(study), _form(number=2))
    assert Clarification.objects.get(number=2).texts == {"en": "Grain is noise."}
    assert Clarification.objects.get(number=1).texts == {"en": "Written by a colleague."}


@pytest.mark.parametrize("number", ["", "0", "2", "99", "x", "-1"])
def test_only_the_next_number_is_published(coordinator_client, study, number):
    assert coordinator_client.post(_address(study), _form(number=number)).status_code == 422
    assert not Clarification.objects.exists()


def test_ratings_before_counts_current_main_and_repeat_ratings(client):
    study = running_study(items=3, practice=1, repeat_share="0.5", repeat_distance=1)
    raters = [add_rater(study), add_rater(study)]
    practice, first, second, _third = in_order(raters[0])
    repeat = add_repeat(raters[0], first.sampled_item)
    log_in(client, raters[0])
    for assignment in (practice, first, second):
        assert submit(client, assignment).status_code == 201
    again = submission(replaces=str(second.ratings.get().public_id))
    assert submit(client, second, **again).status_code == 201
    assert submit(client, repeat).status_code == 201
    submit(log_in(client, raters[1]), in_order(raters[1])[1])
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    # Late, so it does not count
    assert submit(client, in_order(raters[1])[2]).status_code == 202
    log_in(client, study.memberships.get(role="coordinator"))
    client.post(_address(study), _form())
    # Two first ratings, a repeat, and one of the second rater
    assert Clarification.objects.get().ratings_before == 4


def test_every_language_that_an_active_rater_reads_is_needed(coordinator_client, study):
    add_rater(study)
    reader = add_rater(study)
    reader.user.language = "zh-hans"
    reader.user.save()
    answer = coordinator_client.post(_address(study), _form())
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"text-zh-hans"}
    coordinator_client.post(_address(study), _form(chinese="颗粒是噪声。"))
    assert Clarification.objects.get().texts == {"en": "Grain is noise.", "zh-hans": "颗粒是噪声。"}
    reader.withdrawn_at = timezone.now()
    reader.save()
    assert coordinator_client.post(_address(study), _form(number=2)).status_code == 302


def test_english_is_not_needed_where_nobody_reads_it(coordinator_client, study):
    reader = add_rater(study)
    reader.user.language = "zh-hans"
    reader.user.save()
    form = _form(english="", chinese="颗粒是噪声。")
    assert coordinator_client.post(_address(study), form).status_code == 302
    (entry,) = clarifications_json(reader, "zh-hans")["open"]
    assert (entry["text"], entry["lang"]) == ("颗粒是噪声。", "zh-hans")


@pytest.mark.parametrize("step", ["preview", "publish"])
@pytest.mark.parametrize("text", ["", " \r\n ", "x" * 2001, "a\0b"])
def test_a_text_that_cannot_be_published_is_refused(coordinator_client, study, step, text):
    answer = coordinator_client.post(_address(study), _form(step, english=text))
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"text-en"})
    assert not Clarification.objects.exists()


def test_line_ends_count_once(coordinator_client, study):
    text = "x" * 1000 + "\r\n" + "y" * 999
    assert coordinator_client.post(_address(study), _form(english=text)).status_code == 302
    assert Clarification.objects.get().texts == {"en": "x" * 1000 + "\n" + "y" * 999}


def test_a_question_settled_meanwhile_stops_it(coordinator_client, study):
    open_one, settled = (add_question(one) for one in in_order(add_rater(study))[:2])
    settled.closed_at = timezone.now()
    settled.save()
    answer = coordinator_client.post(_address(study), _form(questions=[open_one, settled]))
    assert answer.status_code == 422
    assert "settled meanwhile" in answer.content.decode()
    assert not Clarification.objects.exists()
    open_one.refresh_from_db()
    assert not open_one.is_settled


def test_a_question_of_another_study_cannot_be_answered_here(coordinator_client, study):
    foreign = add_question(in_order(add_rater(running_study(items=1)))[0])
    answer = coordinator_client.post(_address(study), _form(questions=[foreign]))
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"questions"})
    page = coordinator_client.get(_address(study), {"question": foreign.public_id})
    assert foreign.text not in page.content.decode()
    assert coordinator_client.get(_address(study), {"question": "x"}).status_code == 200


def test_it_is_recorded_without_its_words_in_the_hashed_part(coordinator_client, study):
    question = add_question(in_order(add_rater(study))[0])
    coordinator_client.post(_address(study), _form(questions=[question]))
    event = Event.objects.get(action="clarification.published")
    note_hash = event.details.pop("note_sha256")
    assert event.details == {
        "number": 1,
        "languages": ["en"],
        "ratings_before": 0,
        "questions": [question.pk],
    }
    assert len(note_hash) == 64
    assert event.note == "en: Grain is noise."
    assert list(broken_links(Chain.objects.get(name=f"study:{study.pk}"))) == []


@pytest.mark.parametrize("state", [Study.State.DRAFT, Study.State.CLOSED])
def test_only_while_the_study_runs_or_is_paused(coordinator_client, study, state):
    Study.objects.filter(pk=study.pk).update(state=state)
    assert "<textarea" not in coordinator_client.get(_address(study)).content.decode()
    for step in ("preview", "publish"):
        assert coordinator_client.post(_address(study), _form(step)).status_code == 422
    assert not Clarification.objects.exists()
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    assert coordinator_client.post(_address(study), _form()).status_code == 302


def test_access(client, study):
    observer = make_membership(study, make_user(), role="observer")
    stranger = running_study(items=1).memberships.get(role="coordinator")
    rater = add_rater(study)
    for send in (client.get, client.post):
        client.logout()
        assert send(_address(study), _form()).status_code == 302
        assert send(_address(study)).url.startswith(reverse("accounts:log_in"))
        for membership in (observer, rater):
            assert send_as(client, membership, send, study) == 403
        assert send_as(client, stranger, send, study) == 404
    assert not Clarification.objects.exists()


def send_as(client, membership, send, study):
    log_in(client, membership)
    return send(_address(study), _form()).status_code
