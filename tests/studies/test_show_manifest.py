import pytest

from sts_qa.science.statistics.drawing import draw
from sts_qa.studies.actions import withdraw_sampled_item
from sts_qa.studies.queries import manifest
from tests.factories import make_membership, make_study
from tests.studies.plan_data import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, drawn):
    def open_page(query=""):
        client.force_login(drawn.coordinator)
        return client.get(drawn.address("show_manifest") + query)

    return open_page


def test_the_table_adds_up_and_names_what_makes_the_draw(page, drawn):
    text = text_of(page())
    # Half of 20 and of 6: 10 = 2 + 8 and 3 = 1 + 2
    assert "A-PXI Labelled 4 0 0 0 0 4 2 2" in text
    assert "STS-3D-Tooth Unlabelled 4 0 0 0 0 4 2 2" in text
    assert "All 26 0 0 0 0 26 13 13" in text
    assert "2 serve for practice" in text
    for fact in (str(drawn.study.seed), drawn.study.algorithm_version, drawn.study.frame_hash):
        assert fact in text


def test_the_whole_frame_stands_in_its_random_order(page):
    keys = [row["key"] for row in page().context["frame"]]
    labelled = [f"A-PXI/{number:02}.png" for number in range(4)]
    assert keys[:4] == [entry.key for entry in draw(labelled, 3, "A-PXI/labelled")]
    assert len(keys) == len(set(keys)) == 26


def test_the_frame_comes_in_pages_without_gaps(page, monkeypatch):
    whole = [row["key"] for row in page().context["frame"]]
    monkeypatch.setattr(manifest, "FRAME_PAGE", 10)
    keys, address = [], "?"
    while address:
        context = page(address[address.index("?") :]).context
        keys += [row["key"] for row in context["frame"]]
        address = context["next_url"]
    assert keys == whole


def test_withdrawn_items_stay_in_the_frame_marked(page, drawn):
    unit = drawn.study.sample.filter(kind="main").first()
    withdraw_sampled_item(sampled_item=unit, reason="privacy", acting_user=drawn.coordinator)
    answer = page()
    states = {row["key"]: row["state"] for row in answer.context["frame"]}
    assert states[unit.frame_entry.key] == "withdrawn"
    assert "1 of the sample are withdrawn" in text_of(answer)


@pytest.mark.parametrize("place", ["x", "1", "1-", "-1-2", "1-2-3"])
def test_a_damaged_page_address_is_not_found(page, place):
    assert page(f"?after={place}").status_code == 404


def test_before_the_draw_there_is_none(client, people):
    client.force_login(people.coordinator)
    assert client.get(people.address("show_manifest")).status_code == 404


def test_who_rates_in_an_open_study_of_the_dataset_does_not_see_it(client, drawn):
    other = make_study(dataset=drawn.study.dataset)
    make_membership(other, drawn.observer)
    client.force_login(drawn.observer)
    for view in ("show_manifest", "verify_sample", "download_manifest"):
        assert client.get(drawn.address(view)).status_code == 403


def test_who_may_open_it(drawn, check_access):
    check_access(drawn, drawn.address("show_manifest"), observer=200)
