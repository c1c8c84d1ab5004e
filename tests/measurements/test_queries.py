"""Values for reports and the summary per category, on values put in by hand."""

from __future__ import annotations

from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.measurements.queries import (
    NOT_COMPUTED,
    ItemValue,
    counts_by_metric,
    summarise_dataset,
    values_by_item,
)
from sts_qa.science.metrics.table import METRICS


def version_id(key: str) -> int:
    return Item.objects.get(key=key).current_version_id


def summary_of(dataset, category: str, metric: str):
    (found,) = (s for s in summarise_dataset(dataset) if s.category.name == category)
    return next(row for row in found.metrics if row.metric.name == metric)


def test_every_pair_asked_for_gets_one_row_in_order(store, dataset):
    store("A-PXI/01.png", "clipped_low", 0.25)
    store("3D/0.nii.gz", "noise_sigma", 3.5, slice_values=[None, 3.5])
    store("3D/1.nii.gz", "noise_sigma", None, "slice without content")
    ids = [version_id(key) for key in ("3D/1.nii.gz", "A-PXI/01.png", "3D/0.nii.gz")]

    assert list(values_by_item(ids, ["clipped_low", "noise_sigma"])) == [
        ItemValue(ids[0], "clipped_low", None, "not defined for this kind of image"),
        ItemValue(ids[0], "noise_sigma", None, "slice without content"),
        ItemValue(ids[1], "clipped_low", 0.25, ""),
        ItemValue(ids[1], "noise_sigma", None, NOT_COMPUTED),
        ItemValue(ids[2], "clipped_low", None, "not defined for this kind of image"),
        ItemValue(ids[2], "noise_sigma", 3.5, ""),
    ]
    with_slices = list(values_by_item(ids[2:], ["noise_sigma"], with_slices=True))
    assert with_slices == [ItemValue(ids[2], "noise_sigma", 3.5, "", [None, 3.5])]


def test_agreement_with_a_further_mask_is_no_value_of_the_item_alone(store):
    item = Item.objects.get(key="A-PXI/01.png")
    store(item.key, "dice", 0.9, mask=item.current_version.mask)

    (row,) = values_by_item([item.current_version_id], ["dice"])
    assert (row.value, row.reason) == (None, "no further mask to compare with")
    assert "dice" not in {row.metric for row in values_by_item([item.current_version_id])}


def test_values_of_another_version_of_the_function_do_not_count(store, dataset):
    store("A-PXI/01.png", "noise_sigma", 9.0, metric_version=METRICS["noise_sigma"].version + 1)

    (row,) = values_by_item([version_id("A-PXI/01.png")], ["noise_sigma"])
    assert (row.value, row.reason) == (None, NOT_COMPUTED)
    assert summary_of(dataset, "A-PXI", "noise_sigma").count == 0


def test_reading_many_values_takes_few_queries(store, dataset, django_assert_max_num_queries):
    ids = list(Item.objects.values_list("current_version", flat=True)) * 150
    with django_assert_max_num_queries(2 * 2):
        own = [metric for metric in METRICS.values() if not metric.needs_reference]
        assert len(list(values_by_item(ids))) == 6 * 150 * len(own)


def test_median_and_quartiles_leave_missing_values_out(store, dataset):
    # Linear interpolation between ranks: quartiles of 1, 2, 4 are 1.5 and 3
    for number, value in enumerate([4.0, 1.0, 2.0]):
        store(f"A-PXI/{number:02}.png", "noise_sigma", value)
    store("A-PXI/03.png", "noise_sigma", None, "image too small")

    row = summary_of(dataset, "A-PXI", "noise_sigma")
    assert (row.quartile_1, row.median, row.quartile_3, row.count) == (1.5, 2.0, 3.0, 3)
    assert row.missing == {"image too small": 1}


def test_what_is_not_computed_is_counted_as_missing(store, dataset):
    store("A-PXI/00.png", "tooth_background_auc", 0.9)
    store("A-PXI/02.png", "tooth_background_auc", None, "no mask")

    row = summary_of(dataset, "A-PXI", "tooth_background_auc")
    assert row.missing == {NOT_COMPUTED: 2, "no mask": 1}


def test_metrics_that_the_category_cannot_have_are_left_out(dataset):
    rows = {
        s.category.name: [row.metric.name for row in s.metrics] for s in summarise_dataset(dataset)
    }

    # Those that compare two masks need a further one
    assert rows["A-PXI"] == [
        name
        for name, metric in METRICS.items()
        if "radiograph" in metric.kinds and not metric.needs_reference
    ]
    assert "clipped_low" not in rows["STS-3D-Tooth"]
    assert "noise_sigma" in rows["STS-3D-Tooth"]


def test_values_measured_with_a_mask_that_is_held_back_are_not_shown(store, dataset):
    for metric in ("tooth_background_auc", "noise_sigma"):
        store("A-PXI/00.png", metric, 0.5)
        store("A-PXI/01.png", metric, 0.7)
    ItemVersion.objects.filter(item__key="A-PXI/00.png").update(
        mask_error=ItemVersion.MaskError.AFFINE
    )

    auc = summary_of(dataset, "A-PXI", "tooth_background_auc")
    assert (auc.count, auc.median, auc.missing) == (1, 0.7, {NOT_COMPUTED: 2, "mask held back": 1})
    assert summary_of(dataset, "A-PXI", "noise_sigma").count == 2


def test_only_present_items_are_summarised(store, dataset):
    store("A-PXI/00.png", "noise_sigma", 1.0)
    store("A-PXI/01.png", "noise_sigma", 3.0)
    Item.objects.filter(key="A-PXI/01.png").update(state=Item.State.MISSING)

    row = summary_of(dataset, "A-PXI", "noise_sigma")
    assert (row.count, row.median, row.missing) == (1, 1.0, {NOT_COMPUTED: 2})


def test_counts_of_the_dataset_add_up_to_its_items(store, dataset):
    store("A-PXI/00.png", "noise_sigma", 1.0)
    store("3D/1.nii.gz", "noise_sigma", None, "slice without content")

    counts = {count.metric.name: count for count in counts_by_metric(dataset)}
    noise, clipped = counts["noise_sigma"], counts["clipped_low"]
    assert (noise.values, noise.missing, noise.not_computed) == (1, 1, 4)
    assert (clipped.values, clipped.missing, clipped.not_computed) == (0, 0, 4)
