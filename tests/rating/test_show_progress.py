"""The coordinator's progress page, against numbers worked out by hand."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sts_qa.catalogue.models import ImageKind
from sts_qa.rating.models import Rating, Score
from sts_qa.rating.queries.flags import rater_flags
from sts_qa.rating.queries.progress import Done, rater_progress
from sts_qa.studies.actions import withdraw_sampled_item
from sts_qa.studies.models import SampledItem, Study
from tests.factories import (
    make_item,
    make_membership,
    make_rating,
    make_sampled_item,
    make_user,
)
from tests.rating.helpers import (
    add_rater,
    add_repeat,
    in_order,
    log_in,
    running_study,
    send,
    submission,
    submit,
)

pytestmark = pytest.mark.django_db


def _row_of(page: str, name: str) -> list[str]:
    """The cells of a rater's row of the first table, without spaces around them."""
    rows = re.findall(r"<tr>.*?</tr>", page, flags=re.DOTALL)
    row = next(row for row in rows if name in row)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def _both(contrast, accuracy):
    return {"contrast": {"value": str(contrast)}, "pixel_accuracy": {"value": str(accuracy)}}


CANNOT_JUDGE = {"code": "cannot_judge", "reason": "region", "text": ""}


def _page(client, study, name="show_progress"):
    log_in(client, study.memberships.get(role="coordinator"))
    return client.get(reverse(f"rating:{name}", args=[study.public_id]))


def test_dropped_repeats_are_counted_per_rater(client):
    study = running_study(items=3, repeat_share="0.5", repeat_distance=2)
    anna = add_rater(study, "anna", pseudonym=1)
    add_rater(study, "ben", pseudonym=2)
    repeats = [add_repeat(anna, one.sampled_item) for one in in_order(anna)[:2]]
    log_in(client, anna)
    for one in (in_order(anna)[0], *repeats):
        send(client, "mark_shown", one.token)
    # An item withdrawn is no dropped repeat
    third = in_order(anna)[2]
    withdraw_sampled_item(
        sampled_item=third.sampled_item, reason="twice", acting_user=study.created_by
    )
    assert [rater.dropped_repeats for rater in rater_progress(study)] == [2, 0]
    page = _page(client, study).content.decode()
    heads = _row_of(page, "Repeats dropped")
    column = heads.index("Repeats dropped")
    assert [_row_of(page, name)[column] for name in ("anna", "ben")] == ["2", "0"]


def test_without_repeats_nothing_is_said_of_them(client):
    study = running_study(items=1)
    add_rater(study, pseudonym=1)
    assert "Repeats dropped" not in _page(client, study).content.decode()


def test_done_and_total_per_rater_and_category(client):
    study = running_study(items=3, practice=1)
    for number in range(2):
        item = make_item(
            study.dataset,
            f"3D/{number}.nii.gz",
            category="STS-3D-Tooth",
            kind=ImageKind.VOLUME,
            shape=(4, 4, 4),
        )
        make_sampled_item(study, item)
    rater = add_rater(study, "anna", pseudonym=2)
    colleague = add_rater(study, "ben", pseudonym=1)
    add_repeat(rater, in_order(rater, "main")[0].sampled_item)
    log_in(client, rater)
    submit(client, in_order(rater)[0])
    for assignment in in_order(rater, "main")[1:4]:
        submit(client, assignment)
    anna, ben = rater_progress(study)
    assert (anna.membership, ben.membership) == (rater, colleague)
    assert anna.overall == Done(3, 6)
    # 3 radiographs and one repeat; 2 volumes
    assert anna.categories == [Done(2, 4), Done(1, 2)]
    assert ben.categories == [Done(0, 3), Done(0, 2)]
    page = _page(client, study).content.decode()
    for text in ("anna", "ben", "A-PXI", "STS-3D-Tooth", "2 of 4", "1 of 2", "0 of 3"):
        assert text in page


def test_withdrawn_items_and_superseded_ratings_leave_the_numbers(client):
    study = running_study(items=3)
    rater = add_rater(study, pseudonym=1)
    first, second, _ = in_order(rater)
    log_in(client, rater)
    one = submit(client, first, active_ms=10_000).json()["rating"]["id"]
    submit(client, first, replaces=one, active_ms=30_000)
    submit(client, second, active_ms=90_000)
    study.sample.filter(pk=second.sampled_item_id).update(withdrawn_at=timezone.now())
    rater.assignments.filter(pk=second.pk).update(dropped_at=timezone.now())
    (progress,) = rater_progress(study)
    assert progress.median_seconds == 30
    assert progress.categories == [Done(1, 2)]
    assert rater_flags(study)[rater.pk].ratings == 1


def test_pace_and_estimated_finish(client):
    study = running_study(items=7)
    rater = add_rater(study, pseudonym=1)
    log_in(client, rater)
    for seconds, assignment in zip((20, 60, 30, 1000), in_order(rater), strict=False):
        submit(client, assignment, active_ms=seconds * 1000)
    first = Rating.objects.order_by("pk").first()
    Rating.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(days=8))
    (progress,) = rater_progress(study)
    # 20, 30, 60, 1000 s; three left; four in eight days make six more days
    assert progress.median_seconds == 45
    assert progress.hours_left == pytest.approx(3 * 45 / 3600)
    expected = timezone.now() + timedelta(days=6)
    assert abs(progress.finish - expected) < timedelta(minutes=1)


def test_a_first_session_is_taken_as_a_day_s_work(client):
    study = running_study(items=6)
    rater = add_rater(study, pseudonym=1)
    log_in(client, rater)
    for assignment in in_order(rater)[:3]:
        submit(client, assignment)
    (progress,) = rater_progress(study)
    assert abs(progress.finish - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)


def test_without_ratings_there_is_no_pace():
    study = running_study(items=1)
    add_rater(study, pseudonym=1)
    (progress,) = rater_progress(study)
    assert (progress.median_seconds, progress.hours_left, progress.finish) == (None, None, None)


def test_signs_of_careless_rating(client):
    study = running_study(items=8, labelled=8, practice=1)
    rater = add_rater(study, pseudonym=1)
    practice, *items = in_order(rater)
    log_in(client, rater)
    submit(client, practice)
    send(client, "skip_assignment", items[7].token)
    given = [
        _both(10, 10),
        _both(12, 12),
        _both(12, 12),
        _both(12, 12),
        _both(12, 11),
        {"contrast": {"value": "12"}, "pixel_accuracy": CANNOT_JUDGE},
        {"contrast": CANNOT_JUDGE, "pixel_accuracy": CANNOT_JUDGE},
    ]
    for assignment, scores in zip(items, given, strict=False):
        assert submit(client, assignment, scores=scores).status_code == 201
    send(client, "mark_shown", items[7].token)
    send(client, "skip_assignment", items[7].token)
    flags = rater_flags(study)[rater.pk]
    assert (flags.ratings, flags.longest_run) == (7, 3)
    # 10/10 and three times 12/12 of the five with two numbers
    assert flags.percent_one_value == 80
    # 3 of 14 asked scores
    assert flags.percent_cannot_judge == pytest.approx(300 / 14)
    # One of the eight items shown
    assert flags.percent_skipped == 12.5
    page = _page(client, study).content.decode()
    for text in ("80.0", "21.4", "12.5"):
        assert text in page


def test_a_run_follows_the_order_shown_not_the_order_stored(client):
    study = running_study(items=4)
    rater = add_rater(study, pseudonym=1)
    one, two, three, four = in_order(rater)
    log_in(client, rater)
    send(client, "skip_assignment", two.token)
    for assignment, value in ((one, 5), (three, 5), (four, 5), (two, 9)):
        submit(client, assignment, scores={"contrast": {"value": str(value)}})
    flags = rater_flags(study)[rater.pk]
    assert flags.longest_run == 3
    # One criterion says nothing of equal fields
    assert flags.percent_one_value is None


def test_reports_and_late_ratings_wait_in_sight(client):
    study = running_study(items=2)
    rater = add_rater(study, pseudonym=1)
    first, second = in_order(rater)
    log_in(client, rater)
    body = {"idempotency_key": "a", "kind": "orientation", "text": ""}
    send(client, "report_problem", first.token, body)
    Study.objects.filter(pk=study.pk).update(state=Study.State.PAUSED)
    send(client, "submit_rating", second.token, submission())
    page = _page(client, study).content.decode()
    assert "1 report to decide" in page
    assert "1 late rating" in page


def test_scores_do_not_show_while_results_are_sealed(client):
    study = running_study(items=3)
    rater = add_rater(study, pseudonym=1)
    log_in(client, rater)
    for assignment in in_order(rater):
        submit(client, assignment, scores={"contrast": {"value": "13"}}, comment="so blurred")
    contents = []
    for value in (13, 4):
        # With other scores of the same pattern the page is the same
        Score.objects.filter(value__isnull=False).update(value=value)
        page = _page(client, study).content.decode()
        content = page[page.index("<main") : page.index("</main>")]
        contents.append(re.sub(r"<time.*?</time>", "", content))
    assert contents[0] == contents[1]
    assert "so blurred" not in contents[0]


def test_nobody_rates_yet(client):
    study = running_study(items=1)
    assert "Nobody rates yet" in _page(client, study).content.decode()


@pytest.mark.parametrize(
    ("state", "refreshes"), [(Study.State.RUNNING, True), (Study.State.CLOSED, False)]
)
def test_the_table_is_fetched_again_while_the_study_runs(client, state, refreshes):
    study = running_study(items=1)
    add_rater(study, "anna", pseudonym=1)
    Study.objects.filter(pk=study.pk).update(state=state)
    address = reverse("rating:show_progress_table", args=[study.public_id])
    table = _page(client, study, "show_progress_table")
    assert table.status_code == 200
    assert "anna" in table.content.decode()
    assert "<html" not in table.content.decode()
    assert (f'hx-get="{address}"' in table.content.decode()) is refreshes


@pytest.mark.parametrize("name", ["show_progress", "show_progress_table"])
def test_access(client, name):
    study = running_study(items=1)
    address = reverse(f"rating:{name}", args=[study.public_id])
    assert client.get(address).status_code == 302
    other = running_study(items=1).memberships.get(role="coordinator")
    assert log_in(client, other).get(address).status_code == 404
    observer = make_membership(study, make_user(), role="observer")
    for membership in (observer, add_rater(study)):
        assert log_in(client, membership).get(address).status_code == 403


def test_the_number_of_queries_does_not_grow_with_raters(client, django_assert_max_num_queries):
    study = running_study(items=3)
    for number in range(6):
        add_rater(study, pseudonym=number + 1)
    log_in(client, study.memberships.get(role="coordinator"))
    address = reverse("rating:show_progress", args=[study.public_id])
    with django_assert_max_num_queries(18):
        assert client.get(address).status_code == 200
    assert SampledItem.objects.count() == 3


def test_the_main_menu_marks_the_studies(client):
    study = running_study()
    client.force_login(make_membership(study, role="coordinator").user)
    page = client.get(reverse("rating:show_progress", args=[study.public_id])).content.decode()
    current = re.findall(r'<a href="([^"]*)" aria-current="page"', page.split("</nav>")[0])
    assert current == [reverse("studies:list_studies")]


def _add_program(study, **fields):
    return add_rater(study, model_name="ToothNet", model_version="1.2", **fields)


def test_programs_stand_apart_from_people_and_count_for_nobody(client):
    study = running_study(items=3)
    person = add_rater(study, "anna", pseudonym=1)
    program = _add_program(study, pseudonym=2)
    for number, assignment in enumerate(in_order(program)):
        make_rating(assignment, {"contrast": number}, active_ms=0, channel="api")
    program.rated_count = 3
    program.save()
    log_in(client, person)
    submit(client, in_order(person)[0])
    page = _page(client, study)
    assert page.context["overall"] == Done(1, 3)
    assert page.context["programs_overall"] == Done(3, 3)
    text = page.content.decode()
    assert _row_of(text, "ToothNet 1.2 (program)")[:2] == ["ToothNet 1.2 (program)", "3 of 3"]
    assert text.index("anna") < text.index("ToothNet")


def test_a_study_of_programs_alone_has_progress(client):
    study = running_study(items=2)
    _add_program(study, pseudonym=1)
    page = _page(client, study).content.decode()
    assert "ToothNet 1.2 (program)" in page
    assert 'max="0"' not in page


def test_ratings_without_a_stated_time_do_not_pull_the_median_down(client):
    """Who submits by a program need not state how long it took."""
    study = running_study(items=5)
    person = add_rater(study, "anna", pseudonym=1)
    program = _add_program(study, pseudonym=2)
    log_in(client, person)
    for seconds, assignment in zip((0, 0, 0, 20, 40), in_order(person), strict=True):
        make_rating(assignment, {"contrast": 5}, active_ms=seconds * 1000)
    for assignment in in_order(program):
        make_rating(assignment, {"contrast": 5}, active_ms=0)
    anna, net = rater_progress(study)
    assert anna.median_seconds == 30
    assert (net.median_seconds, net.hours_left, net.finish) == (None, None, None)
    flags = rater_flags(study)
    assert flags[program.pk].ratings == flags[person.pk].ratings == 5
