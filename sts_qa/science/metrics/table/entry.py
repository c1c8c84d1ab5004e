"""What is known of a metric besides its formula's code."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from sts_qa.science.metrics.image import Kind

BOTH: tuple[Kind, ...] = ("radiograph", "volume")
RADIOGRAPH: tuple[Kind, ...] = ("radiograph",)
VOLUME: tuple[Kind, ...] = ("volume",)

GREY = "grey levels of 255"
BITS = "bits"
GREY_VALUES = "grey values"
SHARE_OF_LEVELS = "share of grey levels"

Scope = Literal["image", "mask"]


class Family(StrEnum):
    """What a metric says something about, in the order in which pages list them."""

    CONTRAST = "contrast"
    SHARPNESS = "sharpness"
    NOISE = "noise"
    EXPOSURE = "exposure"
    ARTIFACTS = "artifacts"
    MASK_PLAUSIBILITY = "mask_plausibility"
    MASK_AGREEMENT = "mask_agreement"


FAMILY_LABELS: dict[Family, tuple[str, str]] = {
    Family.CONTRAST: ("Contrast", "对比度"),
    Family.SHARPNESS: ("Sharpness", "锐度"),
    Family.NOISE: ("Noise", "噪声"),
    Family.EXPOSURE: ("Exposure and dynamic range", "曝光与动态范围"),
    Family.ARTIFACTS: ("Artifacts", "伪影"),
    Family.MASK_PLAUSIBILITY: ("Mask plausibility", "掩膜合理性"),
    Family.MASK_AGREEMENT: ("Agreement of masks", "掩膜一致性"),
}
"""English and Chinese."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is known about a metric besides its code.

    `value_range` None means unbounded on that side. `direction` says which way is better.
    `scope`: "image" is measured on a radiograph or on each axial slice, "mask" once on the
    whole mask of an item. `needs_reference`: compares the item's mask with a further one.
    `shown_beside` holds codes of rubric criteria that the metric stands beside in reports. A change
    of values needs a higher `version`: stored values of a lower one are worked out again.
    """

    function: Callable[..., float]
    family: Family
    label: str
    label_zh: str
    unit: str
    value_range: tuple[float | None, float | None]
    direction: Literal["up", "down", "none"]
    source: str
    kinds: tuple[Kind, ...] = BOTH
    needs_mask: bool = False
    needs_reference: bool = False
    scope: Scope = "image"
    shown_beside: tuple[str, ...] = ()
    version: int = 1

    @property
    def name(self) -> str:
        """Name of the metric, the same as of its function."""
        return self.function.__name__
