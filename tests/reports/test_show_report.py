import re

import pytest
from django.urls import reverse

from sts_qa.rating.models import Rating
from sts_qa.studies.models import Study
from tests.factories import make_membership, make_study, make_user

pytestmark = pytest.mark.django_db
SLUGS = ("quality-scores", "rubric", "raw-scores", "clarifications", "sample-manifest")


def _address(rated, slug, view="show_report"):
    return reverse(f"reports:{view}", args=[rated.study.public_id, slug])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_coordinator_sees_every_report_of_a_closed_study(client, rated, slug):
    client.force_login(rated.coordinator)
    assert client.get(_address(rated, slug)).status_code == 200
    assert client.get(_address(rated, slug, "download_report")).status_code == 200


def test_the_table_shows_means_with_two_decimals(client, rated):
    client.force_login(rated.coordinator)
    page = client.get(_address(rated, "quality-scores")).content.decode()
    # (18 + 2*12 + 2*10) / 5
    assert ">12.40<" in page


def test_the_sample_manifest_is_read_in_ones_language_and_its_file_keeps_the_codes(client, rated):
    client.force_login(rated.coordinator)
    client.post(reverse("accounts:set_language"), {"language": "zh-hans"})
    page = client.get(_address(rated, "sample-manifest")).content.decode()
    assert ">已标注<" in page
    assert ">已抽取<" in page
    for code in ("all", "labelled", "unlabelled", "drawn", "reserve"):
        assert f">{code}<" not in page
    answer = client.get(_address(rated, "sample-manifest", "download_report"))
    file = b"".join(answer).decode()
    assert '"labelled"' in file
    assert '"drawn"' in file
    assert '"已抽取"' not in file


def test_an_observer_sees_reports_of_a_closed_study(client, rated):
    observer = make_membership(rated.study, role="observer")
    client.force_login(observer.user)
    assert client.get(_address(rated, "quality-scores")).status_code == 200


@pytest.mark.parametrize("view", ["show_report", "download_report"])
@pytest.mark.parametrize("slug", ["quality-scores", "raw-scores"])
def test_scores_are_sealed_while_the_study_runs(client, rated, slug, view):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    client.force_login(rated.coordinator)
    answer = client.get(_address(rated, slug, view))
    assert answer.status_code == 403
    assert b"sealed" in answer.content.lower()


@pytest.mark.parametrize("slug", ["rubric", "clarifications", "sample-manifest"])
def test_what_holds_no_scores_is_open_while_the_study_runs(client, rated, slug):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    client.force_login(rated.coordinator)
    assert client.get(_address(rated, slug)).status_code == 200


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("view", ["show_report", "download_report"])
def test_a_rater_sees_no_report(client, rated, slug, view):
    client.force_login(rated.raters[1].user)
    assert client.get(_address(rated, slug, view)).status_code == 403


@pytest.mark.parametrize("view", ["show_report", "download_report"])
def test_another_studys_coordinator_finds_nothing(client, rated, view):
    other = make_user(coordinator=True)
    make_study(coordinator=other)
    client.force_login(other)
    assert client.get(_address(rated, "rubric", view)).status_code == 404


@pytest.mark.parametrize("view", ["show_report", "download_report"])
def test_without_login_it_asks_to_log_in(client, rated, view):
    answer = client.get(_address(rated, "rubric", view))
    assert answer.status_code == 302
    assert "log" in answer.url


def test_an_unknown_report_or_format_is_not_found(client, rated):
    client.force_login(rated.coordinator)
    assert client.get(_address(rated, "nothing")).status_code == 404
    address = _address(rated, "rubric", "download_report")
    assert client.get(address, {"format": "exe"}).status_code == 404


def test_no_report_names_a_person(client, rated):
    client.force_login(rated.coordinator)
    for slug in SLUGS:
        content = client.get(_address(rated, slug, "download_report"), {"format": "json"}).content
        assert b"rater1" not in content


def test_simulated_ratings_are_marked(client, rated):
    Study.objects.filter(pk=rated.study.pk).update(simulated=True)
    client.force_login(rated.coordinator)
    page = client.get(_address(rated, "quality-scores")).content.decode()
    assert "Simulated ratings" in page


def test_what_programs_read_takes_one_line_on_the_page_and_is_whole_in_the_file(client, rated):
    state = {"preset": "standard", "window": [0, 255], "zoom": 1.5, "viewport": [1280, 580]}
    Rating.objects.update(viewer_state=state)
    client.force_login(rated.coordinator)
    page = client.get(_address(rated, "raw-scores")).content.decode()
    assert re.search(r'<td class="record" title="{[^>]*standard', page)
    assert not re.search(r'<td class="long"[^>]*>{', page)
    file = b"".join(client.get(_address(rated, "raw-scores", "download_report"))).decode()
    assert "[1280, 580]" in file
