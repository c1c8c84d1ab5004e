"""Metrics of artifacts."""

from sts_qa.science.metrics import artifacts_radiograph
from sts_qa.science.metrics.table.entry import RADIOGRAPH, SHARE_OF_LEVELS, Family, Metric

ARTIFACTS: tuple[Metric, ...] = (
    Metric(
        function=artifacts_radiograph.blockiness,
        family=Family.ARTIFACTS,
        label="Blockiness (JPEG)",
        label_zh="块效应 (JPEG)",
        unit="1",
        value_range=(None, None),
        direction="down",
        source="doi:10.1109/ICIP.2002.1038064",
        kinds=RADIOGRAPH,
        shown_beside=("artifacts",),
    ),
    Metric(
        function=artifacts_radiograph.comb_gaps,
        family=Family.ARTIFACTS,
        label="Gaps in the histogram",
        label_zh="直方图梳状缺口",
        unit=SHARE_OF_LEVELS,
        value_range=(0, 1),
        direction="down",
        source="Share of empty grey levels between p1 and p99",
        kinds=RADIOGRAPH,
    ),
)
