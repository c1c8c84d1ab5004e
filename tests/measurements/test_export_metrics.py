"""All values of a dataset as a file: one row per value, or one row per item."""

from __future__ import annotations

from io import BytesIO

import pandas
import pytest
from django.urls import reverse

from sts_qa.audit.models import Event
from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.measurements.queries import export
from sts_qa.science.metrics.table import METRICS
from sts_qa.studies.models import Study
from tests.catalogue.roles import CLOSED, answers
from tests.factories import make_membership, make_study


def address_of(dataset, shape: str) -> str:
    return reverse("measurements:export_metrics", args=[dataset.pk, shape])


@pytest.fixture
def read(client, coordinator, dataset):
    client.force_login(coordinator)

    def read_file(shape: str) -> pandas.DataFrame:
        response = client.get(address_of(dataset, shape))
        content = b"".join(response.streaming_content)
        assert content.startswith(b"\xef\xbb\xbf")
        return pandas.read_csv(BytesIO(content), comment="#", encoding="utf-8-sig")

    return read_file


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


def test_an_export_is_recorded(read, dataset, coordinator):
    read("wide")
    (event,) = Event.objects.filter(action="metrics.exported")
    assert event.chain.name == f"dataset:{dataset.pk}"
    assert event.actor == str(coordinator.opaque_id)
    assert event.details == {"format": "csv", "shape": "wide"}


def test_the_page_of_metrics_leads_to_both(client, coordinator, dataset, store):
    store("A-PXI/00.png", "noise_sigma", 2.5)
    client.force_login(coordinator)
    page = client.get(reverse("measurements:show_metrics", args=[dataset.pk])).content.decode()
    for shape in ("long", "wide"):
        assert f'href="{address_of(dataset, shape)}"' in page


def test_another_shape_is_not_found_and_nothing_is_recorded(client, coordinator, dataset):
    client.force_login(coordinator)
    assert client.get(address_of(dataset, "round")).status_code == 404
    assert client.head(address_of(dataset, "long")).status_code == 405
    assert not Event.objects.filter(action="metrics.exported").exists()


def test_only_members_may(client, dataset):
    address = address_of(dataset, "long")
    assert answers(client, dataset, lambda: client.get(address)) == CLOSED


def test_a_rater_is_refused(client, dataset):
    study = make_study(dataset=dataset, state=Study.State.RUNNING)
    client.force_login(make_membership(study).user)
    assert client.get(address_of(dataset, "long")).status_code == 403
