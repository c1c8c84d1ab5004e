"""The studies that are rated: marked images in the form of the workload, and marked volumes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.people import add_rater
from benchmarks.viewer import pictures

# More than any run of all parts takes
FIRST_RATERS = 16


@dataclass
class Plan:
    """One study: how its files are written, and who rates it."""

    name: str
    write: Callable[[Path], None]
    raters: int = FIRST_RATERS
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Room:
    """A running study and those of its raters who have not rated yet."""

    study: Any
    free: list[str]

    def next_rater(self) -> str:
        """Return somebody to whom every item is new."""
        return self.free.pop(0)


def plans(quick: bool) -> dict[str, Plan]:
    """Return the studies by name; the workload of Label Studio's figures has 1,200 images."""
    images, radiographs, rated = (60, 60, 60) if quick else (1200, 300, 240)
    return {
        "images": Plan("Images", lambda folder: _images(folder, images)),
        "radiographs": Plan("Radiographs", lambda folder: _radiographs(folder, radiographs)),
        "volume": Plan("Volume", lambda folder: _volumes(folder, 1)),
        "mixed": Plan(
            "Mixed",
            lambda folder: (_radiographs(folder, rated), _volumes(folder, 1 if quick else 2))[0],
            raters=5,
            settings={"order": "mixed"},
        ),
    }


def _images(folder: Path, count: int) -> None:
    pictures.write_pictures(folder, count, pictures.IMAGE_SHAPE)


def _radiographs(folder: Path, count: int) -> None:
    pictures.write_pictures(folder, count, pictures.RADIOGRAPH_SHAPE, seed=101)


def _volumes(folder: Path, count: int) -> None:
    place = folder / "STS-3D-Tooth" / "ROI" / "Unlabeled" / "Image"
    place.mkdir(parents=True)
    for number in range(1, count + 1):
        shutil.copyfile(pictures.volume_file(number), place / f"volume_{number:04}.nii.gz")


def start(plan: Plan, folder: Path, person: Any) -> Room:
    """Import, draw everything, add the raters and start."""
    from sts_qa.catalogue.actions import apply_import, create_dataset, start_import
    from sts_qa.jobs.running import run_job
    from sts_qa.protocols.queries import built_in_version
    from sts_qa.studies import actions as studies

    plan.write(folder)
    dataset = create_dataset(name=plan.name, acting_user=person)
    run = start_import(dataset=dataset, root=str(folder), acting_user=person)
    assert run.job is not None
    _done(run_job(run.job))
    _done(run_job(apply_import(run=run, acting_user=person)))
    study = studies.create_study(
        name=plan.name,
        dataset=dataset,
        protocol_version=built_in_version("sts-evaluation"),
        acting_user=person,
        fraction=1,
        practice_items=0,
        seed=1,
        **plan.settings,
    )
    study = studies.draw_sample(study=study, acting_user=person)
    names = [f"{plan.name.lower()}-{number}" for number in range(plan.raters)]
    for name in names:
        add_rater(study, name, person)
    _done(run_job(studies.start_study(study=study, acting_user=person)))
    study.refresh_from_db()
    assert study.state == study.State.RUNNING
    return Room(study, names)


def _done(job: Any) -> None:
    if job.state != job.State.DONE:
        raise RuntimeError(f"The job {job.kind} is {job.state}: {job.error}")


def number_of(token: str) -> int:
    """Return the number that stands on the image of an assignment, from its file's name."""
    from sts_qa.studies.models import Assignment

    assignment = Assignment.objects.select_related("sampled_item__item_version__item").get(
        token=token
    )
    key = assignment.sampled_item.item_version.item.key
    return int(key.rsplit("_", 1)[1].split(".", 1)[0])
