"""Studies of imported ratings by the API: import_ratings."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone

from sts_qa.api.idempotency import BROKEN_OFF_AFTER
from sts_qa.api.models import IdempotentAnswer
from sts_qa.catalogue.models import Dataset, Item
from sts_qa.protocols.models import Protocol
from sts_qa.rating.models import Rating, Score
from sts_qa.science.ratings_file.limits import MOST_BYTES
from sts_qa.studies.models import Study
from tests.api.conftest import fields_at_fault, is_problem
from tests.factories import (
    make_dataset,
    make_item,
    make_protocol_version,
    make_study,
    make_user,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/studies/imported/"
GOOD = "item,rater,value\nx,Ann,1\nx,Bob,2\ny,Ann,3\ny,Bob,\n"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path


@pytest.fixture
def send(token_client, owner):
    """Return a function that posts a file as the coordinator's program."""

    def post(content: str = GOOD, *, client=None, headers=None, **fields):
        client = client or token_client(owner, ["manage"])
        data = {"name": "Old", "file": SimpleUploadedFile("old.csv", content.encode()), **fields}
        return client.post(ADDRESS, data, MULTIPART_CONTENT, headers=headers or {})

    return post


def faults(response) -> dict[str, str]:
    return {one["field"]: one["detail"] for one in response.json()["errors"]}


def test_a_dry_run_tells_everything_and_makes_nothing(send):
    response = send(dry_run="true")
    assert response.status_code == 200, response.content
    told = response.json()
    assert (told["study"], told["is_dry_run"], told["name"]) == (None, True, "Old")
    assert told["sha256"] == hashlib.sha256(GOOD.encode()).hexdigest()
    assert (told["items"], told["new_items"], told["raters"]) == (2, 2, ["Ann", "Bob"])
    assert (told["ratings"], told["scores"], told["missing_cells"]) == (3, 3, 1)
    (criterion,) = told["criteria"]
    assert (criterion["minimum"], criterion["maximum"]) == ("1.000", "3.000")
    assert criterion["range_source"] == "observed"
    assert (told["errors"], told["error_count"]) == ([], 0)
    assert not Study.objects.exists()
    assert not Dataset.objects.exists()


def test_the_study_is_made_closed_and_marked(send, token_client, owner):
    response = send()
    study = Study.objects.get()
    assert response.status_code == 201, response.content
    assert response.json()["study"] == str(study.public_id)
    assert response["Location"] == f"/api/v1/studies/{study.public_id}/"
    assert (study.imported, study.state, study.created_by) == (True, "closed", owner)
    assert set(Rating.objects.values_list("channel", flat=True)) == {"import"}
    shown = token_client(owner).get(response["Location"]).json()
    assert (shown["imported"], shown["ratings"]["done"]) == (True, 3)


def test_the_mean_of_an_imported_study_is_that_of_the_file(send, token_client, owner):
    study = send().json()["study"]
    address = f"/api/v1/studies/{study}/reports/quality-scores/"
    table = token_client(owner).get(address).json()
    means = next(block for block in table["blocks"] if block["slug"] == "means")
    # Item x has 1 and 2, item y has 3
    assert means["rows"][0]["score"] == pytest.approx((1.5 + 3) / 2)
    assert any("imported" in note.lower() for note in table["notes"])


def test_faults_are_named_by_row_and_column_and_nothing_is_made(send):
    content = "item,rater,value\nx,Ann,1\nx,Bob,much\ny,,3\n"
    response = send(content)
    assert is_problem(response, 422, "invalid")
    assert "/file/3/value" in faults(response)
    assert any(field.startswith("/file/4") for field in faults(response))
    assert not Study.objects.exists()
    dry = send(content, dry_run="true").json()
    assert dry["error_count"] == len(response.json()["errors"])
    assert {(one["row"], one["column"]) for one in dry["errors"]} >= {(3, "value")}


def test_options_say_what_the_file_does_not(send, owner):
    dataset = make_dataset(owner=owner)
    for key in ("x", "y"):
        make_item(dataset, key)
    version = make_protocol_version("own", (("contrast", "image"),))
    response = send(
        "picture;who;points\nx;Ann;1\ny;Ann;3\n",
        dataset=dataset.pk,
        protocol=version.protocol.slug,
        item_column="picture",
        rater_column="who",
        value_column="points",
        criterion="contrast",
        delimiter=";",
        form="long",
    )
    assert response.status_code == 201, response.content
    study = Study.objects.get()
    assert (study.dataset, study.protocol_version) == (dataset, version)
    assert response.json()["new_items"] == 0
    assert Item.objects.count() == 2
    assert sorted(Score.objects.values_list("value", flat=True)) == [1, 3]


def test_each_column_can_be_named(send):
    heads = {
        "item": "picture",
        "rater": "who",
        "criterion": "what",
        "value": "points",
        "code": "why",
        "category": "jaw",
        "group": "clinic",
        "labelled": "drawn",
        "stratum": "layer",
        "slice": "cut",
        "repeat": "again",
        "comment": "said",
        "time": "when",
    }
    row = "x,Ann,contrast,1,,upper,north,yes,first,2,no,Dark.,2019-05-01T10:00:00+00:00"
    content = ",".join(heads.values()) + f"\n{row}\n"
    assert send(content, dry_run="true").json()["error_count"] > 0
    columns = {f"{role}_column": name for role, name in heads.items()}
    response = send(content, form="long", minimum="0", maximum="4", **columns)
    assert response.status_code == 201, response.content
    assert response.json()["unread_columns"] == []
    rating = Rating.objects.get()
    assert rating.comment == "Dark."
    assert rating.submitted_at.isoformat() == "2019-05-01T10:00:00+00:00"
    assert Item.objects.get().category.name == "upper"


def test_a_dry_run_names_programs_and_withdrawn_raters(send):
    head = "item,rater,value,rater_kind,model_name,model_version,rater_state"
    rows = "x,Ann,1,expert,,,active\nx,Bob,2,,,,withdrawn\nx,net,0,model,ToothNet,1.2,\n"
    told = send(f"{head}\n{rows}", dry_run="true").json()
    assert (told["errors"], told["raters"]) == ([], ["Ann", "Bob", "net"])
    assert (told["programs"], told["withdrawn_raters"]) == (["ToothNet 1.2"], ["Bob"])
    wrong = send(f"{head}\n{rows}y,Ann,1,model,ToothNet,1.3,\n")
    assert wrong.status_code == 422
    assert faults(wrong)["/file/5/rater_kind"].startswith("Row 2 says otherwise of the rater Ann.")


def test_a_range_is_stated_for_a_protocol_that_is_made(send):
    told = send(minimum="0", maximum="4").json()
    (criterion,) = told["criteria"]
    assert (criterion["minimum"], criterion["maximum"]) == ("0.000", "4.000")
    assert criterion["range_source"] == "given"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"dataset": "7"}, "/dataset"),
        ({"dataset": "x"}, "/dataset"),
        ({"protocol": "nothing"}, "/protocol"),
        ({"minimum": "3"}, "/maximum"),
        ({"minimum": "3", "maximum": "1"}, "/maximum"),
        ({"minimum": "99999", "maximum": "1"}, "/minimum"),
        ({"form": "round"}, "/form"),
        ({"delimiter": ";;"}, "/delimiter"),
        ({"dry_run": "perhaps"}, "/dry_run"),
        ({"kept": "a" * 32}, "/kept"),
        ({"file": "no file"}, "/file"),
    ],
)
def test_a_wrong_field_is_named(send, fields, field):
    response = send(**fields)
    assert is_problem(response, 422, "invalid"), response.content
    assert faults(response).keys() == {field}
    assert not Study.objects.exists()
    assert not Protocol.objects.filter(built_in=False).exists()


def test_imported_ratings_never_go_into_a_study_that_there_is(send):
    make_study(name="Old")
    refused = send()
    assert is_problem(refused, 409, "refused")
    assert fields_at_fault(refused) == ["/name"]
    assert not Rating.objects.exists()


def test_the_same_key_makes_one_study(send):
    key = {"Idempotency-Key": "i"}
    first, again = send(headers=key), send(headers=key)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    other = send("item,rater,value\nx,Ann,1\nx,Bob,3\n", headers=key)
    assert is_problem(other, 422, "idempotency-key-reused")
    assert Study.objects.count() == 1


def test_what_broke_off_is_not_imported_twice(send):
    key = {"Idempotency-Key": "k"}
    assert send(headers=key).status_code == 201
    begun = timezone.now() - 2 * BROKEN_OFF_AFTER
    IdempotentAnswer.objects.update(status=None, body="", created_at=begun)
    assert is_problem(send(headers=key), 409, "broken-off")
    assert Study.objects.count() == 1


def test_a_file_that_announces_too_many_bytes_is_not_read(token_client, owner, monkeypatch):
    client = token_client(owner)
    response = client.generic(
        "POST",
        ADDRESS,
        b"--b",
        "multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(MOST_BYTES + 10**6),
    )
    assert is_problem(response, 413, "too-large")


def test_json_is_the_wrong_media_type(token_client, owner):
    response = token_client(owner).post(ADDRESS, {"name": "Old"})
    assert is_problem(response, 415, "media-type")


def test_who_may_not_coordinate_imports_nothing(send, token_client, session_client, owner):
    rater = make_user()
    assert is_problem(send(client=token_client(rater)), 403, "not-allowed")
    assert is_problem(send(client=session_client(rater)), 403, "not-allowed")
    assert is_problem(send(client=token_client(owner, ["read"])), 403, "scope")
    limited = token_client(owner, study=make_study(coordinator=owner, name="Other"))
    assert is_problem(send(client=limited), 403, "token-limit")
    assert Study.objects.count() == 1


def test_somebody_else_s_dataset_is_not_there(send):
    other = make_dataset()
    assert faults(send(dataset=other.pk)).keys() == {"/dataset"}
