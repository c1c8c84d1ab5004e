"""Reports by the API: list_reports, show_report."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import jsonschema
import pytest
from django.urls import reverse

from sts_qa.api.description import api_document
from sts_qa.audit.models import Event
from sts_qa.reports import files
from sts_qa.reports.options import Option
from sts_qa.reports.registry import REPORTS, Report
from sts_qa.science.tables.model import Block, Column, ReportTable
from sts_qa.science.tables.writers import WRITERS
from sts_qa.studies.models import Membership, Study
from tests.api.conftest import is_problem
from tests.factories import make_membership, make_study, make_user
from tests.reports.conftest import RatedStudy
from trials.fuzzing import closed

pytestmark = pytest.mark.django_db


@pytest.fixture
def rated(db) -> RatedStudy:
    """A closed study with everything that can be missing."""
    return RatedStudy()


@pytest.fixture
def program(rated, token_client):
    """A client of the study's coordinator that only reads."""
    return token_client(rated.coordinator, ["read"])


def at(study: Study, slug: str = "", query: str = "") -> str:
    return f"/api/v1/studies/{study.public_id}/reports/{slug}{'/' if slug else ''}{query}"


def downloads(client, rated, slug: str, **query: str) -> bytes:
    client.force_login(rated.coordinator)
    address = reverse("reports:download_report", args=[rated.study.public_id, slug])
    return client.get(address, query).content


def exported() -> list[dict]:
    return [event.details for event in Event.objects.filter(action="report.exported")]


# The list


def test_every_report_is_listed_with_what_can_be_chosen_in_it(program, rated):
    rows = program.get(at(rated.study)).json()["items"]
    assert [row["slug"] for row in rows] == list(REPORTS)
    scores = next(row for row in rows if row["slug"] == "quality-scores")
    assert scores["is_sealed"] is False
    assert scores["formats"] == list(WRITERS)
    assert [option["name"] for option in scores["options"]] == ["models"]
    values = [one["value"] for one in scores["options"][0]["values"]]
    assert values == ["none", "beside", "panel"]
    Study.objects.update(state=Study.State.RUNNING)
    rows = program.get(at(rated.study)).json()["items"]
    sealed = {row["slug"] for row in rows if row["is_sealed"]}
    assert sealed == {slug for slug, report in REPORTS.items() if report.is_sealed_until_closed}
    assert "quality-scores" in sealed


# One of them


@pytest.mark.parametrize("slug", list(REPORTS))
def test_a_report_is_what_the_page_hands_out_as_json(client, program, rated, slug):
    response = program.get(at(rated.study, slug))
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    assert response.content == downloads(client, rated, slug, format="json")


def test_the_means_are_those_of_the_scores(program, rated):
    document = program.get(at(rated.study, "quality-scores")).json()
    means = next(block for block in document["blocks"] if block["slug"] == "means")
    row = next(row for row in means["rows"] if row["category"] == "A-PXI")
    # Contrast of a, b, c: 18, 12 and 10, of which b and c weigh twice
    assert row["contrast"] == pytest.approx((18 + 2 * 12 + 2 * 10) / 5)
    assert document["provenance"]["Study"] == "Rated"


@pytest.mark.parametrize("slug", list(REPORTS))
def test_json_is_as_the_document_of_the_api_describes_it(program, rated, slug):
    components = closed(api_document())["components"]
    schema = {"$ref": "#/components/schemas/ReportTable", "components": components}
    jsonschema.Draft202012Validator(schema).validate(program.get(at(rated.study, slug)).json())


@pytest.mark.parametrize("file_format", [name for name in WRITERS if name != "json"])
@pytest.mark.parametrize("by_accept", [True, False])
def test_every_format_of_the_page_comes_by_accept_or_by_parameter(
    client, program, rated, file_format, by_accept
):
    media_type = WRITERS[file_format].media_type
    headers = {"Accept": media_type.partition(";")[0]} if by_accept else {}
    query = "" if by_accept else f"?format={file_format}"
    response = program.get(at(rated.study, "quality-scores", query), headers=headers)
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"].endswith(f'quality-scores.{file_format}"')
    page = downloads(client, rated, "quality-scores", format=file_format)
    if file_format == "xlsx":
        assert sheets(response.content) == sheets(page)
    else:
        assert response.content == page


def sheets(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("accepts", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("text/csv, */*;q=0.1", "text/csv; charset=utf-8"),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("text/csv;q=0", "application/json"),
    ],
)
def test_what_is_preferred_is_sent_and_else_json(program, rated, accepts, media_type):
    headers = {"Accept": accepts}
    response = program.get(at(rated.study, "rubric"), headers=headers)
    assert response["Content-Type"] == media_type
    assert "Accept" in response["Vary"].split(", ")
    both = program.get(at(rated.study, "rubric", "?format=json"), headers={"Accept": "text/csv"})
    assert both["Content-Type"] == "application/json"


def test_options_are_parameters_of_the_address(program, rated):
    make_membership(
        rated.study,
        make_user("net"),
        pseudonym=4,
        model_name="ToothNet",
        model_version="1",
    )
    asked = program.get(at(rated.study, "quality-scores", "?models=panel")).json()
    usual = program.get(at(rated.study, "quality-scores", "?models=none")).json()
    assert asked["provenance"] != usual["provenance"]
    assert [details["options"] for details in exported()] == [{"models": "panel"}, {}]


@pytest.mark.parametrize(
    ("slug", "query", "field"),
    [
        ("quality-scores", "?models=all", "models"),
        ("rubric", "?models=beside", "models"),
        ("rubric", "?format=pdf", "format"),
        ("rubric", "?colour=red", "colour"),
    ],
)
def test_what_a_report_does_not_offer_is_named(program, rated, slug, query, field):
    response = program.get(at(rated.study, slug, query))
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert exported() == []


def test_a_report_of_later_needs_a_line_in_the_table_only(program, rated, monkeypatch):
    def made(study, language, *, digits):
        column = Column("n", "n", kind="integer")
        return ReportTable("later", "Later", [Block("all", "All", [column], [{"n": int(digits)}])])

    options = {"digits": Option("Digits", {"1": "One", "2": "Two"})}
    report = Report("Later", "Says n.", made, is_sealed_until_closed=False, options=options)
    monkeypatch.setitem(REPORTS, "later", report)
    assert program.get(at(rated.study)).json()["items"][-1]["slug"] == "later"
    told = program.get(at(rated.study, "later", "?digits=2")).json()
    assert told["blocks"][0]["rows"] == [{"n": 2}]


# On record, once


def test_each_report_handed_out_is_recorded_as_on_the_page(program, rated):
    content = program.get(at(rated.study, "quality-scores", "?format=csv")).content
    event = Event.objects.get(action="report.exported")
    assert event.actor == str(rated.coordinator.opaque_id)
    assert event.details == {
        "report": "quality-scores",
        "format": "csv",
        "options": {},
        "sha256": hashlib.sha256(content).hexdigest(),
    }


@pytest.mark.parametrize("file_format", list(WRITERS))
def test_what_is_known_is_neither_sent_nor_recorded_again(program, rated, file_format):
    address = at(rated.study, "quality-scores", f"?format={file_format}")
    first = program.get(address)
    again = program.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert program.head(address).status_code == 200
    assert len(exported()) == 1
    rated.withdraw("b")
    changed = program.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert len(exported()) == 2


def test_a_long_report_is_streamed_and_known_by_its_tag_like_a_short_one(
    program, rated, monkeypatch
):
    address = at(rated.study, "raw-scores")
    whole = program.get(address)
    monkeypatch.setattr(files, "LONG_BYTES", 100)
    streamed = program.get(address)
    assert streamed.streaming
    assert b"".join(streamed.streaming_content) == whole.content
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control", "Vary"):
        assert streamed.headers.get(name) == whole.headers.get(name), name
    again = program.get(address, headers={"If-None-Match": whole["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", whole["ETag"])
    assert len(exported()) == 2


# Who may see what


@pytest.mark.parametrize("query", ["", "?format=csv", "?format=xlsx"])
def test_sealed_scores_are_told_in_no_format(program, rated, query):
    Study.objects.update(state=Study.State.PAUSED)
    for slug in ("quality-scores", "raw-scores"):
        response = program.get(at(rated.study, slug, query))
        assert is_problem(response, 403, "sealed"), slug
    assert program.get(at(rated.study, "rubric", query)).status_code == 200
    assert len(exported()) == 1


def test_without_a_sample_there_is_no_report_of_it(token_client, owner):
    study = make_study(coordinator=owner)
    client = token_client(owner)
    assert is_problem(client.get(at(study, "sample-manifest")), 409, "refused")
    assert client.get(at(study, "rubric")).status_code == 200


def test_raters_and_other_people_get_nothing(session_client, token_client, client, rated):
    observer, rater = make_user(), rated.raters[1].user
    make_membership(rated.study, observer, role=Membership.Role.OBSERVER)
    for slug in ("", "quality-scores"):
        address = at(rated.study, slug)
        assert session_client(observer).get(address).status_code == 200
        assert is_problem(session_client(rater).get(address), 403, "not-allowed")
        assert is_problem(token_client(rater).get(address), 403, "not-allowed")
        assert is_problem(token_client(make_user()).get(address), 404, "not-found")
        assert is_problem(client.get(address), 401, "log-in")
    assert len(exported()) == 1


def test_who_rates_another_open_study_of_the_dataset_gets_nothing(token_client, rated):
    open_study = make_study(dataset=rated.study.dataset, state=Study.State.RUNNING)
    make_membership(open_study, rated.coordinator)
    client = token_client(rated.coordinator)
    for slug in ("", "quality-scores", "rubric"):
        assert is_problem(client.get(at(rated.study, slug)), 403, "not-allowed")
    assert exported() == []


def test_there_is_no_other_report(program, rated):
    assert is_problem(program.get(at(rated.study, "secrets")), 404, "not-found")


def test_the_json_of_missing_values_says_why(program, rated):
    document = json.loads(program.get(at(rated.study, "raw-scores")).content)
    block = document["blocks"][0]
    codes = {one["code"] for one in block["missing"]}
    assert {"not_applicable", "cannot_judge"} <= codes
    place = block["missing"][0]
    assert block["rows"][place["row"]][place["column"]] is None
