"""Automated metrics by the API: start_metrics, show_metrics, list_metric_values,
list_item_metrics.
"""

from __future__ import annotations

import json
from io import BytesIO

import openpyxl
import pandas
import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Item, MaskVersion
from sts_qa.jobs.models import Job
from sts_qa.jobs.running import run_job
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study
from tests.api.conftest import is_problem
from tests.catalogue.folders import do_units_here
from tests.factories import make_dataset, make_item, make_membership, make_study, make_user
from tests.measurements.images import add_radiograph

pytestmark = pytest.mark.django_db
OF_RADIOGRAPHS = [
    name
    for name, metric in METRICS.items()
    if "radiograph" in metric.kinds and not metric.needs_reference
]
AGREEMENT = [
    name
    for name, metric in METRICS.items()
    if "radiograph" in metric.kinds and metric.needs_reference
]


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "var"
    settings.DATA_FOLDER.mkdir()


@pytest.fixture
def dataset(owner):
    """Three radiographs in A-PXI, one in C-PXI, one volume."""
    dataset = make_dataset(owner=owner, name="Teeth")
    for number in range(3):
        make_item(dataset, f"a/{number}.png")
    make_item(dataset, "c/0.png", category="C-PXI")
    make_item(dataset, "v/0.nii.gz", category="3D", kind="volume", shape=(4, 5, 6))
    return dataset


@pytest.fixture
def store(dataset, owner):
    metric_run = MetricRun.objects.create(dataset=dataset, created_by=owner)

    def put(key: str, metric: str, value: float | None, reason: str = "", **fields) -> None:
        Measurement.objects.create(
            item_version=Item.objects.get(key=key).current_version,
            metric=metric,
            metric_version=METRICS[metric].version,
            value=value,
            reason=reason,
            run=metric_run,
            **fields,
        )

    return put


@pytest.fixture
def program(token_client, owner):
    return token_client(owner)


def of(name: str, dataset) -> str:
    return reverse(f"api:{name}", args=[dataset.pk])


def of_item(key: str) -> str:
    item = Item.objects.get(key=key)
    return reverse("api:list_item_metrics", args=[item.dataset_id, item.pk])


def lines(response) -> list[dict]:
    content = b"".join(response.streaming_content)
    return [json.loads(line) for line in content.splitlines()]


# Computing


def test_a_job_computes_what_is_asked_for(program, owner, tmp_path, monkeypatch):
    do_units_here(monkeypatch)
    dataset = make_dataset(owner=owner)
    item = add_radiograph(dataset, tmp_path / "source", 0)
    response = program.post(of("start_metrics", dataset), {"only": ["rms_contrast"]})
    assert (response.status_code, response.json()["state"]) == (202, "queued")
    assert program.get(of("show_metrics", dataset)).json()["is_computing"] is True
    again = program.post(of("start_metrics", dataset), {"only": ["rms_contrast"]})
    assert again.json()["id"] == response.json()["id"]
    run_job(Job.objects.get(public_id=response.json()["id"]))
    assert program.get(response["Location"]).json()["state"] == "done"
    assert program.get(of("show_metrics", dataset)).json()["is_computing"] is False
    rows = {row["metric"]: row for row in program.get(of_item(item.key)).json()["items"]}
    assert rows["rms_contrast"]["value"] == Measurement.objects.get().value
    assert rows["noise_sigma"]["reason"] == "not computed"


@pytest.mark.parametrize("body", [{"only": ["entropy"]}, {}])
def test_other_metrics_than_those_of_the_running_job_are_refused(program, dataset, body):
    running = program.post(of("start_metrics", dataset), {"only": ["rms_contrast"]})
    response = program.post(of("start_metrics", dataset), body)
    assert is_problem(response, 409, "refused")
    assert "other choices than yours: rms_contrast." in response.json()["detail"]
    assert [str(job.public_id) for job in Job.objects.all()] == [running.json()["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"only": []}, "/only"),
        ({"only": "rms_contrast"}, "/only"),
        ({"only": ["rms_contrast", "beauty"]}, "/only/1"),
        ({"workers": 4}, "/workers"),
    ],
)
def test_a_wrong_body_names_the_field(program, dataset, body, field):
    response = program.post(of("start_metrics", dataset), body)
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert not Job.objects.exists()


# Values


def test_the_spread_of_a_metric_in_each_category(program, dataset, store):
    for number, value in enumerate([1.0, 3.0, 4.0]):
        store(f"a/{number}.png", "noise_sigma", value)
    store("c/0.png", "noise_sigma", None, "constant image")
    told = program.get(of("show_metrics", dataset)).json()["categories"]
    by_category = {
        one["category"]: {metric["metric"]: metric for metric in one["metrics"]} for one in told
    }
    assert {one["category"]: one["items"] for one in told} == {"A-PXI": 3, "C-PXI": 1, "3D": 1}
    noise = by_category["A-PXI"]["noise_sigma"]
    assert (noise["count"], noise["lowest"], noise["highest"]) == (3, 1.0, 4.0)
    assert (noise["quartile_1"], noise["median"], noise["quartile_3"]) == (2.0, 3.0, 3.5)
    assert (noise["missing"], noise["family"], noise["direction"]) == ([], "noise", "down")
    noise = by_category["C-PXI"]["noise_sigma"]
    assert (noise["count"], noise["lowest"], noise["median"]) == (0, None, None)
    assert noise["missing"] == [{"reason": "constant image", "count": 1}]
    assert by_category["C-PXI"]["rms_contrast"]["missing"] == [
        {"reason": "not computed", "count": 1}
    ]


def test_values_are_listed_long_and_exactly_by_page(program, dataset, store):
    store("a/1.png", "noise_sigma", 2.5)
    address, found, sizes = f"{of('list_metric_values', dataset)}?limit=7", [], []
    while address:
        page = program.get(address).json()
        found += page["items"]
        sizes.append(len(page["items"]))
        address = page["next"]
    of_volume = [n for n, m in METRICS.items() if "volume" in m.kinds and not m.needs_reference]
    expected = [
        *[(key, name) for key in ("a/0.png", "a/1.png", "a/2.png") for name in OF_RADIOGRAPHS],
        *[("c/0.png", name) for name in OF_RADIOGRAPHS],
        *[("v/0.nii.gz", name) for name in of_volume],
    ]
    assert [(row["key"], row["metric"]) for row in found] == expected
    assert set(sizes[:-1]) == {7}
    [row] = [row for row in found if row["value"] is not None]
    item = Item.objects.get(key="a/1.png")
    assert row == {
        "item": item.pk,
        "key": "a/1.png",
        "category": "A-PXI",
        "kind": "radiograph",
        "labelled": False,
        "metric": "noise_sigma",
        "metric_version": METRICS["noise_sigma"].version,
        "value": 2.5,
        "reason": "",
        "unit": METRICS["noise_sigma"].unit,
        "mask": "",
        "slices": None,
    }
    streamed = lines(program.get(f"{of('list_metric_values', dataset)}?stream=true"))
    assert streamed == found


def test_values_are_narrowed_to_a_metric_and_a_category(program, dataset):
    place = of("list_metric_values", dataset)
    rows = program.get(f"{place}?metric=noise_sigma&category=A-PXI").json()["items"]
    assert [(row["key"], row["metric"]) for row in rows] == [
        (f"a/{number}.png", "noise_sigma") for number in range(3)
    ]
    page = program.get(f"{place}?metric=noise_sigma&limit=2").json()
    following = program.get(page["next"]).json()["items"]
    assert [row["key"] for row in following] == ["a/2.png", "c/0.png"]


def test_masks_that_are_compared_come_one_by_one(program, dataset):
    item = make_item(dataset, "m/0.png", labelled=True)
    for name in ("Model 3", "Annotator 2"):
        MaskVersion.objects.create(
            item=item, name=name, number=1, key="x", sha256=name, size_bytes=1,
            shape=[32, 64], dtype="uint8", nonzero=1,
        )  # fmt: skip
    place = f"{of('list_metric_values', dataset)}?metric={AGREEMENT[0]}"
    found, address = [], f"{place}&limit=1"
    while address:
        page = program.get(address).json()
        found += [(row["key"], row["mask"]) for row in page["items"]]
        address = page["next"]
    assert found == [("m/0.png", "Annotator 2"), ("m/0.png", "Model 3")]
    own = {(row["metric"], row["mask"]) for row in program.get(of_item("m/0.png")).json()["items"]}
    assert {(AGREEMENT[0], "Annotator 2"), (AGREEMENT[0], "Model 3")} <= own


def test_a_stream_of_values_reads_some_items_at_a_time(
    program, owner, django_assert_max_num_queries
):
    dataset = make_dataset(owner=owner)
    for number in range(60):
        make_item(dataset, f"{number:02}.png")
    with django_assert_max_num_queries(60):
        rows = lines(program.get(f"{of('list_metric_values', dataset)}?stream=true"))
    assert len(rows) == 60 * len(OF_RADIOGRAPHS)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("metric=beauty", "metric"),
        ("category=No", "category"),
        ("format=pdf", "format"),
        ("shape=wide", "shape"),
        ("format=csv&metric=noise_sigma", "metric"),
        ("format=csv&category=A-PXI", "category"),
    ],
)
def test_a_wrong_parameter_is_named(program, dataset, query, field):
    response = program.get(f"{of('list_metric_values', dataset)}?{query}")
    assert is_problem(response, 422, "invalid")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert not Event.objects.filter(action="metrics.exported").exists()


# Files


@pytest.mark.parametrize(
    ("accepts", "media_type"),
    [
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("text/csv;q=0", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_the_preferred_form_of_all_values_is_sent(program, dataset, store, accepts, media_type):
    store("a/1.png", "noise_sigma", 2.5)
    place = of("list_metric_values", dataset)
    assert program.get(place, headers={"Accept": accepts})["Content-Type"] == media_type


@pytest.mark.parametrize("how", ["format", "header"])
def test_all_values_as_csv_on_record(program, dataset, store, owner, how):
    store("a/1.png", "noise_sigma", 2.5)
    place = of("list_metric_values", dataset)
    if how == "format":
        response = program.get(f"{place}?format=csv")
    else:
        response = program.get(place, headers={"Accept": "text/csv, */*;q=0.1"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="teeth-metrics-long.csv"'
    content = b"".join(response.streaming_content)
    frame = pandas.read_csv(BytesIO(content), comment="#", encoding="utf-8-sig")
    chosen = frame[(frame["item"] == "a/1.png") & (frame["metric"] == "noise_sigma")]
    assert list(chosen["value"]) == [2.5]
    act = Event.objects.get(action="metrics.exported")
    assert act.actor == str(owner.opaque_id)
    assert act.details == {"format": "csv", "shape": "long"}


def test_a_spreadsheet_with_one_row_per_item(program, dataset, store):
    store("a/1.png", "noise_sigma", 2.5)
    response = program.get(f"{of('list_metric_values', dataset)}?format=xlsx&shape=wide")
    assert response["Content-Disposition"].endswith('filename="teeth-metrics-wide.xlsx"')
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
    heads, *rows = book["values"].iter_rows(values_only=True)
    values = {row[0]: row[heads.index("noise_sigma")] for row in rows}
    assert (len(values), values["a/1.png"], values["a/0.png"]) == (5, 2.5, None)


def test_asking_for_the_headers_is_no_export(program, dataset):
    response = program.head(f"{of('list_metric_values', dataset)}?format=csv")
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert not Event.objects.filter(action="metrics.exported").exists()


# One item


def test_an_items_values_with_their_place_in_the_category(program, dataset, store):
    for number, value in enumerate([2.0, 8.0, 2.0]):
        store(f"a/{number}.png", "noise_sigma", value)
    store("c/0.png", "noise_sigma", 1.0)
    rows = {row["metric"]: row for row in program.get(of_item("a/0.png")).json()["items"]}
    assert list(rows) == OF_RADIOGRAPHS
    # Two of three are equal and count half, none is smaller
    assert rows["noise_sigma"]["percentile"] == pytest.approx(100 * 1 / 3)
    assert (rows["noise_sigma"]["value"], rows["noise_sigma"]["slices"]) == (2.0, None)
    assert rows["rms_contrast"]["percentile"] is None


def test_slices_of_a_volume_are_counted_from_one(program, dataset, store):
    summary = {
        "counted": 4,
        "quartile_1": 3.0,
        "quartile_3": 5.5,
        "worst_5_percent": 9.0,
        "worst_slice": 2,
        "black": -1000.0,
        "white": 2300.5,
        "metal_level": None,
    }
    store("v/0.nii.gz", "noise_sigma", 4.0, summary=summary)
    rows = {row["metric"]: row for row in program.get(of_item("v/0.nii.gz")).json()["items"]}
    assert rows["noise_sigma"]["slices"] == {**summary, "worst_slice": 3}
    listed = program.get(f"{of('list_metric_values', dataset)}?category=3D&metric=noise_sigma")
    assert [row["slices"] for row in listed.json()["items"]] == [{**summary, "worst_slice": 3}]


def test_values_stored_before_the_range_was_kept_have_none(program, dataset, store):
    store("v/0.nii.gz", "noise_sigma", 4.0, summary={"counted": 4, "quartile_1": 3.0})
    rows = {row["metric"]: row for row in program.get(of_item("v/0.nii.gz")).json()["items"]}
    slices = rows["noise_sigma"]["slices"]
    assert (slices["counted"], slices["black"], slices["white"]) == (4, None, None)


# Who gets them


def test_who_must_not_see_the_dataset_gets_nothing(program, token_client, dataset, owner):
    def answers(client) -> list:
        return [
            client.get(of("show_metrics", dataset)),
            client.get(of("list_metric_values", dataset)),
            client.get(f"{of('list_metric_values', dataset)}?format=csv"),
            client.get(of_item("a/0.png")),
            client.post(of("start_metrics", dataset)),
        ]

    stranger = token_client(make_user(coordinator=True))
    assert all(is_problem(one, 404, "not-found") for one in answers(stranger))
    elsewhere = make_item(make_dataset(owner=owner), "1.png")
    address = reverse("api:list_item_metrics", args=[dataset.pk, elsewhere.pk])
    assert is_problem(program.get(address), 404, "not-found")
    make_membership(make_study(dataset=dataset, state=Study.State.RUNNING), owner)
    assert all(is_problem(one, 403, "not-allowed") for one in answers(program))
    assert not Job.objects.exists()
    assert not Event.objects.filter(action="metrics.exported").exists()
