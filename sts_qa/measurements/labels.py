"""Names of metrics and reasons in the language of the page."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sts_qa.measurements.queries.summary import MASK_HELD_BACK
from sts_qa.measurements.queries.values import NOT_COMPUTED
from sts_qa.science.metrics.files import OVERFLOW
from sts_qa.science.metrics.image import REASONS_ZH, Reason
from sts_qa.science.metrics.table import GREY, Metric
from sts_qa.science.metrics.table.entry import BITS, GREY_VALUES, SHARE_OF_LEVELS
from sts_qa.science.metrics.table.mask_agreement import MM_OR_PX


def metric_label(metric: Metric) -> str:
    return metric.label_zh if is_chinese() else metric.label


def unit_label(metric: Metric, *, in_mm: bool | None = None) -> str:
    """Return the unit; nothing for pure numbers.

    `in_mm` says whether the size of a pixel is known, where the unit depends on it.
    """
    if metric.unit == MM_OR_PX and in_mm is not None:
        return "mm" if in_mm else "px"
    units = {
        "1": "",
        "share of pixels": _("share of pixels"),
        "share of boundary": _("share of boundary"),
        GREY: _("grey levels of 255"),
        f"({GREY})²": _("(grey levels of 255)²"),
        BITS: _("bits"),
        GREY_VALUES: _("grey values"),
        MM_OR_PX: _("mm; px without pixel size"),
        SHARE_OF_LEVELS: _("share of grey levels"),
    }
    return units.get(metric.unit, metric.unit)


def direction_label(metric: Metric) -> str:
    return {"up": _("higher"), "down": _("lower"), "none": _("neither")}[metric.direction]


def reason_label(reason: str) -> str:
    own = {
        NOT_COMPUTED: _("not computed yet"),
        MASK_HELD_BACK: _("mask held back"),
        OVERFLOW: _("value beyond what numbers hold"),
    }
    if reason in own:
        return own[reason]
    if is_chinese() and reason in set(Reason):
        return REASONS_ZH[Reason(reason)]
    return reason


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
