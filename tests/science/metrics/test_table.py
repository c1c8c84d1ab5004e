import re
from pathlib import Path

from sts_qa.science.metrics.image import REASONS_ZH, Reason
from sts_qa.science.metrics.table import METRICS

METHODS = Path(__file__).parents[3] / "docs" / "methods" / "metrics.md"


def test_every_metric_is_described_in_the_documentation():
    text = METHODS.read_text(encoding="utf-8")
    for name in METRICS:
        assert f"`{name}`" in text


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
