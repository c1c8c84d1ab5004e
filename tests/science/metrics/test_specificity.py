"""The table of metrics and faults in the docs is that of the metrics that there are."""

import re
from functools import cache

import pytest

from sts_qa.science.metrics.table import METRICS
from tools import metric_specificity
from tools.metric_specificity import DOCUMENT, FAULTS, MEANT_FOR, image_metrics

HEADINGS = {"radiograph": "Radiographs", "volume": "Axial slices of volumes"}
NUMBER = re.compile(r"[x=+-]([\d.e+-]+)")
# Where a metric does not show what it is meant for; the document says why
KNOWN_TO_MISS = {
    ("radiograph", "tooth_background_auc"),
    ("volume", "tooth_background_auc"),
}


def table_lines(kind):
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.partition(f"## {HEADINGS[kind]}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\|.+\|$", section, re.MULTILINE)


def documented(kind):
    """Cells of the table by metric, each by fault."""
    rows = [line.strip("|` ").split("` | ") for line in table_lines(kind)[2:]]
    return {name: dict(zip(FAULTS, cells.split(" | "), strict=True)) for name, cells in rows}


@cache
def measured_clean(kind):
    return metric_specificity.measure_clean(kind)


@pytest.mark.parametrize("kind", HEADINGS)
def test_the_table_has_a_row_for_every_metric_of_an_image(kind):
    assert list(documented(kind)) == [metric.name for metric in image_metrics(kind)]


def test_the_text_around_the_tables_is_that_of_the_tool(monkeypatch):
    monkeypatch.setattr(metric_specificity, "table", lambda kind: "\n".join(table_lines(kind)))

    assert metric_specificity.document() == DOCUMENT.read_text(encoding="utf-8")


def test_the_metrics_of_masks_are_named_apart():
    text = DOCUMENT.read_text(encoding="utf-8").partition("## Not in the tables")[2]
    of_masks = {name for name, metric in METRICS.items() if metric.scope == "mask"}
    assert set(re.findall(r"`(\w+)`", text)) == of_masks


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", HEADINGS)
def test_cells_are_what_the_phantoms_give(kind, fault):
    found = metric_specificity.responses(kind, fault, measured_clean(kind))
    table = documented(kind)
    for name, response in found.items():
        now, then = metric_specificity.cell(name, fault, response), table[name][fault]
        assert NUMBER.sub("", now) == NUMBER.sub("", then), name
        for one, other in zip(NUMBER.findall(now), NUMBER.findall(then), strict=True):
            assert float(one) == pytest.approx(float(other), rel=0.1), name


@pytest.mark.parametrize("kind", HEADINGS)
def test_every_metric_answers_to_the_faults_it_is_meant_for(kind):
    missing = {
        (kind, name)
        for name, cells in documented(kind).items()
        for fault in MEANT_FOR.get(name, ())
        if not re.fullmatch(r"\*\*.+\*\*", cells[fault])
    }
    assert missing == {one for one in KNOWN_TO_MISS if one[0] == kind}


@pytest.mark.parametrize(
    ("kind", "criterion", "faults"),
    [
        ("radiograph", "contrast", {"low_contrast"}),
        ("radiograph", "sharpness", {"blur"}),
        ("radiograph", "artifacts", {"noise", "clipping", "compression"}),
        ("volume", "contrast", {"low_contrast"}),
        ("volume", "sharpness", {"blur"}),
        ("volume", "artifacts", {"noise", "clipping", "streaks", "rings"}),
    ],
)
def test_what_stands_beside_a_criterion_shows_its_faults(kind, criterion, faults):
    beside = [
        cells for name, cells in documented(kind).items() if criterion in METRICS[name].shown_beside
    ]
    shown = {
        fault for cells in beside for fault in FAULTS if re.fullmatch(r"\*\*.+\*\*", cells[fault])
    }
    assert faults <= shown


def test_what_metrics_are_meant_for_is_a_fault():
    assert {fault for faults in MEANT_FOR.values() for fault in faults} <= set(FAULTS)
