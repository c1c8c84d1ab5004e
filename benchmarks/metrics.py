"""`python -m benchmarks.metrics [--quick] [--only PART]`: all metrics against reading the files.

Radiographs: 4,000 PNG of 640x320, 900 with masks; the peer is Pillow, which decodes the same images
and masks in the same two processes and does nothing else. Volume: 400x512x512 int16 with a mask,
its stores already built; the peer is nibabel, which reads the `.nii.gz` of the image alone.
Then the whole job of `compute_metrics`, start of its processes included, with the database's part
apart; and metrics that scikit-image and scipy have too, one after another.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import metrics_one_by_one
from benchmarks.folders import TOTAL, write_radiographs
from benchmarks.installation import temporary_installation
from benchmarks.memory import peak_memory
from benchmarks.numbers import median
from benchmarks.report import Measurement, report_parts

PROCESSES = 2
QUICK = 200
FEW = 100
SHAPE, QUICK_SHAPE = (400, 512, 512), (96, 128, 128)
SEED = 40
GOAL_RATIO, GOAL_GROWTH, GOAL_MEMORY_MB = 5.0, 1.25, 1000.0
REPETITIONS = 3


def decode_with_pillow(path: str) -> tuple[int, int]:
    """What the peer does with a radiograph or its mask."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image.size


def read_with_nibabel(path: str) -> float:
    """Seconds in which nibabel reads a volume as it is stored."""
    import nibabel
    import numpy as np

    start = time.perf_counter()
    np.asarray(nibabel.load(path).dataobj)
    return time.perf_counter() - start


def peak_of_process(_number: int) -> tuple[int, float]:
    """Process and the most memory in MB that it has ever had."""
    time.sleep(0.1)
    return os.getpid(), peak_memory()


@dataclass
class JobTimes:
    """How long a job took, and its batches."""

    seconds: float = 0.0
    database: list[float] = field(default_factory=list)
    progress: list[tuple[float, int]] = field(default_factory=list)

    def milliseconds_per_item(self, first: float, last: float) -> float:
        """Between two shares of the items."""
        total = self.progress[-1][1]
        start, stop = (
            next(one for one in self.progress if one[1] >= share * total) for share in (first, last)
        )
        return 1000 * (stop[0] - start[0]) / max(1, stop[1] - start[1])


class Bench:
    """Two processes that the measured work and its peer share."""

    def __init__(self) -> None:
        from sts_qa.jobs.units import UnitRunner, local_executor

        self.executor: Executor
        self.executor, _count = local_executor(PROCESSES)
        self._runner = UnitRunner(lambda: (self.executor, PROCESSES))

    def seconds_to_measure(self, units: Sequence[Any]) -> float:
        """Work off units of measuring as the job does, and check that none failed."""
        from sts_qa.science.metrics.files import measure_files

        start = time.perf_counter()
        for unit, _found, error in self._runner.map(measure_files, units):
            if error is not None:
                raise SystemExit(f"{unit.name}: {error}")
        return time.perf_counter() - start

    def seconds_to_decode(self, paths: Sequence[str]) -> float:
        start = time.perf_counter()
        for size in self.executor.map(decode_with_pillow, paths, chunksize=16):
            assert size
        return time.perf_counter() - start

    def peak_memory(self) -> float:
        """Of the process that has had more."""
        return max(dict(self.executor.map(peak_of_process, range(6 * PROCESSES))).values())

    def close(self) -> None:
        self._runner.close()


def dataset_of(folder: Path, name: str, person: Any) -> Any:
    """Import a folder, and build the stores of its volumes."""
    from sts_qa.catalogue.actions import apply_import, create_dataset, start_import
    from sts_qa.jobs.models import Job
    from sts_qa.jobs.running import run_job

    dataset = create_dataset(name=name, acting_user=person)
    run = start_import(dataset=dataset, root=str(folder), acting_user=person)
    assert run.job is not None
    jobs = [run_job(run.job), run_job(apply_import(run=run, acting_user=person))]
    jobs += [run_job(job) for job in Job.objects.filter(state=Job.State.QUEUED)]
    for job in jobs:
        assert job.state == job.State.DONE, job.error
    return dataset


def units_of(dataset: Any) -> list[Any]:
    """Everything that the job would hand out."""
    from sts_qa.measurements.queries import units_to_measure
    from sts_qa.science.metrics.table import METRICS

    return [unit for units in units_to_measure(dataset, list(METRICS)) for unit in units]


def time_job(dataset: Any, person: Any) -> JobTimes:
    """Run `compute_metrics` as its command does."""
    from sts_qa.jobs.running import run_job
    from sts_qa.measurements import work
    from sts_qa.measurements.actions import start_metrics

    times = JobTimes()
    store_values = work.store_values

    def timed(**options: Any) -> None:
        start = time.perf_counter()
        store_values(**options)
        times.database.append(time.perf_counter() - start)

    work.store_values = timed
    start = time.perf_counter()
    try:
        job = run_job(
            start_metrics(dataset=dataset, acting_user=person, workers=PROCESSES),
            lambda done, total, message: times.progress.append((time.perf_counter(), done)),
        )
    finally:
        work.store_values = store_values
    times.seconds = time.perf_counter() - start
    assert job.state == job.State.DONE, job.error
    assert not job.result["failed"], job.result["errors"]
    return times


def measure_radiographs(folder: Path, person: Any, quick: bool) -> list[Measurement]:
    """Rows of the radiographs; each side is measured alternately."""
    images, masks = write_radiographs(folder, QUICK if quick else TOTAL)
    dataset = dataset_of(folder, "Radiographs", person)
    units = units_of(dataset)
    paths = [str(path) for path in sorted(folder.rglob("*.png"))]
    assert (len(units), len(paths)) == (images, images + masks)
    few = units[:: max(1, len(units) // FEW)][:FEW]
    bench = Bench()
    try:
        bench.seconds_to_decode(paths[:FEW])
        bench.seconds_to_measure(few)
        peer, ours, of_few = [], [], []
        for _repetition in range(REPETITIONS):
            peer.append(bench.seconds_to_decode(paths))
            of_few.append(bench.seconds_to_measure(few))
            ours.append(bench.seconds_to_measure(units))
        memory = bench.peak_memory()
    finally:
        bench.close()
    job = time_job(dataset, person)
    each, each_of_few = 1000 * median(ours) / len(units), 1000 * median(of_few) / len(few)
    what = f"{images:,} radiographs, {masks:,} masks (peer: Pillow decodes)"
    within = median(ours) <= GOAL_RATIO * median(peer)
    goal = f"<= {GOAL_RATIO:.0f} times"
    flat = each <= GOAL_GROWTH * each_of_few
    return [
        Measurement(what, median(ours), "s", median(peer), goal, within),
        Measurement(
            f"an item of {len(units):,} (peer: of {len(few)})",
            each,
            "ms",
            each_of_few,
            f"<= {GOAL_GROWTH} times",
            None if quick else flat,
        ),
        Measurement("most memory of a process", memory, "MB"),
        *_job_rows(job, median(peer)),
        Measurement(
            "an item in the job's last fifth (peer: in its second)",
            job.milliseconds_per_item(0.8, 1),
            "ms",
            job.milliseconds_per_item(0.2, 0.4),
        ),
    ]


def measure_a_volume(folder: Path, person: Any, quick: bool) -> list[Measurement]:
    """Rows of the volume; nibabel reads in one of the same two processes, as it cannot use both."""
    shape = QUICK_SHAPE if quick else SHAPE
    image, mask, further = write_volume(folder, shape)
    dataset = dataset_of(folder, "Volume", person)
    units = units_of(dataset)
    bench = Bench()
    try:
        list(bench.executor.map(read_with_nibabel, [str(mask)] * PROCESSES))
        peer, with_mask = [], []
        for _repetition in range(REPETITIONS):
            peer.append(bench.executor.submit(read_with_nibabel, str(image)).result())
            of_mask = bench.executor.submit(read_with_nibabel, str(mask)).result()
            with_mask.append(peer[-1] + of_mask)
        bench.close()
        # Its memory is that of measuring alone
        bench = Bench()
        ours = [bench.seconds_to_measure(units) for _repetition in range(REPETITIONS)]
        memory = bench.peak_memory()
        agreement = agreement_with(further, units[0])
        bench.seconds_to_measure([agreement])
        of_agreement = [bench.seconds_to_measure([agreement]) for _repetition in range(REPETITIONS)]
        memory_of_agreement = bench.peak_memory()
    finally:
        bench.close()
    job = time_job(dataset, person)
    what = f"{'x'.join(map(str, shape))} and its mask"
    within = median(ours) <= GOAL_RATIO * median(peer)
    goal = f"<= {GOAL_RATIO:.0f} times"
    return [
        Measurement(
            f"{what} (peer: nibabel reads the image)",
            median(ours),
            "s",
            median(peer),
            goal,
            None if quick else within,
        ),
        Measurement(f"{what} (peer: nibabel reads both)", median(ours), "s", median(with_mask)),
        _memory_row("most memory of a process", memory),
        Measurement("agreement with a further mask", median(of_agreement), "s"),
        _memory_row("most memory of a process, agreement included", memory_of_agreement),
        *_job_rows(job, median(peer)),
    ]


def write_volume(folder: Path, shape: tuple[int, int, int]) -> tuple[Path, Path, Path]:
    """A phantom with noise and streaks, the mask of its teeth, and one displaced by a voxel.

    The latter lies outside the dataset.
    """
    import numpy as np

    from sts_qa.science.phantoms.files import nifti_bytes, write_file
    from sts_qa.science.phantoms.volume import volume_phantom

    phantom = volume_phantom(SEED, shape=shape, orientation="LPS", streaks=400.0)
    place = folder / "STS-3D-Tooth" / "Integrity" / "Labeled"
    image, mask = place / "Image" / "volume_0001.nii.gz", place / "Mask" / "volume_0001.nii.gz"
    further = folder.with_name("further") / "volume_0001.nii.gz"
    write_file(image, nifti_bytes(phantom.pixels, phantom.affine))
    write_file(mask, nifti_bytes(phantom.mask, phantom.affine))
    write_file(further, nifti_bytes(np.roll(phantom.mask, 1, axis=1), phantom.affine))
    return image, mask, further


def agreement_with(further: Path, unit: Any) -> Any:
    """A unit that compares the mask of another unit with a further one."""
    from sts_qa.science.metrics.files import FurtherMask
    from sts_qa.science.metrics.sources import SourceFile
    from sts_qa.science.metrics.table import METRICS

    digest = hashlib.sha256(further.read_bytes()).hexdigest()
    source = SourceFile(str(further), digest, str(further.with_name("volume_0001.b2nd")))
    names = tuple(name for name, metric in METRICS.items() if metric.needs_reference)
    return replace(unit, metrics=names, slab=None, further=FurtherMask(0, "further", source))


def _memory_row(what: str, memory: float) -> Measurement:
    goal = f"< {GOAL_MEMORY_MB:.0f} MB"
    return Measurement(what, memory, "MB", goal=goal, met=memory < GOAL_MEMORY_MB)


def _job_rows(job: JobTimes, peer: float) -> list[Measurement]:
    database = sum(job.database)
    return [
        Measurement("the job, its processes' start included", job.seconds - database, "s", peer),
        Measurement("database writes of the job", database, "s"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few radiographs, a small volume")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part only")
    options = parser.parse_args()
    found: dict[str, list[Measurement]] = {}
    with temporary_installation() as (folder, person):
        for part, measure in PARTS.items():
            if part in (options.only or PARTS):
                load = os.getloadavg()[0]
                rows = measure(folder / part, person, options.quick)
                rows.append(Measurement("load average of the machine before", load, ""))
                found[part] = [replace(row, what=f"{part}: {row.what}") for row in rows]
    return report_parts("metrics-quick" if options.quick else "metrics", found, list(PARTS))


PARTS: dict[str, Callable[[Path, Any, bool], list[Measurement]]] = {
    "radiographs": measure_radiographs,
    "volume": measure_a_volume,
    "one by one": lambda _folder, _person, quick: metrics_one_by_one.compare(quick),
}

if __name__ == "__main__":
    sys.exit(main())
