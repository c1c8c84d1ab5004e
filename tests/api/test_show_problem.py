"""The page behind a problem's `type`."""

from __future__ import annotations

import pytest
from django.urls import reverse

from sts_qa.api.problem_kinds import PROBLEMS
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", PROBLEMS)
def test_the_address_of_each_kind_says_what_to_do(client, slug):
    page = client.get(reverse("api:show_problem", args=[slug])).content.decode()
    assert slug in page
    assert str(PROBLEMS[slug].status) in page
    assert str(PROBLEMS[slug].meaning).split(".")[0].split("'")[0] in page


def test_the_type_of_an_answer_leads_there(client):
    answer = client.get("/api/v1/datasets/").json()
    assert client.get(answer["type"]).status_code == 200


def test_everybody_may_read_it(client):
    address = reverse("api:show_problem", args=["invalid"])
    client.force_login(make_user(notice_version=0))
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405
    assert client.get(reverse("api:show_problem", args=["nonsense"])).status_code == 404
