"""Metrics of contrast."""

from sts_qa.science.metrics import contrast
from sts_qa.science.metrics.table.entry import RADIOGRAPH, Family, Metric

CONTRAST = (
    Metric(
        function=contrast.rms_contrast,
        family=Family.CONTRAST,
        label="RMS contrast",
        label_zh="均方根对比度",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="doi:10.1364/JOSAA.7.002032",
    ),
    Metric(
        function=contrast.percentile_contrast,
        family=Family.CONTRAST,
        label="Percentile contrast (p1, p99)",
        label_zh="百分位对比度 (p1, p99)",
        unit="1",
        value_range=(0, 1),
        direction="up",
        source="Michelson 1927, Studies in Optics",
        kinds=RADIOGRAPH,
        shown_beside=("contrast",),
    ),
    Metric(
        function=contrast.histogram_spread,
        family=Family.CONTRAST,
        label="Histogram spread",
        label_zh="直方图展宽",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="Tripathi, Mukhopadhyay & Dhara 2011, Proc. ICIIP",
    ),
    Metric(
        function=contrast.contrast_to_noise,
        family=Family.CONTRAST,
        label="Contrast-to-noise ratio",
        label_zh="对比噪声比",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="doi:10.1007/s10278-006-0264-x",
        needs_mask=True,
    ),
    Metric(
        function=contrast.tooth_background_auc,
        family=Family.CONTRAST,
        label="Tooth/background AUC",
        label_zh="牙齿/背景 AUC",
        unit="1",
        value_range=(0, 1),
        direction="up",
        source="doi:10.1214/aoms/1177730491",
        needs_mask=True,
        shown_beside=("contrast",),
    ),
)
