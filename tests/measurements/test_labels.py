"""Units of metrics in the language of the page."""

from __future__ import annotations

import pytest
from django.utils import translation

from sts_qa.measurements.labels import unit_label
from sts_qa.science.metrics.table import METRICS


@pytest.mark.parametrize(
    ("metric", "english", "chinese"),
    [
        ("rms_contrast", "", ""),
        ("entropy", "bits", "比特"),
        ("dynamic_range_bits", "bits", "比特"),
        ("occupied_levels", "grey values", "灰度值"),
        ("comb_gaps", "share of grey levels", "灰度级占比"),
        ("clipped_low", "share of pixels", "像素占比"),
        ("boundary_gradient_alignment", "share of boundary", "边界占比"),
    ],
)
def test_units_are_named_in_both_languages(metric, english, chinese):
    for language, expected in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert unit_label(METRICS[metric]) == expected


def test_a_distance_is_in_mm_where_the_size_of_a_pixel_is_known():
    distance = METRICS["hausdorff_95"]
    assert unit_label(distance, in_mm=True) == "mm"
    assert unit_label(distance, in_mm=False) == "px"
    assert unit_label(distance) == "mm; px without pixel size"
    assert unit_label(METRICS["edge_width"], in_mm=True) == "px"
