import pytest

from sts_qa.rating.models import Acknowledgement
from sts_qa.rating.queries.clarifications import clarifications_json
from tests.rating.helpers import add_clarification, add_rater, running_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db):
    return running_study(items=1)


def _publish(study, number, **texts):
    return add_clarification(
        study, number, {code.replace("_", "-"): text for code, text in texts.items()}
    )


def test_without_clarifications_nothing_is_open(study):
    rater = add_rater(study)
    _publish(running_study(items=1), 1, en="Of another study.")
    assert clarifications_json(rater, "en") == {"acknowledged": 0, "open": []}


def test_a_rater_who_joins_later_reads_all_of_them_oldest_first(study):
    first = _publish(study, 1, en="First.", zh_hans="一。")
    _publish(study, 2, en="Second.", zh_hans="二。")
    shown = clarifications_json(add_rater(study), "zh-hans")
    assert shown["acknowledged"] == 0
    assert [(entry["number"], entry["text"], entry["lang"]) for entry in shown["open"]] == [
        (1, "一。", "zh-hans"),
        (2, "二。", "zh-hans"),
    ]
    assert shown["open"][0]["published_at"] == first.published_at.isoformat()


def test_what_was_acknowledged_is_not_open_for_that_rater_only(study):
    rater, colleague = add_rater(study), add_rater(study)
    first = _publish(study, 1, en="First.")
    _publish(study, 2, en="Second.")
    Acknowledgement.objects.create(clarification=first, membership=rater)
    shown = clarifications_json(rater, "en")
    assert shown["acknowledged"] == 1
    assert [entry["number"] for entry in shown["open"]] == [2]
    assert [entry["number"] for entry in clarifications_json(colleague, "en")["open"]] == [1, 2]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        ({"en": "Text.", "zh_hans": "文。"}, ("zh-hans", "文。")),
        ({"en": "Text."}, ("en", "Text.")),
        ({"fr": "Texte.", "en": "Text."}, ("en", "Text.")),
        ({"fr": "Texte."}, ("fr", "Texte.")),
    ],
)
def test_a_missing_language_falls_back_and_says_which_it_is(study, texts, shown):
    rater = add_rater(study)
    _publish(study, 1, **texts)
    (entry,) = clarifications_json(rater, "zh-hans")["open"]
    assert (entry["lang"], entry["text"]) == shown


def test_one_query_is_enough_while_nothing_is_open(study, django_assert_num_queries):
    rater = add_rater(study)
    first = _publish(study, 1, en="First.")
    Acknowledgement.objects.create(clarification=first, membership=rater)
    with django_assert_num_queries(1):
        clarifications_json(rater, "en")
