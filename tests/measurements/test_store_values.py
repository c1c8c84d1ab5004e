"""Values as they come from the processes that measure, and as they are kept."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from sts_qa.catalogue.models import Item
from sts_qa.measurements.actions import FoundValues, store_values
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.science.metrics.files import MeasuredValue
from sts_qa.science.metrics.table import METRICS

OF_SLICES = MeasuredValue(
    1.5, "", [1.25, None, 1e-300], {"iqr": 0.25, "missing": {"slice without content, 无内容": [1]}}
)
MISSING = MeasuredValue(None, "no mask")


@pytest.fixture
def run(dataset, coordinator):
    return MetricRun.objects.create(dataset=dataset, created_by=coordinator)


def version_of(number: int) -> int:
    return Item.objects.order_by("pk")[number].current_version_id


def kept() -> list[tuple]:
    columns = ("item_version_id", "mask_id", "metric", "value", "reason", "slice_values", "summary")
    return list(Measurement.objects.order_by("pk").values_list(*columns))


def test_values_are_kept_as_they_were_found(run):
    before = timezone.now()
    first, second = version_of(0), version_of(1)
    store_values(
        run=run,
        found=[
            FoundValues(first, None, {"noise_sigma": OF_SLICES, "tenengrad": MISSING}),
            FoundValues(second, None, {"noise_sigma": MeasuredValue(0.1 + 0.2)}),
        ],
    )

    assert kept() == [
        (first, None, "noise_sigma", 1.5, "", OF_SLICES.slice_values, OF_SLICES.summary),
        (first, None, "tenengrad", None, "no mask", None, None),
        (second, None, "noise_sigma", 0.1 + 0.2, "", None, None),
    ]
    for measurement in Measurement.objects.all():
        assert measurement.run == run
        assert measurement.metric_version == METRICS[measurement.metric].version
        assert before <= measurement.computed_at <= timezone.now()
    assert Measurement.objects.filter(slice_values__isnull=True).count() == 2


def test_what_another_run_has_stored_stays(run, dataset, coordinator, add_mask):
    further = add_mask("A-PXI/00.png", "Second reader")
    version = further.item.current_version_id
    own = FoundValues(version, None, {"noise_sigma": MeasuredValue(1.0)})
    compared = FoundValues(version, further.pk, {"dice": MeasuredValue(0.5)})
    store_values(run=run, found=[own, compared])

    later = MetricRun.objects.create(dataset=dataset, created_by=coordinator)
    again = {"noise_sigma": MeasuredValue(2.0), "tenengrad": MeasuredValue(3.0)}
    store_values(
        run=later,
        found=[
            own._replace(values=again),
            compared._replace(values={"dice": MeasuredValue(0.25)}),
        ],
    )

    found = Measurement.objects.values_list("metric", "value", "run")
    assert sorted(found) == [
        ("dice", 0.5, run.pk),
        ("noise_sigma", 1.0, run.pk),
        ("tenengrad", 3.0, later.pk),
    ]


def test_nothing_of_a_batch_is_kept_when_a_value_cannot_be(run):
    good = FoundValues(version_of(0), None, {"noise_sigma": MeasuredValue(1.0)})
    bad = FoundValues(version_of(1), None, {"noise_sigma": MeasuredValue(1.0, None)})

    with pytest.raises(IntegrityError):
        store_values(run=run, found=[good, bad])
    assert not Measurement.objects.exists()


def test_nothing_found_is_nothing_stored(run):
    store_values(run=run, found=[])
    assert not Measurement.objects.exists()
