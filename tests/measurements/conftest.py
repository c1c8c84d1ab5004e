"""A small dataset with real files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sts_qa.catalogue.models import Item, MaskVersion
from sts_qa.measurements.models import Measurement, MetricRun
from sts_qa.science.metrics.table import METRICS, Family, Metric
from tests.factories import make_dataset, make_user
from tests.measurements.images import add_radiograph, add_volume


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.WORKERS = 1
    return settings.DATA_FOLDER


@pytest.fixture
def coordinator(db):
    return make_user("coordinator", coordinator=True)


@pytest.fixture
def dataset(coordinator, tmp_path):
    """A-PXI: radiographs 0 to 3, the first two labelled; 3D: volumes 0 labelled and 1."""
    dataset = make_dataset(owner=coordinator, name="Teeth")
    for number in range(4):
        add_radiograph(dataset, tmp_path / "source", number, labelled=number < 2)
    for number in range(2):
        add_volume(dataset, tmp_path / "source", number, labelled=number < 1)
    return dataset


@pytest.fixture
def store(dataset, coordinator):
    """Return a function that stores one value, or none with its reason."""
    metric_run = MetricRun.objects.create(dataset=dataset, created_by=coordinator)

    def put(key, metric, value, reason="", **fields):
        fields.setdefault("metric_version", METRICS[metric].version)
        return Measurement.objects.create(
            item_version=Item.objects.get(key=key).current_version,
            metric=metric,
            value=value,
            reason=reason,
            run=metric_run,
            **fields,
        )

    return put


def _made_up_agreement(mask):
    """Stand for any metric that compares two masks."""
    return 1.0


@pytest.fixture
def agreement() -> Iterator[str]:
    """Give the name of the only metric that compares two masks."""
    all_metrics = dict(METRICS)
    for name in [name for name, metric in METRICS.items() if metric.needs_reference]:
        del METRICS[name]
    metric = Metric(
        function=_made_up_agreement,
        family=Family.MASK_AGREEMENT,
        label="Made-up agreement",
        label_zh="虚构的一致性",
        unit="1",
        value_range=(0, 1),
        direction="up",
        source="none",
        needs_mask=True,
        needs_reference=True,
        scope="mask",
    )
    METRICS[metric.name] = metric
    yield metric.name
    # In the order of the pages again
    METRICS.clear()
    METRICS.update(all_metrics)


@pytest.fixture
def add_mask(dataset):
    """Return a function that gives an item a further mask."""

    def add(key: str, name: str, number: int = 1) -> MaskVersion:
        item = Item.objects.get(key=key)
        own = item.current_version
        return MaskVersion.objects.create(
            item=item,
            name=name,
            key=f"{name}/{key}",
            number=number,
            sha256=f"{MaskVersion.objects.count():064x}",
            size_bytes=100,
            shape=own.shape,
            dtype="uint8",
            nonzero=10,
        )

    return add
