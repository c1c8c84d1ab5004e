"""Metrics of noise."""

from sts_qa.science.metrics import noise_exposure
from sts_qa.science.metrics.table.entry import GREY, Family, Metric

NOISE = (
    Metric(
        function=noise_exposure.noise_sigma,
        family=Family.NOISE,
        label="Noise SD (wavelet)",
        label_zh="噪声标准差（小波）",
        unit=GREY,
        value_range=(0, None),
        direction="down",
        source="doi:10.1093/biomet/81.3.425",
        shown_beside=("artifacts",),
    ),
    Metric(
        function=noise_exposure.noise_sigma_immerkaer,
        family=Family.NOISE,
        label="Noise SD (Immerkær)",
        label_zh="噪声标准差（Immerkær）",
        unit=GREY,
        value_range=(0, None),
        direction="down",
        source="doi:10.1006/cviu.1996.0060",
    ),
)
