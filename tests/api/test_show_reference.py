"""The reference of the API as a page."""

from __future__ import annotations

import re

import pytest

from sts_qa.api.description import api_document
from sts_qa.api.reference import objects_in, resources_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/docs/"


def test_it_has_every_endpoint_and_every_object(client):
    page = client.get(ADDRESS).content.decode()
    document = api_document()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            assert f'id="{operation["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="object-{name}"' in page


def test_its_links_lead_somewhere_on_the_page(client):
    page = client.get(ADDRESS).content.decode()
    places = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) - {"content"} <= places


def test_it_loads_nothing_from_elsewhere_and_keeps_the_policy_of_all_pages(client):
    response = client.get(ADDRESS)
    assert "'unsafe" not in response["Content-Security-Policy"]
    loaded = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', str(response.content))
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


def test_what_stands_between_backticks_is_code_and_all_else_is_text():
    document = {
        "components": {"schemas": {"X": {"description": "Send `a<b`, not <b>; see `c`."}}},
    }
    (described,) = objects_in(document)
    assert described.text == "Send <code>a&lt;b</code>, not &lt;b&gt;; see <code>c</code>."


def test_no_backtick_is_left_on_the_page(client):
    assert "`" not in client.get(ADDRESS).content.decode()


def test_everybody_may_read_it_before_the_notice_too(client):
    assert client.get(ADDRESS).status_code == 200
    client.force_login(make_user(notice_version=0))
    assert client.get(ADDRESS).status_code == 200
    assert client.post(ADDRESS).status_code == 405


def test_shapes_are_said_in_words():
    document = {
        "tags": [{"name": "own_things", "description": "Things of one's own."}],
        "paths": {
            "/x/": {
                "post": {
                    "operationId": "make_x",
                    "tags": ["own_things"],
                    "summary": "Make one.",
                    "description": "Make one.",
                    "requestBody": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/X"}}
                        }
                    },
                    "responses": {
                        "201": {"description": "Done."},
                        "422": {"content": {"application/problem+json": {}}},
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "X": {
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 9, "description": "Its name."},
                        "limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 10},
                        "at": {"type": "string", "format": "date-time"},
                        "state": {"enum": ["on", "off"], "type": "string"},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Y"}},
                        "either": {"oneOf": [{"$ref": "#/components/schemas/Y"}, {"type": "null"}]},
                    },
                }
            }
        },
    }
    fields = {row.name: row for row in objects_in(document)[0].fields}
    assert {name: row.shape.words for name, row in fields.items()} == {
        "name": "string, at most 9 characters",
        "limit": "integer or null, 1 to 10",
        "at": "date-time",
        "state": "on | off",
        "parts": "list of Y",
        "either": "Y or null",
    }
    assert (fields["parts"].shape.object_name, fields["either"].shape.object_name) == ("Y", "Y")
    assert [name for name, row in fields.items() if row.required] == ["name"]
    resource = resources_in(document)[0]
    assert (resource.title, resource.text) == ("Own things", "Things of one&#x27;s own.")
    operation = resource.operations[0]
    assert (operation.text, operation.problems) == ("", ["422"])
    assert operation.bodies[0].shape.object_name == "X"
    assert [(one.status, one.text) for one in operation.answers] == [("201", "Done.")]
