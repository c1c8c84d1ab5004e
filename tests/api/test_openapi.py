"""The OpenAPI document: complete, valid, and the one that is committed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from sts_qa.api.description import api_document, document_text
from sts_qa.api.urls import resources

FILE = Path(__file__).resolve().parents[2] / "docs" / "api" / "openapi.json"
ENDPOINTS = {
    made.name: made for pattern in resources for made in pattern.callback.cls.endpoints.values()
}


@pytest.fixture(scope="module")
def document():
    return api_document()


def operations(document):
    return [one for methods in document["paths"].values() for one in methods.values()]


def test_the_committed_file_is_what_the_endpoints_say(document):
    assert json.loads(FILE.read_text()) == document, "run `make schema` and commit the file"
    assert FILE.read_text() == document_text()


def test_nothing_was_guessed(document):
    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}


def test_it_is_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate_schema(document)


def test_every_endpoint_is_in_it_under_its_name(document):
    assert {one["operationId"] for one in operations(document)} == set(ENDPOINTS)


def test_every_success_has_a_type_or_no_content(document):
    untyped = []
    for one in operations(document):
        for status, answer in one["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if content.get("schema", {}) in ({}, {"type": "object"}):
                    untyped.append((one["operationId"], status, media_type))
    assert untyped == []


def test_every_refusal_is_problem_details(document):
    for one in operations(document):
        refusals = {status: answer for status, answer in one["responses"].items() if status >= "4"}
        assert {"401", "403", "429"} <= refusals.keys()
        for answer in refusals.values():
            content = answer["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_endpoint_says_what_it_does(document):
    assert [one["operationId"] for one in operations(document) if not one.get("summary")] == []


def test_schemas_are_json_schemas(document):
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_answers_are_linked_to_what_they_name(document):
    links = document["paths"]["/api/v1/datasets/"]["post"]["responses"]["201"]["links"]
    assert links["show_dataset"] == {
        "operationId": "show_dataset",
        "parameters": {"path.dataset_id": "$response.body#/id"},
    }
    listed = document["paths"]["/api/v1/datasets/"]["get"]["responses"]["200"]["links"]
    place = "$response.body#/items/0/id"
    assert listed["show_dataset"]["parameters"] == {"path.dataset_id": place}


def test_every_identifier_in_an_address_comes_from_an_answer(document):
    told = {
        parameter.removeprefix("path.")
        for one in operations(document)
        for answer in one["responses"].values()
        for link in answer.get("links", {}).values()
        for parameter in link["parameters"]
    }
    asked = {
        parameter["name"]
        for one in operations(document)
        for parameter in one.get("parameters", [])
        if parameter["in"] == "path"
    }
    assert asked - told == set(), "say it by `identifies` of the schema that holds it"


def test_whatever_makes_something_takes_an_idempotency_key():
    """Ratings must have one."""
    makes = {
        name: made.idempotent
        for name, made in ENDPOINTS.items()
        if {201, 202} & set(made.answers) or name.startswith(("draw_", "submit_", "choose_"))
    }
    assert len(makes) > 20
    assert [name for name, idempotent in makes.items() if not idempotent] == []
    needed = {name for name, idempotent in makes.items() if idempotent == "required"}
    assert needed == {"submit_rating", "submit_ratings"}


def test_bodies_have_no_unknown_fields_and_answers_may_gain_some(document):
    """What a strict client made from the document sends, and what it lets through."""
    schemas = document["components"]["schemas"]

    def reached(content) -> set[str]:
        names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(content)))
        for name in [*names]:
            names |= reached(schemas[name])
        return names

    asked = set().union(*(reached(one.get("requestBody", {})) for one in operations(document)))
    told = set().union(*(reached(one["responses"]) for one in operations(document)))
    assert {"NewStudy", "Score"} <= asked
    assert {"Study", "Problem", "ScoreTold"} <= told
    assert asked | told == set(schemas)
    closed_ones = {name for name, one in schemas.items() if "additionalProperties" in one}
    assert closed_ones == asked


def test_objects_of_any_content_are_few(document):
    """What the asker gave; all else has its fields."""
    free = {
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, one in schema.get("properties", {}).items()
        if one.get("additionalProperties") == {}
    }
    assert free == {
        ("NewRating", "viewer_state"),
        ("RatingRow", "viewer_state"),
    }
