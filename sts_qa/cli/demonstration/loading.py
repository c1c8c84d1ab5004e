"""Loading the demonstration step by step. A step that is done is passed over, so that loading can
be stopped at any point and taken up again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from sts_qa.accounts.models import User
from sts_qa.catalogue.actions import (
    apply_import,
    create_dataset,
    set_viewing,
    start_import,
    start_mask_import,
)
from sts_qa.catalogue.models import Dataset, ImageKind, ImportRun
from sts_qa.catalogue.viewing import Preset
from sts_qa.cli.demonstration import accounts, folder
from sts_qa.cli.demonstration.simulation import SimulatedScores, rate_everything, score_ranges
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import latest_job
from sts_qa.jobs.terminal import run_with_bar
from sts_qa.measurements.actions import start_metrics
from sts_qa.protocols.queries import built_in_version
from sts_qa.science.phantoms.demonstration import demonstration_plan
from sts_qa.science.phantoms.second_masks import write_second_masks
from sts_qa.science.phantoms.tree import write_demonstration
from sts_qa.studies import actions as studies
from sts_qa.studies.models import Membership, Study

SEED = 2025
PROTOCOL = "sts-evaluation"
DATASET = "Demonstration: STS-Tooth phantoms"
SECOND_ANNOTATOR = "Simulated second annotator"
TO_RATE = "Demonstration: rate me"
SIMULATED = "Demonstration: closed, simulated ratings"
TO_RATE_PLAN: dict[str, Any] = {"seed": SEED, "practice_items": 2}
# Most of the items, so that its tables have something to say
SIMULATED_PLAN: dict[str, Any] = {
    "seed": SEED + 1,
    "fraction": Decimal("0.60"),
    "practice_items": 2,
    "repeat_share": Decimal("0.20"),
    "repeat_distance": 8,
    # Volumes at the end would be too few to keep the distance
    "order": Study.Order.MIXED,
}
PRESETS = [
    Preset(
        {"en": "Bright parts", "zh-hans": "高亮部分"},
        ImageKind.VOLUME,
        (Decimal(75), Decimal("99.9")),
    ),
    Preset(
        {"en": "Middle tones", "zh-hans": "中间灰度"},
        ImageKind.RADIOGRAPH,
        (Decimal(5), Decimal(95)),
    ),
]

State = ImportRun.State
Say = Callable[[str], Any]


def load(say: Say) -> bool:
    """Bring the demonstration to completeness; False when it was complete already."""
    folder.claim()
    if folder.is_complete() and User.objects.filter(username=accounts.COORDINATOR).exists():
        return False
    coordinator = accounts.coordinator()
    dataset = _dataset(coordinator, say)
    if not dataset.window_presets:
        set_viewing(
            dataset=dataset,
            shapes={},
            presets=PRESETS,
            values_are_hounsfield=False,
            acting_user=coordinator,
        )
    _second_masks(dataset, coordinator)
    run_with_bar(start_metrics(dataset=dataset, acting_user=coordinator))
    _simulated_study(dataset, coordinator)
    _study_to_rate(dataset, coordinator)
    folder.complete(accounts.log_ins())
    return True


def _dataset(coordinator: User, say: Say) -> Dataset:
    dataset = Dataset.objects.filter(name=DATASET).first() or create_dataset(
        name=DATASET, acting_user=coordinator, is_demonstration=True
    )
    if dataset.imports.filter(state=State.APPLIED).exists():
        return dataset
    say(_("Drawing phantom radiographs and volumes; this takes some seconds."))
    write_demonstration(folder.images_folder(), seed=SEED)
    run = dataset.imports.select_related("job").first()
    if run is None or not _goes_on(run):
        root = str(folder.images_folder())
        run = start_import(dataset=dataset, root=root, layout="sts-tooth", acting_user=coordinator)
    _finish_import(run, coordinator)
    return dataset


def _goes_on(run: ImportRun) -> bool:
    """Say whether an import that was interrupted can be taken up where it was."""
    is_at_work = run.job is not None and not run.job.is_finished
    return run.state in (State.PLANNED, State.APPLYING) or (
        run.state == State.PLANNING and is_at_work
    )


def _finish_import(run: ImportRun, coordinator: User) -> None:
    if run.state == State.PLANNING:
        assert run.job is not None, "a plan is made by a job"
        run_with_bar(run.job)
        run.refresh_from_db()
    if run.state == State.APPLYING and run.job is not None and not run.job.is_finished:
        job = run.job
    else:
        job = apply_import(run=run, acting_user=coordinator)
    _import_all(job)


def _second_masks(dataset: Dataset, coordinator: User) -> None:
    """Import second masks of a few items; those that are there already stay as they are."""
    folder_of_masks = folder.second_masks_folder()
    write_second_masks(folder.images_folder(), folder_of_masks, demonstration_plan(SEED))
    job = start_mask_import(
        dataset=dataset,
        root=str(folder_of_masks),
        name=SECOND_ANNOTATOR,
        acting_user=coordinator,
    )
    _import_all(job)


def _import_all(job: Job) -> None:
    errors = run_with_bar(job).result.get("errors", [])
    if errors:
        raise CommandError(_("The demonstration's own images cannot be read: %s") % errors[:3])


def _study_to_rate(dataset: Dataset, coordinator: User) -> None:
    study = _study(TO_RATE, dataset, coordinator, simulated=False, plan=TO_RATE_PLAN)
    raters = accounts.add_raters(study, accounts.RATERS, coordinator)
    accounts.accept_invitations(raters, coordinator)
    _start(study, coordinator)


def _simulated_study(dataset: Dataset, coordinator: User) -> None:
    study = _study(SIMULATED, dataset, coordinator, simulated=True, plan=SIMULATED_PLAN)
    if study.state == Study.State.CLOSED:
        return
    raters = accounts.add_raters(study, accounts.SIMULATED_RATERS, coordinator)
    study = _start(study, coordinator)
    _rate(study, raters)
    studies.close_study(study=study, acting_user=coordinator)


def _rate(study: Study, raters: list[Membership]) -> None:
    scores = SimulatedScores.of(
        demonstration_plan(SEED), score_ranges(study), raters=len(raters), seed=SEED
    )
    # Practice items are rated too, but not counted
    total = sum(member.assignments.count() for member in raters)
    with tqdm(desc=_("Simulate ratings"), total=total, disable=None, file=sys.stderr) as bar:
        rate_everything(raters, scores, advance=lambda: bar.update())


def _study(
    name: str, dataset: Dataset, coordinator: User, *, simulated: bool, plan: dict[str, Any]
) -> Study:
    """Return the study with its sample drawn."""
    study = Study.objects.filter(name=name).first() or studies.create_study(
        name=name,
        dataset=dataset,
        protocol_version=built_in_version(PROTOCOL),
        simulated=simulated,
        acting_user=coordinator,
        **plan,
    )
    if study.drawn_at is None:
        study = studies.draw_sample(study=study, acting_user=coordinator)
    return study


def _start(study: Study, coordinator: User) -> Study:
    if study.state == Study.State.DRAFT:
        job = latest_job("start_study", "study", study.pk)
        if job is None or job.is_finished:
            job = studies.start_study(study=study, acting_user=coordinator)
        run_with_bar(job)
        study.refresh_from_db()
    return study
