import re
from pathlib import Path

import pytest

from sts_qa.science.metrics.image import REASONS_ZH, Reason
from sts_qa.science.metrics.table import METRICS

METHODS = Path(__file__).parents[3] / "docs" / "methods" / "metrics.md"
BETTER = {"up": "up", "down": "down", "none": "neither"}
DOI = re.compile(r"\bdoi[: ](10\.\d{4,9}/[^\s;,]+)")

# Published without a DOI, or with none that could be confirmed
IN_PRINT = {
    "percentile_contrast": "Studies in Optics, University of Chicago Press",
    "histogram_spread": "Proc. ICIIP, ISBN 978-1-61284-861-7",
    "edge_width": "ISO 12233",
    "edge_width_x": "ISO 12233",
    "edge_width_y": "ISO 12233",
}
DEFINED_HERE = {
    "clipped_low",
    "clipped_high",
    "near_white",
    "exposure_median",
    "exposure_p5",
    "exposure_p95",
    "percentile_range",
    "dynamic_range_bits",
    "occupied_levels",
    "comb_gaps",
    "over_range_fraction",
    "foreground_share",
    "mask_components",
    "mask_tiny_components",
    "mask_holes",
    "mask_hole_share",
    "mask_border_share",
    "mask_missing_slices",
    "mask_solidity",
    "mask_roughness",
    "boundary_gradient_alignment",
    "boundary_offset",
    "boundary_gradient_ratio",
}


def documented():
    """Rows of the documentation's tables of metrics: their names, and the five cells after them."""
    for line in METHODS.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            first, *cells = (cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            if len(cells) == 5:  # Columns of files have two
                yield re.findall(r"`(\w+)`", first), cells


def range_in_words(low, high):
    if low is None:
        return "any"
    return f"{low} or more" if high is None else f"{low} to {high}"


def test_every_metric_has_one_row_in_the_documentation():
    names = [name for names, _ in documented() for name in names]

    assert sorted(names) == sorted(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_its_row_in_the_documentation_is_its_entry(name):
    metric = METRICS[name]
    formula, unit, limits, better, source = next(c for names, c in documented() if name in names)

    assert unit == metric.unit
    assert limits == range_in_words(*metric.value_range)
    assert better == BETTER[metric.direction]
    assert DOI.findall(source) == DOI.findall(metric.source)
    assert IN_PRINT.get(name, "") in source
    assert (source == "defined here") == (name in DEFINED_HERE)
    assert ("radiographs only" in formula) == (metric.kinds == ("radiograph",))


@pytest.mark.parametrize("name", METRICS)
def test_its_source_is_one_doi_a_work_in_print_or_its_own_definition(name):
    source = METRICS[name].source

    assert len(DOI.findall(source)) == (name not in DEFINED_HERE and name not in IN_PRINT)
    assert IN_PRINT.get(name, "") in source


def test_every_metric_has_labels_in_both_languages_unit_and_source():
    for metric in METRICS.values():
        assert metric.label
        assert metric.unit
        assert metric.source
        assert re.search("[\u4e00-\u9fff]", metric.label_zh)
    for labels in ("label", "label_zh"):
        assert len({getattr(metric, labels) for metric in METRICS.values()}) == len(METRICS)


def test_each_image_criterion_has_the_metrics_that_stand_beside_it():
    beside = {
        criterion: {name for name, metric in METRICS.items() if criterion in metric.shown_beside}
        for criterion in ("contrast", "sharpness", "artifacts")
    }

    assert beside == {
        "contrast": {"percentile_contrast", "contrast_to_noise_sigma", "tooth_background_auc"},
        "sharpness": {"tenengrad_noise_corrected", "blur_effect", "edge_width"},
        "artifacts": {
            "clipped_low",
            "clipped_high",
            "noise_sigma",
            "blockiness",
            "streak_energy",
            "ring_index",
        },
    }


def test_every_reason_has_a_chinese_text():
    assert set(REASONS_ZH) == set(Reason)
