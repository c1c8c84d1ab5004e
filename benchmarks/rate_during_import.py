"""`python -m benchmarks.rate_during_import [--quick]`: what raters feel of a 4,000-file import.

Two raters submit over HTTP to the real server, first with nothing else to do (the peer), then while
the real worker plans and applies an import of 4,000 radiographs; all on SQLite. Afterwards every
submission must have exactly one current rating, and the import must be complete.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.folders import TOTAL, write_radiographs
from benchmarks.installation import temporary_installation
from benchmarks.numbers import percentile
from benchmarks.people import PASSWORD, add_rater
from benchmarks.programs import import_folder
from benchmarks.raters import Rater, Submit, rating
from benchmarks.report import Measurement, report
from benchmarks.serving import choose_address, served

GOAL_MS = 300.0
EVERY_SECONDS = 0.5
RATERS = ("rater1", "rater2")
# Each rater's first submits find a server that has just started
NOT_COUNTED = 5
TO_RATE, IDLE_SECONDS = 800, 30.0
QUICK, QUICK_TO_RATE, QUICK_IDLE_SECONDS = 400, 150, 6.0


def running_study(folder: Path, person: Any) -> Any:
    """Import the radiographs in `folder` and start a study of all of them with two raters."""
    from sts_qa.jobs.running import run_job
    from sts_qa.protocols.queries import built_in_version
    from sts_qa.studies import actions as studies

    dataset = import_folder(folder, "To be rated", person)
    study = studies.create_study(
        name="Benchmark",
        dataset=dataset,
        protocol_version=built_in_version("sts-evaluation"),
        acting_user=person,
        fraction=1,
        practice_items=0,
        seed=1,
    )
    study = studies.draw_sample(study=study, acting_user=person)
    for name in RATERS:
        add_rater(study, name, person)
    run_job(studies.start_study(study=study, acting_user=person))
    study.refresh_from_db()
    assert study.state == study.State.RUNNING
    return study


def import_by_worker(folder: Path, person: Any) -> tuple[Any, float, float]:
    """Queue plan and application; return the run, and when the plan and all was done."""
    from sts_qa.catalogue.actions import apply_import, create_dataset, start_import

    dataset = create_dataset(name="Imported meanwhile", acting_user=person)
    run = start_import(dataset=dataset, root=str(folder), acting_user=person)
    wait_for(run.job)
    planned_at = time.perf_counter()
    wait_for(apply_import(run=run, acting_user=person))
    applied_at = time.perf_counter()
    run.refresh_from_db()
    return run, planned_at, applied_at


def wait_for(job: Any) -> None:
    while not job.is_finished:
        time.sleep(0.2)
        job.refresh_from_db()
    if job.state != job.State.DONE:
        raise RuntimeError(f"The job {job.kind} is {job.state}: {job.error}")


def faults(study: Any, submits: Sequence[Submit], run: Any, images: int) -> list[str]:
    """Say what is wrong with what was stored; nothing when all is as it must be."""
    from collections import Counter

    from sts_qa.audit.actions import study_chain
    from sts_qa.audit.models import Event
    from sts_qa.catalogue.models import Item
    from sts_qa.rating.models import Rating

    ratings = Rating.objects.filter(assignment__membership__study=study)
    current = ratings.filter(is_current=True, is_late=False)
    stored = Counter(current.values_list("assignment__token", flat=True))
    events = Event.objects.filter(chain__name=study_chain(study.pk), action="rating.submitted")
    rated = sum(study.memberships.values_list("rated_count", flat=True))
    items = Item.objects.filter(dataset=run.dataset, state=Item.State.PRESENT)
    complete = items.filter(current_version__isnull=False).count()
    found = {
        "submissions without exactly one current rating": stored
        != Counter(submit.token for submit in submits),
        f"{ratings.count()} ratings of {len(submits)} submissions": ratings.count() != len(submits),
        f"{events.count()} events of {len(submits)} submissions": events.count() != len(submits),
        f"raters' progress says {rated} of {len(submits)}": rated != len(submits),
        f"the import is {run.state}": run.state != run.State.APPLIED,
        f"{complete} of {images} items imported": complete != images,
        "entries left over": run.entries.filter(applied=False).exists(),
        f"errors of the import: {run.summary['counts']['error']}": run.summary["counts"]["error"],
    }
    return [text for text, is_wrong in found.items() if is_wrong]


def between(submits: Sequence[Submit], start: float, end: float) -> list[float]:
    return [submit.milliseconds for submit in submits if start <= submit.sent_at < end]


def measure(address: str, folder: Path, person: Any, *, quick: bool) -> list[Measurement]:
    load = os.getloadavg()[0]
    count = QUICK if quick else TOTAL
    write_radiographs(folder / "rated", QUICK_TO_RATE if quick else TO_RATE, seed=2)
    images, masks = write_radiographs(folder / "imported", count)
    study = running_study(folder / "rated", person)
    raters = [Rater(address, str(study.public_id)) for _name in RATERS]
    with served(address, folder / "serve.log"):
        for rater, name in zip(raters, RATERS, strict=True):
            rater.log_in(name, PASSWORD)
            for number in range(NOT_COUNTED):
                rater.rate_next(number)
        with rating(raters, EVERY_SECONDS):
            idle_from = time.perf_counter()
            time.sleep(QUICK_IDLE_SECONDS if quick else IDLE_SECONDS)
            started_at = time.perf_counter()
            run, planned_at, applied_at = import_by_worker(folder / "imported", person)
    submits = [submit for rater in raters for submit in rater.submits]
    wrong = faults(study, submits, run, images)
    print("\n".join(f"WRONG: {text}" for text in wrong))
    idle = between(submits, idle_from, started_at)
    busy = between(submits, started_at, applied_at)
    planning = between(submits, started_at, planned_at)
    applying = between(submits, planned_at, applied_at)
    p95 = percentile(busy, 0.95)
    what = f"submit during an import of {images:,} PNG and {masks:,} masks"
    return [
        Measurement(
            f"{what}, 95th percentile",
            p95,
            "ms",
            percentile(idle, 0.95),
            # A few dozen submits say nothing about the slowest twentieth
            "judged in the full form" if quick else f"< {GOAL_MS:.0f} ms",
            None if quick else p95 < GOAL_MS,
        ),
        Measurement("  median", percentile(busy, 0.5), "ms", percentile(idle, 0.5)),
        Measurement("  longest", max(busy), "ms", max(idle)),
        Measurement("  95th percentile while it is planned", percentile(planning, 0.95), "ms"),
        Measurement("  95th percentile while it is applied", percentile(applying, 0.95), "ms"),
        Measurement("submits by two raters, one every 0.5 s each", len(busy), "", len(idle)),
        Measurement("faults in what was stored", len(wrong), "", goal="0", met=not wrong),
        Measurement("the import", applied_at - started_at, "s"),
        Measurement("  of this the plan", planned_at - started_at, "s"),
        Measurement("  of this applying it", applied_at - planned_at, "s"),
        Measurement("load average of the machine before the start", load, ""),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"an import of {QUICK} images only")
    quick = parser.parse_args().quick
    address = choose_address()
    with temporary_installation() as (folder, person):
        measurements = measure(address, folder, person, quick=quick)
    return report("rate_during_import-quick" if quick else "rate_during_import", measurements)


if __name__ == "__main__":
    sys.exit(main())
