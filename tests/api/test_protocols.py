"""Protocols by the API: list_protocols, save_protocol, list_versions, show_protocol."""

from __future__ import annotations

import jsonschema
import pytest

from sts_qa.api.description import api_document
from sts_qa.audit.models import Event
from sts_qa.protocols.actions import freeze_version
from sts_qa.protocols.content import built_in_content
from sts_qa.protocols.models import ProtocolVersion
from tests.api.conftest import is_problem
from tests.factories import make_protocol_version, make_study, make_user

pytestmark = pytest.mark.django_db
LIST = "/api/v1/protocols/"
IQSC = built_in_content("iqsc")["criteria"]


def content(slug: str = "own", **changes) -> dict:
    return {**built_in_content("iqsc"), "slug": slug, **changes}


def faults(response) -> dict[str, str]:
    return {one["field"]: one["detail"] for one in response.json()["errors"]}


def test_the_list_has_the_newest_version_of_each_by_name(token_client, owner):
    version = make_protocol_version("b-own")
    make_study(protocol_version=version)
    second = ProtocolVersion.objects.create(
        protocol=version.protocol, number=2, content=version.content, checksum="2"
    )
    rows = token_client(owner, ["read"]).get(LIST).json()["items"]
    slugs = [row["slug"] for row in rows]
    assert slugs == sorted(slugs)
    assert {"b-own", "iqsc", "sts-evaluation"} <= set(slugs)
    own = next(row for row in rows if row["slug"] == "b-own")
    assert (own["version"], own["studies"], own["built_in"]) == (second.number, 0, False)
    assert own["title"] == {"en": "A small protocol"}
    assert "content" not in own


def test_making_one_is_the_same_act_as_uploading_a_file(token_client, owner):
    response = token_client(owner, ["manage"]).post(LIST, {"content": content()})
    version = ProtocolVersion.objects.get(protocol__slug="own")
    assert (response.status_code, version.number) == (201, 1)
    assert response["Location"] == "/api/v1/protocols/own/versions/1/"
    assert version.created_by == owner
    assert response.json()["checksum"] == version.checksum
    assert response.json()["content"] == version.content
    assert Event.objects.filter(
        action="protocol.version_added", actor=str(owner.opaque_id)
    ).exists()


def test_what_no_study_uses_is_replaced_and_what_one_uses_gets_a_next_version(token_client, owner):
    client = token_client(owner)
    client.post(LIST, {"content": content()})
    same = client.post(LIST, {"content": content()})
    replaced = client.post(LIST, {"content": content(source="Ours")})
    version = ProtocolVersion.objects.get(protocol__slug="own")
    freeze_version(version=version, acting_user=None)
    following = client.post(LIST, {"content": content(source="Theirs")})
    assert [same.status_code, replaced.status_code, following.status_code] == [200, 200, 201]
    assert replaced.json()["content"]["source"] == "Ours"
    numbers = client.get(f"{LIST}own/versions/").json()["items"]
    assert [row["version"] for row in numbers] == [2, 1]
    assert [row["frozen_at"] is not None for row in numbers] == [False, True]
    first = client.get(f"{LIST}own/versions/1/").json()
    assert first["content"]["source"] == "Ours"


def test_a_fault_in_the_content_is_named_by_its_path(token_client, owner):
    wrong = content()
    del wrong["criteria"][0]["title"]
    wrong["criteria"][0]["minimum"] = "low"
    response = token_client(owner).post(LIST, {"content": wrong})
    assert is_problem(response, 422, "invalid")
    assert faults(response).keys() == {"/content/criteria/0/title", "/content/criteria/0/minimum"}
    assert not ProtocolVersion.objects.filter(protocol__slug="own").exists()


def test_a_criterion_after_the_mask_s_is_named_by_its_path(token_client, owner):
    moved = content(criteria=built_in_content("sts-evaluation")["criteria"][2:] + IQSC)
    response = token_client(owner).post(LIST, {"content": moved})
    assert is_problem(response, 422, "invalid")
    found = faults(response)
    assert found.keys() == {"/content/criteria/3/scope"}
    assert "“iqsc”" in found["/content/criteria/3/scope"]
    assert not ProtocolVersion.objects.filter(protocol__slug="own").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/content"),
        ({"content": []}, "/content"),
        ({"content": None}, "/content"),
        ({"content": {}, "more": 1}, "/more"),
        ({"content": {"slug": 5}}, "/content/slug"),
    ],
)
def test_a_wrong_body_names_the_field(token_client, owner, body, field):
    response = token_client(owner).post(LIST, body)
    assert is_problem(response, 422, "invalid")
    assert field in faults(response)


def test_built_in_protocols_stay_as_they_are(token_client, owner):
    response = token_client(owner).post(LIST, {"content": content("iqsc", source="Ours")})
    assert is_problem(response, 422, "invalid")
    assert faults(response).keys() == {"/content/slug"}


def test_people_without_the_permission_are_refused(token_client, session_client, client):
    rater = make_user()
    for program in (token_client(rater), session_client(rater)):
        for address in (LIST, f"{LIST}iqsc/versions/", f"{LIST}iqsc/versions/1/"):
            assert is_problem(program.get(address), 403, "not-allowed")
        assert is_problem(program.post(LIST, {"content": content()}), 403, "not-allowed")
    assert is_problem(client.get(LIST), 401, "log-in")


@pytest.mark.parametrize(
    "path",
    ["nothing/versions/", "nothing/versions/1/", "iqsc/versions/0/", f"iqsc/versions/{2**70}/"],
)
def test_what_is_not_there_is_not_found(token_client, owner, path):
    assert is_problem(token_client(owner).get(LIST + path), 404, "not-found")


def test_the_description_of_a_content_is_the_rule_for_protocol_files():
    schema = api_document()["components"]["schemas"]["NewProtocol"]["properties"]["content"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for slug in ("iqsc", "sts-evaluation", "iqsc-then-sts-evaluation"):
        validator.validate(built_in_content(slug))
    assert not validator.is_valid(content(slug="No Slug"))
    assert not validator.is_valid(content(criteria=[]))
