"""The values of a dataset as sheets of a spreadsheet, with what explains them."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Dataset, ImageKind
from sts_qa.measurements import labels
from sts_qa.measurements.export_tables import LONG_COLUMNS, ExportedTable
from sts_qa.measurements.presentation import family_label
from sts_qa.measurements.queries.slices import SCALE, SPREAD
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.tables.spreadsheet import Cell, Sheet, SheetColumn

WIDTHS = {"item": 48, "category": 16, "metric": 28, "reason": 28, "unit": 20, "mask": 16}
WIDTH_OF_NAMES, WIDTH_OF_SENTENCES = 28, 100


def sheets_of(dataset: Dataset, table: ExportedTable) -> list[Sheet]:
    """Return the values, a list of the metrics in them, and what the columns mean."""
    values = [SheetColumn(head, width=WIDTHS.get(head)) for head in table.heads]
    return [
        Sheet("values", values, table.rows, frozen_columns=1),
        _metrics_sheet(),
        _about_sheet(dataset, table.heads),
    ]


def _metrics_sheet() -> Sheet:
    heads = [
        (_("Metric"), WIDTH_OF_NAMES),
        (_("Name"), WIDTH_OF_NAMES),
        (_("Family"), 20),
        (_("Unit"), 22),
        (_("Better"), None),
        (_("Lowest possible"), None),
        (_("Highest possible"), None),
        (_("Version"), None),
        (_("Images"), 24),
        (_("Mask"), 16),
        (_("Source"), WIDTH_OF_SENTENCES),
    ]
    columns = [SheetColumn(head, width=width) for head, width in heads]
    return Sheet("metrics", columns, [_about_metric(metric) for metric in METRICS.values()], 1)


def _about_metric(metric: Metric) -> Sequence[Cell]:
    kinds = [str(ImageKind(kind).label) for kind in metric.kinds]
    needs_mask = metric.needs_mask or metric.scope == "mask"
    low, high = metric.value_range
    return (
        metric.name,
        labels.metric_label(metric),
        family_label(metric.family),
        labels.unit_label(metric),
        labels.direction_label(metric),
        low,
        high,
        metric.version,
        ", ".join(kinds),
        _("two masks") if metric.needs_reference else _("needed") if needs_mask else "",
        metric.source,
    )


def _about_sheet(dataset: Dataset, heads: Sequence[str]) -> Sheet:
    meanings = _meanings()
    rows = [(head, meanings[head]) for head in heads if head in meanings]
    if "metric" not in heads:
        name, with_mask = _("name of a metric"), _("name of a metric: further mask")
        rows += [
            (f"<{name}>", _("The value; empty where there is none.")),
            (
                f"<{with_mask}>",
                _("How the item's own mask agrees with the further mask of this name."),
            ),
            (f"<{name}>_missing", _("Why there is no value.")),
        ]
        if set(SCALE) <= set(heads):
            rows += [(f"<{name}>_{figure}", meanings[figure]) for figure in SPREAD]
    columns = [
        SheetColumn(_("Column"), width=WIDTH_OF_NAMES),
        SheetColumn(_("Meaning"), width=WIDTH_OF_SENTENCES, wraps=True),
    ]
    origin = [(_("Dataset"), dataset.name), (_("Software"), f"STS-QA {settings.SOFTWARE_VERSION}")]
    return Sheet("about", columns, [*rows, *origin])


def _meanings() -> dict[str, str]:
    """Return what each column says, in the order of LONG_COLUMNS."""
    texts = (
        _("Path of the image below the dataset's folder."),
        _("Category of the item."),
        _("radiograph or volume. The value of a volume is the median of its axial slices."),
        _("yes: the item has a mask of its own."),
        _("Name of the metric; the sheet “metrics” explains it."),
        _("Version of the metric; a change of values has a higher one."),
        _("The value; empty where there is none."),
        _("Why there is no value."),
        _("Unit of the value; 1 means a pure number."),
        _("Name of the further mask that the item's own is compared with."),
        _("Volumes: number of axial slices with a value."),
        _("Volumes: a quarter of the slices has lower values."),
        _("Volumes: a quarter of the slices has higher values."),
        _("Volumes: five slices in a hundred are as bad as this or worse."),
        _("Volumes: number of the worst slice, from 1 at the inferior end."),
        _("Volumes: the file's grey value that is measured as 0, exceeded by 99.5% of the volume."),
        _("Volumes: the file's grey value that is measured as 255, exceeded by 0.5%."),
        _("Volumes: the file's grey value above which a voxel counts as metal."),
    )
    return dict(zip(LONG_COLUMNS, texts, strict=True))
