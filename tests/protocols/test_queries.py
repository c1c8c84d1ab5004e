from __future__ import annotations

import json

import pytest

from sts_qa.protocols import actions, queries
from sts_qa.protocols.models import ProtocolVersion
from tests.protocols.contents import small_content


def test_the_latest_version_is_the_one_with_the_highest_number(own, coordinator):
    actions.freeze_version(version=own, acting_user=None)
    content = small_content()
    content["title"]["en"] = "Second title"
    second = actions.save_protocol(content=content, acting_user=coordinator)

    assert queries.latest_version("own") == second
    assert queries.version_of("own", 1) == own
    assert second in queries.latest_versions()
    assert own not in queries.latest_versions()


@pytest.mark.django_db
def test_an_unknown_slug_has_no_version():
    assert queries.latest_version("none-such") is None
    assert queries.version_of("sts-evaluation", 99) is None
    assert queries.version_of("sts-evaluation", 10**40) is None


def test_an_own_protocol_is_no_built_in_one(own):
    with pytest.raises(ProtocolVersion.DoesNotExist):
        queries.built_in_version("own")


@pytest.mark.parametrize(
    ("asked", "shown", "is_fallback"),
    [
        ("en", "en", False),
        ("en-gb", "en", False),
        ("zh-hans", "zh-hans", False),
        ("ZH-HANS", "zh-hans", False),
        ("de", "en", True),
        ("", "en", True),
    ],
)
def test_the_rubric_falls_back_to_english_and_says_so(own, asked, shown, is_fallback):
    rubric = queries.rubric(own, asked, "radiograph")
    assert (rubric.language, rubric.is_fallback) == (shown, is_fallback)


def test_without_english_it_falls_back_to_the_first_language(coordinator):
    content = small_content("chinese")
    text = json.dumps(content).replace('"en": ', '"fr": ').replace('"en"', '"fr"')
    version = actions.create_protocol(content=json.loads(text), acting_user=coordinator)
    assert queries.rubric(version, "de", "slice").language == "fr"


def test_missing_languages_are_those_without_texts(own):
    assert queries.missing_languages(own, ["de", "en", "fr"]) == ["de", "fr"]


def test_the_rubric_is_plain_json_for_the_browser(own):
    rubric = queries.rubric(own, "en", "volume")
    plain = json.loads(json.dumps(rubric.as_json()))
    assert plain["gate"] == {"criterion": "contrast", "minimum": 10}
    assert plain["criteria"][0]["bands"][1] == {"start": 10, "end": 20, "label": "High"}
    assert plain["criteria"][0]["guidance"] is None
    assert [level["label"] for level in plain["criteria"][1]["levels"]] == ["One", "Two", "Three"]


def test_an_unknown_kind_is_an_error(own):
    with pytest.raises(ValueError, match="film"):
        queries.rubric(own, "en", "film")
