"""All values of a dataset as a file: one row per value, or one row per item."""

from __future__ import annotations

from io import BytesIO, StringIO
from itertools import product
from statistics import quantiles

import openpyxl
import pandas
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.measurements.queries import export
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study
from tests.catalogue.roles import CLOSED, answers
from tests.factories import make_membership, make_study, make_user
from tests.measurements.running_jobs import run, stored


def address_of(dataset, shape: str, file_format: str = "csv") -> str:
    return reverse("measurements:export_metrics", args=[dataset.pk, shape, file_format])


@pytest.fixture
def read(client, coordinator, dataset):
    client.force_login(coordinator)

    def read_file(shape: str) -> pandas.DataFrame:
        response = client.get(address_of(dataset, shape))
        content = b"".join(response.streaming_content)
        assert content.startswith(b"\xef\xbb\xbf")
        return pandas.read_csv(BytesIO(content), comment="#", encoding="utf-8-sig")

    return read_file


@pytest.fixture
def read_book(client, coordinator, dataset):
    client.force_login(coordinator)

    def read_file(shape: str) -> openpyxl.Workbook:
        response = client.get(address_of(dataset, shape, "xlsx"))
        assert response.headers["Content-Disposition"].endswith(f'teeth-metrics-{shape}.xlsx"')
        return openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))

    return read_file


def frame_of(book: openpyxl.Workbook, sheet: str = "values") -> pandas.DataFrame:
    heads, *rows = book[sheet].iter_rows(values_only=True)
    return pandas.DataFrame(rows, columns=heads, dtype=object)


def cell(frame: pandas.DataFrame, column: str, **wanted: str):
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    (found,) = frame[column]
    return found


def test_long_has_one_row_for_every_item_and_metric_that_it_can_have(read, store):
    value = 0.1 + 0.2
    store("A-PXI/00.png", "noise_sigma", value)
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    frame = read("long")

    noise = {"item": "A-PXI/00.png", "metric": "noise_sigma"}
    # The very same number, not one rounded for people
    assert cell(frame, "value", **noise) == value
    assert cell(frame, "metric_version", **noise) == METRICS["noise_sigma"].version
    assert cell(frame, "unit", **noise) == METRICS["noise_sigma"].unit
    assert cell(frame, "labelled", **noise) == "yes"
    missing = {"item": "A-PXI/02.png", "metric": "tooth_background_auc"}
    assert pandas.isna(cell(frame, "value", **missing))
    assert cell(frame, "reason", **missing) == "no mask"
    rest = frame.drop(frame[frame.value.notna() | (frame.reason == "no mask")].index)
    assert set(rest.reason) == {"not computed"}
    own = [metric for metric in METRICS.values() if not metric.needs_reference]
    expected = sum(4 * ("radiograph" in m.kinds) + 2 * ("volume" in m.kinds) for m in own)
    assert len(frame) == expected
    assert not frame.duplicated(["item", "metric"]).any()


SUMMARY = {
    "counted": 6,
    "median": 4.0,
    "quartile_1": 3.0,
    "quartile_3": 0.1 + 5,
    "worst_5_percent": 9.5,
    "worst_slice": 0,
    "black": -1000.0,
    "white": 2300.5,
    "metal_level": None,
    "missing": {"slice without content": [6, 7]},
}


def test_long_tells_what_makes_up_the_value_of_a_volume(read, store):
    """The worst slice is counted from 1, as on the pages."""
    store("3D/0.nii.gz", "noise_sigma", 4.0, summary=SUMMARY)
    store("3D/1.nii.gz", "noise_sigma", None, "no mask", summary={"counted": 0, "median": None})
    store("A-PXI/00.png", "noise_sigma", 2.5)
    frame = read("long")
    names = ["slices", "quartile_1", "quartile_3", "worst_5_percent", "worst_slice"]
    names += ["black", "white", "metal_level"]
    assert list(frame.columns[-len(names) :]) == names
    noise = frame[frame.metric == "noise_sigma"].set_index("item")[names]
    assert noise.loc["3D/0.nii.gz"].tolist()[:-1] == [6, 3.0, 0.1 + 5, 9.5, 1, -1000.0, 2300.5]
    assert pandas.isna(noise.loc["3D/0.nii.gz", "metal_level"])
    assert noise.loc[["3D/1.nii.gz", "A-PXI/00.png"]].isna().all(axis=None)


SPREAD = ["slices", "quartile_1", "quartile_3", "worst_5_percent", "worst_slice"]
ON_SLICES = [m for m in METRICS.values() if m.scope == "image" and "volume" in m.kinds]


def figures_of(direction: str, slice_values: list[float | None]) -> dict[str, float]:
    """Value and spread by the standard library, worked out from the value of each slice."""
    present = [value for value in slice_values if value is not None]
    low, median, high = quantiles(present, n=4, method="inclusive")
    figures = {"slices": len(present), "value": median, "quartile_1": low, "quartile_3": high}
    if direction != "none":
        # Of 19 cuts the outermost leave 5% beyond them
        of_twenty = quantiles(present, n=20, method="inclusive")
        worst = max(present) if direction == "down" else min(present)
        figures["worst_5_percent"] = of_twenty[-1] if direction == "down" else of_twenty[0]
        figures["worst_slice"] = slice_values.index(worst) + 1
    return figures


def test_both_tell_the_spread_of_the_slices(read, dataset, coordinator):
    run(dataset, coordinator)
    long, wide = read("long"), read("wide").set_index("item")
    compared = 0
    for key, metric in product(("3D/0.nii.gz", "3D/1.nii.gz"), ON_SLICES):
        slice_values = stored(key)[metric.name].slice_values
        in_long = long[(long.item == key) & (long.metric == metric.name)].iloc[0]
        in_wide = {"value": wide.loc[key, metric.name]}
        in_wide |= {
            figure: wide.loc[key, f"{metric.name}_{figure}"]
            for figure in SPREAD
            if f"{metric.name}_{figure}" in wide
        }
        if not any(value is not None for value in slice_values or []):
            assert pandas.isna(list(in_wide.values())).all()
            continue
        compared += 1
        expected = figures_of(metric.direction, slice_values)
        assert in_wide == pytest.approx(expected, rel=1e-12)
        assert {name: in_long[name] for name in expected} == in_wide
    assert compared > 20


def test_both_tell_the_grey_values_that_a_volume_is_measured_on(read, dataset, coordinator):
    run(dataset, coordinator)
    names = ["black", "white", "metal_level"]
    long, wide = read("long"), read("wide").set_index("item")[names]
    of_volumes = long[long.slices.notna()]
    assert set(of_volumes.item) == {"3D/0.nii.gz", "3D/1.nii.gz"}
    for item, rows in of_volumes.groupby("item"):
        assert (rows[names] == wide.loc[item]).all(axis=None)
    assert wide[wide.index.str.startswith("A-PXI")].isna().all(axis=None)


def test_wide_has_its_columns_in_one_order_whatever_is_measured(read, store):
    """Figure by figure; the worst only of metrics that have a worse side."""
    before = list(read("wide").columns)
    store("3D/1.nii.gz", "noise_sigma", 4.0, summary=SUMMARY)
    store("A-PXI/00.png", "noise_sigma", 2.5)
    frame = read("wide")
    assert list(frame.columns) == before
    assert len(set(before)) == len(before)
    own = [name for name, metric in METRICS.items() if not metric.needs_reference]
    of_slices = [
        f"{metric.name}_{figure}"
        for figure in SPREAD
        for metric in ON_SLICES
        if not figure.startswith("worst") or metric.direction != "none"
    ]
    assert before == [
        *["item", "category", "kind", "labelled"],
        *own,
        *of_slices,
        *["black", "white", "metal_level"],
        *(f"{name}_missing" for name in own),
    ]
    of_volume = frame.set_index("item").loc["3D/1.nii.gz"]
    assert [of_volume[f"noise_sigma_{name}"] for name in SPREAD] == [6, 3.0, 0.1 + 5, 9.5, 1]
    assert (of_volume.black, of_volume.white) == (-1000.0, 2300.5)
    assert pandas.isna(of_volume.metal_level)
    of_radiograph = frame.set_index("item").loc["A-PXI/00.png"]
    assert of_radiograph[[f"noise_sigma_{name}" for name in SPREAD]].isna().all()


def test_wide_of_radiographs_alone_has_no_columns_of_volumes(read):
    Item.objects.filter(kind="volume").update(state=Item.State.MISSING)
    columns = list(read("wide").columns)
    assert {"tenengrad", "tenengrad_missing"} <= set(columns)
    assert not {f"tenengrad_{name}" for name in SPREAD} & set(columns)
    assert not [name for name in columns if "worst" in name]
    assert not {"black", "white", "metal_level"} & set(columns)


def test_wide_has_one_row_per_item_and_says_why_values_are_missing(read, store):
    store("A-PXI/00.png", "noise_sigma", 2.5)
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    frame = read("wide")

    assert list(frame.item) == sorted(Item.objects.values_list("key", flat=True))
    assert cell(frame, "noise_sigma", item="A-PXI/00.png") == 2.5
    assert pandas.isna(cell(frame, "noise_sigma_missing", item="A-PXI/00.png"))
    assert pandas.isna(cell(frame, "tooth_background_auc", item="A-PXI/02.png"))
    assert cell(frame, "tooth_background_auc_missing", item="A-PXI/02.png") == "no mask"
    # Neither a value nor missing: a volume cannot have it
    assert pandas.isna(cell(frame, "clipped_low_missing", item="3D/0.nii.gz"))


def test_both_name_the_further_mask_that_a_value_compares_with(read, store, agreement, add_mask):
    store("A-PXI/00.png", agreement, 0.8, mask=add_mask("A-PXI/00.png", "Annotator 2"))
    add_mask("A-PXI/01.png", "Model, v3")
    long = read("long")
    of_two = long[long.metric == agreement]
    cells = of_two[["item", "mask", "value", "reason"]].astype(object).fillna("")
    assert cells.values.tolist() == [
        ["A-PXI/00.png", "Annotator 2", 0.8, ""],
        ["A-PXI/01.png", "Model, v3", "", "not computed"],
    ]
    wide = read("wide")
    assert cell(wide, f"{agreement}: Annotator 2", item="A-PXI/00.png") == 0.8
    missing = f"{agreement}: Model, v3_missing"
    assert cell(wide, missing, item="A-PXI/01.png") == "not computed"
    assert pandas.isna(cell(wide, missing, item="A-PXI/00.png"))


def test_values_of_a_mask_that_is_held_back_are_left_out(read, store):
    store("A-PXI/00.png", "tooth_background_auc", 0.5)
    ItemVersion.objects.filter(item__key="A-PXI/00.png").update(
        mask_error=ItemVersion.MaskError.AFFINE
    )
    frame = read("wide")
    assert pandas.isna(cell(frame, "tooth_background_auc", item="A-PXI/00.png"))
    reason = cell(frame, "tooth_background_auc_missing", item="A-PXI/00.png")
    assert reason == "mask held back"


def test_many_items_are_read_by_and_by_and_each_once(
    read, store, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(export, "CHUNK", 2)
    store("A-PXI/00.png", "noise_sigma", 2.5)
    with django_assert_max_num_queries(40):
        frame = read("wide")
    assert list(frame.item) == sorted(Item.objects.values_list("key", flat=True))


def test_text_that_a_spreadsheet_would_take_for_a_formula_is_made_harmless(read, dataset):
    dataset.categories.filter(name="A-PXI").update(name="=1+1")
    assert set(read("long").category) == {"'=1+1", "STS-3D-Tooth"}


@pytest.mark.parametrize("shape", ["long", "wide"])
def test_a_spreadsheet_holds_the_same_cells(shape, read, read_book, store, agreement, add_mask):
    store("A-PXI/00.png", "noise_sigma", 0.1 + 0.2)
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")
    store("A-PXI/00.png", agreement, 0.8, mask=add_mask("A-PXI/00.png", "Annotator 2"))
    store("3D/0.nii.gz", "noise_sigma", 4.0, summary=SUMMARY)
    of_csv, of_xlsx = read(shape), frame_of(read_book(shape))
    assert list(of_xlsx.columns) == list(of_csv.columns)
    for name in of_csv.columns:
        for expected, got in zip(of_csv[name], of_xlsx[name], strict=True):
            if pandas.isna(expected):
                assert got is None
            elif isinstance(expected, str):
                # CSV only can say that a text is one
                assert str(got) == expected
            else:
                assert got == pytest.approx(expected, rel=1e-15)
                assert not isinstance(got, str)


def test_a_spreadsheet_keeps_its_heads_and_items_in_sight(read_book):
    book = read_book("wide")
    assert book.sheetnames == ["values", "metrics", "about"]
    assert book["values"].freeze_panes == "B2"


def test_a_spreadsheet_explains_every_metric_and_column(read_book, dataset):
    book = read_book("long")
    metrics = frame_of(book, "metrics").set_index("Metric")
    assert list(metrics.index) == list(METRICS)
    for name, metric in METRICS.items():
        assert metrics.Version[name] == metric.version
        assert metrics.Source[name] == metric.source
    assert metrics.Better["noise_sigma"] == "lower"
    assert metrics.Unit["noise_sigma"] == "grey levels of 255"
    assert metrics.Mask["tooth_background_auc"] == "needed"
    assert metrics.Mask["dice"] == "two masks"
    about = frame_of(book, "about").set_index("Column").Meaning
    assert set(frame_of(book).columns) < set(about.index)
    assert about["Dataset"] == dataset.name
    of_wide = frame_of(read_book("wide"), "about").set_index("Column").Meaning
    assert of_wide["<name of a metric>_missing"] == "Why there is no value."
    for name in SPREAD:
        assert of_wide[f"<name of a metric>_{name}"] == about[name]
    for name in ("black", "white", "metal_level"):
        assert of_wide[name] == about[name]
    assert "metric" not in of_wide


def test_a_spreadsheet_speaks_the_language_of_the_page(read_book, client):
    client.post(reverse("accounts:set_language"), {"language": "zh-hans"})
    book = read_book("long")
    metrics = frame_of(book, "metrics")
    assert METRICS["noise_sigma"].label_zh in set(metrics["名称"])
    # What programs read is the same in every language
    assert frame_of(book).columns[0] == "item"


def test_text_in_a_spreadsheet_is_never_a_formula(read_book, dataset, add_mask):
    dataset.categories.filter(name="A-PXI").update(name="=1+1")
    type(dataset).objects.filter(pk=dataset.pk).update(name="Teeth")
    add_mask("A-PXI/00.png", "@SUM(A1)")
    for shape in ("long", "wide"):
        book = read_book(shape)
        assert set(frame_of(book).category) == {"=1+1", "STS-3D-Tooth"}
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} == {"s", "n"}


def test_an_export_is_recorded(read, dataset, coordinator):
    read("wide")
    (event,) = Event.objects.filter(action="metrics.exported")
    assert event.chain.name == f"dataset:{dataset.pk}"
    assert event.actor == str(coordinator.opaque_id)
    assert event.details == {"format": "csv", "shape": "wide"}


def test_a_spreadsheet_is_recorded_as_one(read_book):
    read_book("long")
    (event,) = Event.objects.filter(action="metrics.exported")
    assert event.details == {"format": "xlsx", "shape": "long"}


def test_the_page_of_metrics_leads_to_all(client, coordinator, dataset, store):
    store("A-PXI/00.png", "noise_sigma", 2.5)
    client.force_login(coordinator)
    page = client.get(reverse("measurements:show_metrics", args=[dataset.pk])).content.decode()
    for shape in ("long", "wide"):
        for file_format in ("csv", "xlsx"):
            assert f'href="{address_of(dataset, shape, file_format)}"' in page


def test_another_shape_or_format_is_not_found_and_nothing_is_recorded(client, coordinator, dataset):
    client.force_login(coordinator)
    assert client.get(address_of(dataset, "round")).status_code == 404
    assert client.get(address_of(dataset, "long", "exe")).status_code == 404
    assert client.head(address_of(dataset, "long")).status_code == 405
    assert not Event.objects.filter(action="metrics.exported").exists()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_only_members_may(client, dataset, file_format):
    address = address_of(dataset, "long", file_format)
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_rater_is_refused(client, dataset, file_format):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    client.force_login(make_membership(study).user)
    assert client.get(address_of(dataset, "long", file_format)).status_code == 403


@pytest.mark.parametrize("shape", ["long", "wide"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_command_writes_the_same_bytes(
    client, coordinator, dataset, tmp_path, shape, file_format
):
    target, out = tmp_path / "values", StringIO()
    options = {"output": target, "format": file_format, "shape": shape, "stdout": out}
    call_command("export_metrics", "Teeth", acting_user="coordinator", **options)
    client.force_login(coordinator)
    response = client.get(address_of(dataset, shape, file_format))
    assert target.read_bytes() == b"".join(response.streaming_content)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["values"]
    assert f"Wrote {target.stat().st_size} bytes" in out.getvalue()
    assert Event.objects.filter(action="metrics.exported").count() == 2


def test_the_command_explains_in_the_language_asked_for(dataset, tmp_path):
    options = {"output": tmp_path / "values.xlsx", "format": "xlsx", "language": "zh-hans"}
    call_command("export_metrics", "Teeth", acting_user="coordinator", stdout=StringIO(), **options)
    assert "名称" in frame_of(openpyxl.load_workbook(tmp_path / "values.xlsx"), "metrics")


def test_the_command_refuses_people_without_the_dataset_and_keeps_the_older_file(dataset, tmp_path):
    target = tmp_path / "values.csv"
    target.write_text("older")
    rater = make_membership(make_study(dataset=dataset, state=Study.State.RUNNING)).user
    stranger = make_user("stranger", coordinator=True)
    for user in (rater, stranger):
        with pytest.raises(CommandError, match=user.username):
            call_command("export_metrics", "Teeth", output=target, acting_user=user.username)
    assert target.read_text() == "older"
    assert not Event.objects.filter(action="metrics.exported").exists()


def test_the_command_says_where_it_cannot_write(dataset, tmp_path):
    target = tmp_path / "nowhere" / "values.csv"
    with pytest.raises(CommandError, match=str(target)):
        call_command("export_metrics", "Teeth", output=target, acting_user="coordinator")
