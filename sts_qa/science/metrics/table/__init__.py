"""METRICS: every metric of the product, one line each, in the order of the pages."""

from sts_qa.science.metrics.table.artifacts import ARTIFACTS
from sts_qa.science.metrics.table.artifacts_volume import ARTIFACTS_VOLUME
from sts_qa.science.metrics.table.contrast import CONTRAST
from sts_qa.science.metrics.table.entry import FAMILY_LABELS, GREY, Family, Metric
from sts_qa.science.metrics.table.exposure import EXPOSURE
from sts_qa.science.metrics.table.mask_agreement import MASK_AGREEMENT
from sts_qa.science.metrics.table.mask_plausibility import MASK_PLAUSIBILITY
from sts_qa.science.metrics.table.noise import NOISE
from sts_qa.science.metrics.table.sharpness import SHARPNESS

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *CONTRAST,
        *SHARPNESS,
        *NOISE,
        *EXPOSURE,
        *ARTIFACTS,
        *ARTIFACTS_VOLUME,
        *MASK_PLAUSIBILITY,
        *MASK_AGREEMENT,
    )
}

__all__ = ["FAMILY_LABELS", "GREY", "METRICS", "Family", "Metric"]
