import pytest
from django.urls import reverse

from sts_qa.science.statistics.drawing import draw
from sts_qa.studies.actions import close_study, withdraw_sampled_item
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


def test_an_item_is_found_by_key_or_by_its_number_in_reports(page, drawn, monkeypatch):
    unit = drawn.study.sample.filter(kind="main").last()
    key = unit.frame_entry.key
    assert [row["key"] for row in page(f"?find={unit.number}").context["frame"]].count(key) == 1
    assert [row["key"] for row in page(f"?find={key.upper()}").context["frame"]] == [key]
    assert page("?find=nothing+like+it%00").context["frame"] == []
    monkeypatch.setattr(manifest, "FRAME_PAGE", 4)
    keys, address = [], "?find=3D/"
    while address:
        context = page(address[address.index("?") :]).context
        keys += [row["key"] for row in context["frame"]]
        address = context["next_url"]
    assert sorted(keys) == [f"3D/{number}.nii.gz" for number in range(6)]


def test_coordinators_of_a_running_study_reach_each_item_of_the_sample(client, running):
    units = running.study.sample.filter(withdrawn_at=None)
    links = [
        reverse("rating:change_item", args=[running.study.public_id, unit.number]) for unit in units
    ]
    assert len(links) == 15

    def linked(user):
        client.force_login(user)
        page = client.get(running.address("show_manifest")).content.decode()
        return sum(f'"{link}"' in page for link in links)

    assert linked(running.coordinator) == 15
    assert linked(running.observer) == 0
    close_study(study=running.study, acting_user=running.coordinator)
    assert linked(running.coordinator) == 0


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
