"""`manage.py compute_metrics DATASET`: compute what is missing of a dataset's metrics."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.catalogue.models import Dataset
from sts_qa.cli.commands import acting_user, add_acting_user, dataset_named
from sts_qa.jobs.terminal import run_with_bar
from sts_qa.measurements.actions import start_metrics
from sts_qa.measurements.errors import OtherMetricsRunning
from sts_qa.measurements.labels import metric_label
from sts_qa.measurements.queries import counts_by_metric
from sts_qa.science.metrics.table import METRICS

SOME_FAILED = 3


class Command(BaseCommand):
    help = (
        "Computes the metrics of a dataset's images that are missing or outdated. "
        "Exit status: 0 all done, 1 nothing could be done, 3 some items could not be measured."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset", help="Name of the dataset.")
        parser.add_argument(
            "--only",
            action="append",
            choices=list(METRICS),
            metavar="NAME",
            help="Compute this metric only; may be given more than once. "
            f"One of: {', '.join(METRICS)}.",
        )
        parser.add_argument(
            "--workers", type=_at_least_one, metavar="N", help="Number of processes."
        )
        parser.add_argument(
            "--cluster",
            metavar="ADDRESS",
            help="Work on the Dask cluster of this scheduler, tcp://host:8786 for example, "
            "instead of on processes here.",
        )
        add_acting_user(parser)

    def handle(self, *args: Any, dataset: str, **options: Any) -> None:
        user = acting_user(options)
        chosen = dataset_named(dataset, user)
        how = {name: options[name] for name in ("only", "workers", "cluster")}
        try:
            job = start_metrics(dataset=chosen, acting_user=user, **how)
        except OtherMetricsRunning as refusal:
            raise CommandError(str(refusal)) from None
        job = run_with_bar(job)
        self._print_counts(chosen)
        self._print_errors(job.result)

    def _print_counts(self, dataset: Dataset) -> None:
        counts = counts_by_metric(dataset)
        names = [metric_label(count.metric) for count in counts]
        width = max(map(len, names), default=0)
        heads = _("values"), _("missing"), _("not computed")
        self.stdout.write(" " * width + "".join(f"{head:>14}" for head in heads))
        for name, count in zip(names, counts, strict=True):
            numbers = count.values, count.missing, count.not_computed
            self.stdout.write(f"{name:<{width}}" + "".join(f"{n:>14,}" for n in numbers))

    def _print_errors(self, result: dict[str, Any]) -> None:
        text = ngettext(
            "%(computed)d item measured, %(up_to_date)d up to date, %(failed)d failed.",
            "%(computed)d items measured, %(up_to_date)d up to date, %(failed)d failed.",
            result["computed"],
        )
        self.stdout.write(text % result)
        if not result["failed"]:
            return
        for error in result["errors"]:
            self.stdout.write(f"{error['where']}: {error['reason']}")
        text = ngettext(
            "%(count)d item could not be measured; it is named above.",
            "%(count)d items could not be measured; they are named above.",
            result["failed"],
        )
        raise CommandError(text % {"count": result["failed"]}, returncode=SOME_FAILED)


def _at_least_one(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        wrong = _("%(text)s is no whole number of at least 1") % {"text": text}
        raise ArgumentTypeError(wrong)
    return number
