"""The OpenAPI document as a file."""

import pytest

from sts_qa.api.description import api_document
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/openapi.json"


def test_everybody_gets_it_the_same_in_every_language(client):
    first = client.get(ADDRESS)
    assert first["Content-Type"] == "application/json"
    assert first.json() == api_document()
    chinese = client.get(ADDRESS, headers={"Accept-Language": "zh-hans"})
    client.force_login(make_user(notice_version=0))
    assert client.get(ADDRESS).content == chinese.content == first.content
    assert client.post(ADDRESS).status_code == 405
