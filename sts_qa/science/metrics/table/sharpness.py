"""Metrics of sharpness."""

from sts_qa.science.metrics import sharpness
from sts_qa.science.metrics.table.entry import GREY, Family, Metric

SHARPNESS = (
    Metric(
        function=sharpness.tenengrad,
        family=Family.SHARPNESS,
        label="Tenengrad",
        label_zh="Tenengrad 梯度",
        unit=f"({GREY})²",
        value_range=(0, None),
        direction="up",
        source="doi:10.1002/cyto.990060202",
    ),
    Metric(
        function=sharpness.tenengrad_noise_corrected,
        family=Family.SHARPNESS,
        label="Tenengrad, noise-corrected",
        label_zh="Tenengrad 梯度（噪声校正）",
        unit=f"({GREY})²",
        value_range=(None, None),
        direction="up",
        source="doi:10.1002/cyto.990060202",
        shown_beside=("sharpness",),
    ),
    Metric(
        function=sharpness.blur_effect,
        family=Family.SHARPNESS,
        label="Blur effect",
        label_zh="模糊度",
        unit="1",
        value_range=(0, 1),
        direction="down",
        source="doi:10.1117/12.702790",
        shown_beside=("sharpness",),
    ),
    Metric(
        function=sharpness.blur_effect_x,
        family=Family.SHARPNESS,
        label="Blur effect, left to right",
        label_zh="模糊度（水平）",
        unit="1",
        value_range=(0, 1),
        direction="down",
        source="doi:10.1117/12.702790",
    ),
    Metric(
        function=sharpness.blur_effect_y,
        family=Family.SHARPNESS,
        label="Blur effect, top to bottom",
        label_zh="模糊度（垂直）",
        unit="1",
        value_range=(0, 1),
        direction="down",
        source="doi:10.1117/12.702790",
    ),
)
