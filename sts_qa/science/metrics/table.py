"""METRICS: every metric of the product, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sts_qa.science.metrics import contrast, noise_exposure, sharpness
from sts_qa.science.metrics.image import Kind

BOTH: tuple[Kind, ...] = ("radiograph", "volume")
RADIOGRAPH: tuple[Kind, ...] = ("radiograph",)

GREY = "grey levels of 255"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is known about a metric besides its formula.

    `value_range` None means unbounded on that side. `direction` says which way is better.
    `shown_beside` holds codes of rubric criteria that the metric stands beside in reports.
    A change of values needs a higher `version`: stored values of a lower one are worked out again.
    """

    label: str
    label_zh: str
    unit: str
    value_range: tuple[float | None, float | None]
    direction: Literal["up", "down", "none"]
    source: str
    function: Callable[..., float]
    kinds: tuple[Kind, ...] = BOTH
    needs_mask: bool = False
    shown_beside: tuple[str, ...] = ()
    version: int = 1

    @property
    def name(self) -> str:
        """Name of the metric, the same as of its function."""
        return self.function.__name__


_ALL = (
    Metric(
        function=contrast.rms_contrast,
        label="RMS contrast",
        label_zh="均方根对比度",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="doi:10.1364/JOSAA.7.002032",
    ),
    Metric(
        function=contrast.percentile_contrast,
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
        label="Histogram spread",
        label_zh="直方图展宽",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="Tripathi, Mukhopadhyay & Dhara 2011, Proc. ICIIP",
    ),
    Metric(
        function=contrast.contrast_to_noise,
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
        label="Tooth/background AUC",
        label_zh="牙齿/背景 AUC",
        unit="1",
        value_range=(0, 1),
        direction="up",
        source="doi:10.1214/aoms/1177730491",
        needs_mask=True,
        shown_beside=("contrast",),
    ),
    Metric(
        function=sharpness.tenengrad,
        label="Tenengrad",
        label_zh="Tenengrad 梯度",
        unit=f"({GREY})²",
        value_range=(0, None),
        direction="up",
        source="doi:10.1002/cyto.990060202",
    ),
    Metric(
        function=sharpness.tenengrad_noise_corrected,
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
        label="Blur effect, left to right",
        label_zh="模糊度（水平）",
        unit="1",
        value_range=(0, 1),
        direction="down",
        source="doi:10.1117/12.702790",
    ),
    Metric(
        function=sharpness.blur_effect_y,
        label="Blur effect, top to bottom",
        label_zh="模糊度（垂直）",
        unit="1",
        value_range=(0, 1),
        direction="down",
        source="doi:10.1117/12.702790",
    ),
    Metric(
        function=noise_exposure.noise_sigma,
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
        label="Noise SD (Immerkær)",
        label_zh="噪声标准差（Immerkær）",
        unit=GREY,
        value_range=(0, None),
        direction="down",
        source="doi:10.1006/cviu.1996.0060",
    ),
    Metric(
        function=noise_exposure.clipped_low,
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
        label="Nearly white (250 of 255 or more)",
        label_zh="接近白色的像素比例（≥ 250/255）",
        unit="share of pixels",
        value_range=(0, 1),
        direction="down",
        source="Share of pixels at 250 of 255 or more",
        kinds=RADIOGRAPH,
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
