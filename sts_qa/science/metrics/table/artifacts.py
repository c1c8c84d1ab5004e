"""Metrics of artifacts."""

from sts_qa.science.metrics.table.entry import Metric

ARTIFACTS: tuple[Metric, ...] = ()
