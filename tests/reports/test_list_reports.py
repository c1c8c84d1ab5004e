import pytest
from django.urls import reverse

from sts_qa.studies.models import Study
from tests.factories import make_study, make_user

pytestmark = pytest.mark.django_db


def _address(study):
    return reverse("reports:list_reports", args=[study.public_id])


def test_a_coordinator_sees_all_reports(client, rated):
    client.force_login(rated.coordinator)
    page = client.get(_address(rated.study)).content.decode()
    for title in ("Quality scores", "Rubric", "Raw scores", "Clarifications", "Sample manifest"):
        assert title in page


def test_sealed_reports_say_so_and_offer_no_file(client, rated):
    Study.objects.filter(pk=rated.study.pk).update(state=Study.State.RUNNING)
    client.force_login(rated.coordinator)
    page = client.get(_address(rated.study)).content.decode()
    assert page.count("Sealed until the study is closed") == 2
    assert "quality-scores/download" not in page
    assert "rubric/download" in page


def test_before_the_draw_it_says_what_to_do(client):
    coordinator = make_user(coordinator=True)
    study = make_study(coordinator=coordinator)
    client.force_login(coordinator)
    assert "Draw the sample first" in client.get(_address(study)).content.decode()


def test_a_rater_is_refused(client, rated):
    client.force_login(rated.raters[1].user)
    assert client.get(_address(rated.study)).status_code == 403


def test_another_studys_member_finds_nothing(client, rated):
    other = make_user(coordinator=True)
    make_study(coordinator=other)
    client.force_login(other)
    assert client.get(_address(rated.study)).status_code == 404


def test_without_login_it_asks_to_log_in(client, rated):
    assert client.get(_address(rated.study)).status_code == 302
