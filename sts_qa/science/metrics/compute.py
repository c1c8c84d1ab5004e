"""A list of metrics on one image or one mask, with the reason where a value is missing."""

import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sts_qa.science.metrics.image import Array, Kind, NotApplicable, PreparedImage, Reason
from sts_qa.science.metrics.masks import PreparedMask
from sts_qa.science.metrics.table import METRICS, Metric
from sts_qa.science.metrics.table.entry import Scope


@dataclass(frozen=True)
class MetricValue:
    """A value, or None and the reason (one of `Reason`), or the error that nobody foresaw."""

    value: float | None
    reason: str = ""
    error: str = ""


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
    """Values of the metrics `names`, of scope "image", on one image.

    Parameters as of `PreparedImage`. Raises ValueError for a name that is not in METRICS or of
    another scope, and for arrays that are no image.
    """
    metrics = chosen(names, "image")
    image = PreparedImage(
        pixels, mask, spacing=spacing, kind=kind, value_range=value_range, limits=limits
    )
    return {metric.name: measure(metric, image) for metric in metrics}


def compute_on_mask(
    names: Iterable[str],
    mask: Array,
    *,
    reference: Array | None = None,
    spacing: tuple[float, ...] | None = None,
) -> dict[str, MetricValue]:
    """Values of the metrics `names`, of scope "mask", on one whole mask.

    Parameters as of `PreparedMask`; axial slices follow each other along axis 0. Raises ValueError
    for a name that is not in METRICS or of another scope, and for arrays that are no mask.
    """
    metrics = chosen(names, "mask")
    prepared = PreparedMask(mask, reference=reference, spacing=spacing)
    return {metric.name: measure(metric, prepared) for metric in metrics}


def chosen(names: Iterable[str], scope: Scope | None = None) -> list[Metric]:
    """Entries of METRICS by name, in the order asked for; with `scope`, none of another one."""
    names = list(names)
    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise ValueError(f"no such metric: {', '.join(unknown)}; there are {', '.join(METRICS)}")
    others = [name for name in names if scope not in (None, METRICS[name].scope)]
    if others:
        raise ValueError(f"not of scope {scope}: {', '.join(others)}")
    return [METRICS[name] for name in names]


def of_scope(names: Iterable[str], scope: Scope) -> list[str]:
    """Those of the metrics that are of `scope`, in the order given."""
    return [metric.name for metric in chosen(names) if metric.scope == scope]


def measure(metric: Metric, prepared: PreparedImage | PreparedMask) -> MetricValue:
    """Value of one metric on what it is measured on, or why there is none.

    An error of one metric is told as such and costs none of the others.
    """
    if prepared.kind not in metric.kinds:
        return MetricValue(None, Reason.WRONG_KIND.value)
    try:
        return MetricValue(metric.function(prepared))
    except NotApplicable as missing:
        return MetricValue(None, missing.reason.value)
    except Exception as error:
        return MetricValue(None, error=_told(error))


def _told(error: Exception) -> str:
    """What went wrong, and which line of the metrics was at work."""
    frames = traceback.extract_tb(error.__traceback__)
    files = [(Path(frame.filename), frame.lineno) for frame in frames]
    place, line = [one for one in files if one[0].parent == Path(__file__).parent][-1]
    return f"{type(error).__name__}: {error} ({place.name}, line {line})"
