"""Metrics of mask plausibility."""

from sts_qa.science.metrics import edges
from sts_qa.science.metrics.table.entry import Family, Metric

MASK_PLAUSIBILITY = (
    Metric(
        function=edges.boundary_gradient_alignment,
        family=Family.MASK_PLAUSIBILITY,
        label="Boundary on an edge of the image",
        label_zh="掩膜边界与图像边缘对齐比例",
        unit="share of boundary",
        value_range=(0, 1),
        direction="up",
        source="Share of profiles steepest within 1 px of the boundary",
        needs_mask=True,
    ),
    Metric(
        function=edges.boundary_offset,
        family=Family.MASK_PLAUSIBILITY,
        label="Boundary beyond the edge of the image",
        label_zh="掩膜边界相对图像边缘的偏移",
        unit="px",
        value_range=(-3, 3),
        direction="none",
        source="Median distance of the steepest place from the boundary",
        needs_mask=True,
    ),
    Metric(
        function=edges.boundary_gradient_ratio,
        family=Family.MASK_PLAUSIBILITY,
        label="Gradient at the boundary against beside it",
        label_zh="边界处与邻近梯度之比",
        unit="1",
        value_range=(0, None),
        direction="up",
        source="Mean |dg/dn| at the boundary over that within 5 px",
        needs_mask=True,
    ),
)
