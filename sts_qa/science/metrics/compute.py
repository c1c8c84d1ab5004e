"""A list of metrics on one image, with the reason where a value is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from sts_qa.science.metrics.image import Array, Kind, NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.table import METRICS, Metric


@dataclass(frozen=True)
class MetricValue:
    """A value, or None and the reason (one of `Reason`)."""

    value: float | None
    reason: str = ""


def compute(
    names: Iterable[str],
    pixels: Array,
    mask: Array | None = None,
    *,
    spacing: tuple[float, float] | None = None,
    kind: Kind = "radiograph",
    value_range: tuple[float, float] | None = None,
    limits: tuple[float, float] | None = None,
) -> dict[str, MetricValue]:
    """Values of the metrics `names` on one image; parameters as of `PreparedImage`.

    Raises ValueError for a name that is not in METRICS and for arrays that are no image.
    """
    metrics = chosen(names)
    image = PreparedImage(
        pixels, mask, spacing=spacing, kind=kind, value_range=value_range, limits=limits
    )
    return {metric.name: measure(metric, image) for metric in metrics}


def chosen(names: Iterable[str]) -> list[Metric]:
    """Entries of METRICS by name, in the order asked for."""
    names = list(names)
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise ValueError(f"no such metric: {', '.join(unknown)}; there are {', '.join(METRICS)}")
    return [METRICS[name] for name in names]


def measure(metric: Metric, image: PreparedImage) -> MetricValue:
    """Value of one metric, or the reason why there is none."""
    if image.kind not in metric.kinds:
        return MetricValue(None, Reason.WRONG_KIND.value)
    try:
        return MetricValue(metric.function(image))
    except NotApplicable as missing:
        return MetricValue(None, missing.reason.value)
