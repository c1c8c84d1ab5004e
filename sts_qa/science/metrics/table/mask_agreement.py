"""Metrics of agreement of masks."""

from sts_qa.science.metrics.table.entry import Metric

MASK_AGREEMENT: tuple[Metric, ...] = ()
