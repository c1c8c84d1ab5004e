"""Metrics of mask plausibility."""

from sts_qa.science.metrics.table.entry import Metric

MASK_PLAUSIBILITY: tuple[Metric, ...] = ()
