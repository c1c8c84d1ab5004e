"""Addresses of the API: what has none answers as a problem, never as a page."""

from __future__ import annotations

import pytest

from tests.api.conftest import is_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/datasets", "/api/v1/datasets/x/", "/api/v2/datasets/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_no_such_address(token_client, client, owner, method, address):
    for asker in (client, token_client(owner)):
        assert is_problem(getattr(asker, method)(address), 404, "not-found")


def test_a_method_that_an_address_does_not_know(token_client, owner):
    response = token_client(owner).delete("/api/v1/datasets/")
    assert is_problem(response, 405, "method-not-allowed")
    assert set(response["Allow"].split(", ")) == {"GET", "POST", "HEAD"}


def test_every_address_is_taken_once():
    from sts_qa.api.urls import resources

    addresses = {}
    for pattern in resources:
        addresses.setdefault(str(pattern.pattern), set()).add(pattern.callback)
    assert [address for address, views in addresses.items() if len(views) > 1] == []


@pytest.mark.parametrize("address", ["/api/v1/studies/", "/api/v1/nowhere"])
def test_a_wrong_host_is_a_problem_below_the_api(client, address):
    for method in ("get", "post"):
        response = getattr(client, method)(address, headers={"Host": "elsewhere.example"})
        assert is_problem(response, 400, "malformed")


def test_a_wrong_host_is_a_page_elsewhere(client):
    response = client.get("/studies/", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
