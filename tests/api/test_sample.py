"""The sample by the API: show_sample, list_frame, verify_sample, list_sample_changes, list_units,
change_unit.
"""

from __future__ import annotations

import csv
import io
import json

import pytest

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Item
from sts_qa.studies.actions import draw_sample
from sts_qa.studies.models import FrameEntry, Membership, SampledItem, Study
from tests.api.conftest import fields_at_fault, is_problem
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user
from tests.rating.helpers import running_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(owner) -> Study:
    """Half of 12 radiographs drawn, 4 of them labelled; no practice."""
    dataset = make_dataset(owner=owner)
    for number in range(12):
        make_item(dataset, f"A-PXI/{number:02}.png", labelled=number < 4)
    made = make_study(
        coordinator=owner, dataset=dataset, fraction="0.5", practice_items=0, name="Half of it"
    )
    made.refresh_from_db()
    return draw_sample(study=made, acting_user=owner)


def at(study: Study, path: str = "") -> str:
    return f"/api/v1/studies/{study.public_id}/sample/{path}"


def exports(study: Study) -> list[str]:
    events = Event.objects.filter(action="manifest.exported", chain__name=f"study:{study.pk}")
    return [event.details["format"] for event in events.order_by("number")]


# How the sample came about


def test_the_strata_add_up(token_client, owner, study):
    told = token_client(owner, ["read"]).get(at(study)).json()
    rows = [(row["stratum"], row["frame"], row["drawn"], row["reserve"]) for row in told["strata"]]
    assert rows == [("labelled", 4, 2, 2), ("unlabelled", 8, 4, 4)]
    assert (told["total"]["found"], told["total"]["drawn"]) == (12, 6)
    assert (told["seed"], told["frame_hash"]) == (study.seed, study.frame_hash)


def test_before_the_draw_there_is_no_sample(token_client, owner):
    draft, client = make_study(coordinator=owner), token_client(owner)
    for path in ("", "frame/", "verification/", "changes/"):
        assert is_problem(client.get(at(draft, path)), 404, "not-found")


def test_who_rates_the_dataset_sees_nothing_of_the_sample(token_client, owner, study):
    rated = make_study(dataset=study.dataset, state=Study.State.RUNNING)
    make_membership(rated, owner)
    client = token_client(owner)
    for path in ("", "frame/", "frame/?format=csv", "verification/", "changes/", "units/"):
        assert is_problem(client.get(at(study, path)), 403, "not-allowed")
    assert exports(study) == []


# The frame


def frame_of(study: Study) -> list[tuple[str, int, str]]:
    entries = FrameEntry.objects.filter(stratum__study=study).order_by(
        "stratum__position", "order_number"
    )
    return [(entry.stratum.name, entry.order_number, entry.key) for entry in entries]


def listed(rows: list[dict]) -> list[tuple[str, int, str]]:
    return [(row["stratum"], row["order"], row["key"]) for row in rows]


def test_the_frame_comes_page_by_page_in_its_random_order(token_client, owner, study):
    client, rows, address = token_client(owner, ["read"]), [], at(study, "frame/?limit=5")
    while address:
        page = client.get(address).json()
        rows, address = rows + page["items"], page["next"]
    assert listed(rows) == frame_of(study)
    drawn = {row["key"] for row in rows if row["state"] == "drawn"}
    assert drawn == set(study.sample.values_list("frame_entry__key", flat=True))
    assert {row["state"] for row in rows} == {"drawn", "reserve"}
    stored = FrameEntry.objects.get(stratum__study=study, key=rows[0]["key"])
    assert (rows[0]["draw_number"], rows[0]["checksum"]) == (stored.draw_number, stored.checksum)
    assert exports(study) == []


def test_the_frame_is_found_by_key_or_number(token_client, owner, study):
    client = token_client(owner)
    assert [row["key"] for row in client.get(at(study, "frame/?find=07.p")).json()["items"]] == [
        "A-PXI/07.png"
    ]
    unit = study.sample.get(number=2)
    found = client.get(at(study, "frame/?find=2")).json()["items"]
    assert unit.frame_entry.key in {row["key"] for row in found}


@pytest.mark.parametrize("how", ["?stream=true", "Accept"])
def test_the_whole_frame_is_streamed_on_record(token_client, owner, study, how):
    headers = {"Accept": "application/x-ndjson"} if how == "Accept" else {}
    query = "" if how == "Accept" else how
    response = token_client(owner).get(at(study, f"frame/{query}"), headers=headers)
    assert response["Content-Type"] == "application/x-ndjson"
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert listed([json.loads(line) for line in lines]) == frame_of(study)
    assert exports(study) == ["ndjson"]


@pytest.mark.parametrize("how", ["?format=csv", "Accept"])
def test_the_whole_frame_as_csv_is_the_page_s_file(token_client, owner, study, how):
    headers = {"Accept": "text/csv"} if how == "Accept" else {}
    query = "" if how == "Accept" else how
    client = token_client(owner)
    response = client.get(at(study, f"frame/{query}"), headers=headers)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="half-of-it-sample.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["stratum"], int(row["order"]), row["key"]) for row in rows] == frame_of(study)
    assert exports(study) == ["csv"]
    client.head(at(study, f"frame/{query}"), headers=headers)
    assert exports(study) == ["csv"]


@pytest.mark.parametrize(
    ("query", "accepts", "field"),
    [
        ("?format=csv&find=07", "*/*", "find"),
        ("?format=csv&cursor=x", "*/*", "cursor"),
        ("?find=07", "text/csv", "find"),
        ("?stream=true&cursor=x", "*/*", "cursor"),
    ],
)
def test_the_whole_frame_is_not_taken_for_a_part(token_client, owner, study, query, accepts, field):
    client = token_client(owner)
    response = client.get(at(study, f"frame/{query}"), headers={"Accept": accepts})
    assert is_problem(response, 422, "invalid")
    assert fields_at_fault(response) == [field]
    assert exports(study) == []


@pytest.mark.parametrize(
    "accepts", ["text/csv;q=0", "application/json, text/csv;q=0.5", "text/csvx"]
)
def test_the_frame_is_no_csv_where_that_is_not_preferred(token_client, owner, study, accepts):
    response = token_client(owner).get(at(study, "frame/"), headers={"Accept": accepts})
    assert response["Content-Type"] == "application/json"
    assert exports(study) == []


# Drawing again, and what has changed


def test_drawing_again_tells_whether_it_is_the_same_sample(token_client, owner, study):
    client = token_client(owner, ["read"])
    same = client.get(at(study, "verification/")).json()
    assert same == {"is_same": True, "differences": []}
    Study.objects.filter(pk=study.pk).update(seed=study.seed + 1)
    other = client.get(at(study, "verification/")).json()
    assert other["is_same"] is False
    assert other["differences"]


def test_changes_of_drawn_items_are_told(token_client, owner, study):
    client = token_client(owner, ["read"])
    assert client.get(at(study, "changes/")).json()["items"] == []
    drawn = study.sample.order_by("frame_entry__key").first().item_version.item
    Item.objects.filter(pk=drawn.pk).update(state=Item.State.MISSING)
    rows = client.get(at(study, "changes/")).json()["items"]
    assert rows == [{"item": drawn.pk, "key": drawn.key, "reason": "missing"}]


# Units


@pytest.fixture
def running(owner) -> Study:
    made = running_study(3, labelled=1)
    make_membership(made, owner, role=Membership.Role.COORDINATOR)
    return made


def test_units_are_told_by_number_to_coordinators_only(
    token_client, session_client, owner, running
):
    observer = make_user()
    make_membership(running, observer, role=Membership.Role.OBSERVER)
    rows = token_client(owner, ["read"]).get(at(running, "units/")).json()["items"]
    assert [(row["number"], row["key"], row["labelled"]) for row in rows] == [
        (1, "A-PXI/000.png", True),
        (2, "A-PXI/001.png", False),
        (3, "A-PXI/002.png", False),
    ]
    assert [row["slice_number"] for row in rows] == [None] * 3
    response = session_client(observer).get(at(running, "units/"))
    assert is_problem(response, 403, "not-allowed")


def test_slices_count_from_one(token_client, owner, running):
    running.sample.filter(number=2).update(slice_index=0)
    rows = token_client(owner).get(at(running, "units/")).json()["items"]
    assert [row["slice_number"] for row in rows] == [None, 1, None]


def test_a_unit_is_hidden_shown_and_withdrawn(token_client, owner, running):
    client, address = token_client(owner, ["manage"]), at(running, "units/2/")
    hidden = client.post(address, {"change": "hide", "reason": "A name in it?"}).json()
    assert (hidden["number"], hidden["hidden_at"] is None) == (2, False)
    shown = client.post(address, {"change": "show", "reason": "No name."}).json()
    assert shown["hidden_at"] is None
    told = client.post(address, {"change": "withdraw", "reason": "A phantom."}).json()
    assert told["withdrawal_reason"] == "A phantom."
    assert SampledItem.objects.get(study=running, number=2).withdrawn_at is not None
    again = client.post(address, {"change": "withdraw", "reason": "A phantom."})
    assert is_problem(again, 409, "refused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"change": "hide"}, "/reason"),
        ({"change": "delete", "reason": "x"}, "/change"),
        ({"reason": "x"}, "/change"),
        ({"change": "hide", "reason": "x", "whole_image": 1}, "/whole_image"),
    ],
)
def test_a_wrong_change_names_the_field(token_client, owner, running, body, field):
    response = token_client(owner).post(at(running, "units/1/"), body)
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]


def test_a_unit_that_is_not_there_is_not_found(token_client, owner, running):
    body = {"change": "hide", "reason": "x"}
    for number in (4, 2**70):
        response = token_client(owner).post(at(running, f"units/{number}/"), body)
        assert is_problem(response, 404, "not-found")
