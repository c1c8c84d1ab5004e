"""Which answers travel compressed: those of the rating page, and none that holds a secret."""

import gzip
import json

import pytest
from django.urls import reverse

from tests.rating.helpers import add_rater, log_in, running_study

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def study():
    return running_study(items=12)


@pytest.fixture
def rater(client, study):
    return log_in(client, add_rater(study))


@pytest.mark.parametrize("view", ["rate_study", "list_queue"])
def test_the_page_and_its_queue_are_a_third_as_long(rater, study, view):
    address = reverse(f"rating:{view}", args=[study.public_id])
    plain, packed = rater.get(address), rater.get(address, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert 3 * len(packed.content) < len(plain.content)


def test_what_is_compressed_is_what_would_be_sent_without(rater, study):
    address = reverse("rating:list_queue", args=[study.public_id])
    plain = rater.get(address).json()
    packed = json.loads(gzip.decompress(rater.get(address, headers=GZIP).content))
    assert packed == plain


def test_the_length_is_another_each_time_so_that_it_tells_nothing(rater, study):
    address = reverse("rating:rate_study", args=[study.public_id])
    assert len({len(rater.get(address, headers=GZIP).content) for _ in range(8)}) > 1


@pytest.mark.parametrize("name", ["accounts:log_in", "studies:list_studies"])
def test_other_pages_travel_as_they_are(rater, name):
    answer = rater.get(reverse(name), headers=GZIP)
    assert answer.status_code in (200, 302)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("view", ["rate_study", "list_queue"])
@pytest.mark.parametrize("items", [1, 12])
def test_page_and_queue_take_few_queries_however_many_items_wait(
    client, django_assert_max_num_queries, items, view
):
    study = running_study(items=items, labelled=items)
    rater = log_in(client, add_rater(study))
    address = reverse(f"rating:{view}", args=[study.public_id])
    rater.get(address)
    # Two of them for how to view a study that was never started, as here
    with django_assert_max_num_queries(11):
        assert rater.get(address).status_code == 200
