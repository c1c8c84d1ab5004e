"""Long work of measurements, as the table of jobs names it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sts_qa.catalogue import store_limit
from sts_qa.catalogue.models import Dataset
from sts_qa.jobs.running import JobCancelled, JobContext
from sts_qa.measurements.actions import FoundValues, finish_run, open_run, store_values
from sts_qa.measurements.gathering import Gathered, Gathering
from sts_qa.measurements.models import MetricRun
from sts_qa.measurements.queries import measurable_versions, units_to_measure
from sts_qa.science.metrics.files import Measured, MetricUnit, measure_files
from sts_qa.science.metrics.table import METRICS

# Some 15 radiographs: the database is locked for 10 ms, and not more often than need be
VALUES_PER_BATCH = 600
# Slices are the bulk of a volume's values: about 0.5 MB of text in one transaction
SLICES_PER_BATCH = 20_000
MOST_ERRORS_KEPT = 1000


def compute_metrics(work: JobContext) -> dict[str, Any]:
    """Compute what is missing of a dataset; what cannot be read is listed and the rest done."""
    dataset = Dataset.objects.get(pk=work.parameters["dataset"])
    names = work.parameters.get("only") or list(METRICS)
    results = _Results(work, dataset, names)
    work.set_total(measurable_versions(dataset).count())
    gathering = Gathering(results.skip_done(units_to_measure(dataset, names)))
    outcomes = work.map_units(
        measure_files,
        gathering.units(),
        work.parameters.get("workers"),
        work.parameters.get("cluster"),
    )
    try:
        for unit, result, error in outcomes:
            results.add(unit, gathering.add(unit, result, error))
    except (JobCancelled, KeyboardInterrupt, Exception):
        # No job goes on with this run
        results.finish(cancelled=True)
        raise
    finally:
        # What was worked out is kept, whatever stops the job
        results.store()
    return results.finish()


class _Results:
    """Collects values into batches, and counts."""

    def __init__(self, work: JobContext, dataset: Dataset, names: list[str]) -> None:
        self._work, self._dataset, self._names = work, dataset, names
        self._run: MetricRun | None = None
        self._waiting: list[FoundValues] = []
        self._size = 0.0
        self._errors: list[dict[str, str]] = []
        self._counts: Counter[str] = Counter(
            {"computed": 0, "up_to_date": 0, "failed": 0, "values": 0, "missing": 0}
        )

    def skip_done(self, items: Iterator[list[MetricUnit]]) -> Iterator[list[MetricUnit]]:
        for units in items:
            if units:
                yield units
            else:
                self._counts["up_to_date"] += 1
                self._work.advance()

    def add(self, unit: MetricUnit, gathered: Gathered) -> None:
        if gathered.found is not None:
            self._keep(unit, gathered.found)
        if gathered.is_last:
            self._end_item(unit, gathered.errors)

    def _keep(self, unit: MetricUnit, found: Measured) -> None:
        for measured in found.values():
            self._counts["missing" if measured.value is None else "values"] += 1
            self._size += 1 / VALUES_PER_BATCH
            self._size += len(measured.slice_values or ()) / SLICES_PER_BATCH
        further = None if unit.further is None else unit.further.mask_version
        self._waiting.append(FoundValues(unit.item_version, further, found))
        if self._size >= 1:
            self.store()

    def _end_item(self, unit: MetricUnit, errors: dict[str, str]) -> None:
        self._counts["failed" if errors else "computed"] += 1
        kept = MOST_ERRORS_KEPT - len(self._errors)
        self._errors += [{"where": k, "reason": v} for k, v in errors.items()][:kept]
        if unit.kind == "volume":
            store_limit.keep_within_limit()
        self._work.advance(message=unit.name)

    def store(self) -> None:
        if self._waiting:
            store_values(run=self._opened_run(), found=self._waiting)
        self._waiting, self._size = [], 0.0

    def finish(self, *, cancelled: bool = False) -> dict[str, Any]:
        """End the run, unless there was nothing to do; return the job's result."""
        self.store()
        # The job may have been interrupted after its last value
        run = self._run or MetricRun.objects.filter(job=self._work.job).first()
        if run is not None:
            finish_run(
                run=run,
                failed=self._counts["failed"],
                cancelled=cancelled,
                acting_user=self._work.job.created_by,
            )
        errors = sorted(self._errors, key=lambda error: error["where"])
        return {**self._counts, "errors": errors}

    def _opened_run(self) -> MetricRun:
        if self._run is None:
            self._run = open_run(
                dataset=self._dataset,
                job=self._work.job,
                metrics=self._names,
                acting_user=self._work.job.created_by,
            )
        return self._run
