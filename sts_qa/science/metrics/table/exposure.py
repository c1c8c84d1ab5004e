"""Metrics of exposure and dynamic range."""

from sts_qa.science.metrics import noise_exposure
from sts_qa.science.metrics.table.entry import RADIOGRAPH, Family, Metric

EXPOSURE = (
    Metric(
        function=noise_exposure.clipped_low,
        family=Family.EXPOSURE,
        label="Clipped to black",
        label_zh="截断为黑的像素比例",
        unit="share of pixels",
        value_range=(0, 1),
        direction="down",
        source="Share of pixels at the lowest value",
        kinds=RADIOGRAPH,
        shown_beside=("artifacts",),
    ),
    Metric(
        function=noise_exposure.clipped_high,
        family=Family.EXPOSURE,
        label="Clipped to white",
        label_zh="截断为白的像素比例",
        unit="share of pixels",
        value_range=(0, 1),
        direction="down",
        source="Share of pixels at the highest value",
        shown_beside=("artifacts",),
    ),
    Metric(
        function=noise_exposure.near_white,
        family=Family.EXPOSURE,
        label="Nearly white (250 of 255 or more)",
        label_zh="接近白色的像素比例（≥ 250/255）",
        unit="share of pixels",
        value_range=(0, 1),
        direction="down",
        source="Share of pixels at 250 of 255 or more",
        kinds=RADIOGRAPH,
    ),
)
