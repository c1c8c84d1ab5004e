"""Starting a study: the drawn bytes are checked and kept, then every rater gets assignments."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.audit.actions import record, study_chain
from sts_qa.catalogue import files
from sts_qa.catalogue.models import FileVersion, ImageKind, ItemVersion
from sts_qa.catalogue.queries.viewing import viewing_settings
from sts_qa.jobs.actions import enqueue
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import latest_job
from sts_qa.science.imaging.store import open_store
from sts_qa.studies.actions.assign import assign_all
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import KeptFile, Membership, Study
from sts_qa.studies.queries.programs import programs_last
from sts_qa.studies.queries.protocol_problem import protocol_problem

KEPT_FILES_BATCH = 50


@dataclass(frozen=True)
class SpaceNeeded:
    """Bytes that starting a study adds below the data folder, and bytes free there."""

    needed: int
    free: int

    @property
    def is_enough(self) -> bool:
        return self.free >= self.needed


def space_needed(study: Study) -> SpaceNeeded:
    """Estimate from the sizes of the sources; a store file is about as large as its `.nii.gz`."""
    # By target: equal files are kept once
    sizes = {_target(version, file): file.size_bytes for version, file in _drawn_files(study)}
    needed = sum(size for target, size in sizes.items() if not target.exists())
    return SpaceNeeded(needed, shutil.disk_usage(settings.DATA_FOLDER).free)


def start_study(*, study: Study, acting_user: Any) -> Job:
    """Queue the start: checking and keeping files is long work, then the study runs.

    A start that is under way already is returned instead of a second one.

    Raises
    ------
    StudyError
        When the study cannot start as it is; the text names what is missing.
    """
    # Outside the transaction: it looks at every drawn file
    check_space(study)
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        _check_startable(study)
        job = latest_job("start_study", "study", study.pk)
        if job is not None and not job.is_finished:
            return job
        return enqueue(
            kind="start_study",
            parameters={"study": study.pk, "acting_user": acting_user.pk},
            acting_user=acting_user,
            subject_type="study",
            subject_id=study.pk,
        )


def check_space(study: Study) -> None:
    """Refuse a start whose files do not fit; the text names needed and free space."""
    space = space_needed(study)
    if not space.is_enough:
        raise StudyError(
            _(
                "The drawn files need %(needed)s in the data folder, but %(free)s are free there. "
                "Free some space, or move the data folder to a larger disk."
            )
            % {"needed": filesizeformat(space.needed), "free": filesizeformat(space.free)}
        )


def keep_and_open(study: Study, acting_user: Any, work: Any) -> dict[str, Any]:
    """Keep the bytes of everything drawn, then open the study in one transaction.

    A file that has changed or cannot be read stops the start and is named; nothing is started.
    """
    _check_startable(study)
    check_space(study)
    drawn = list(_drawn_files(study))
    work.set_total(len(drawn))
    problems: list[str] = []
    for start in range(0, len(drawn), KEPT_FILES_BATCH):
        batch = drawn[start : start + KEPT_FILES_BATCH]
        rows = []
        for version, file in batch:
            work.check_cancelled()
            try:
                rows.append(kept_file(study, version, file))
            except (files.ChangedFile, files.UnreadableFile, OSError) as error:
                problems.append(f"{file.location}: {error}")
            work.advance(message=_("Checking and keeping the drawn files"))
        KeptFile.objects.bulk_create(rows, ignore_conflicts=True)
    if problems:
        text = ngettext(
            "%(n)d drawn file cannot be kept; the study is not started. %(first)s",
            "%(n)d drawn files cannot be kept; the study is not started. %(first)s",
            len(problems),
        )
        raise StudyError(text % {"n": len(problems), "first": " · ".join(problems[:20])})
    mark_slices_with_mask(study)
    open_study(study=study, acting_user=acting_user)
    return {"kept": len(drawn)}


def kept_file(study: Study, version: ItemVersion, file: FileVersion) -> KeptFile:
    """Make sure the right bytes lie below the data folder; return the unsaved row that says so.

    Also what lies there already is compared: it may have been damaged since it was kept.
    """
    is_volume = version.item.kind == ImageKind.VOLUME
    keep = files.build_store if is_volume else files.keep
    path = keep(file, recheck=True)
    return KeptFile(
        study=study,
        sha256=file.sha256,
        size_bytes=path.stat().st_size,
        path=str(path.relative_to(settings.DATA_FOLDER)),
    )


def mark_slices_with_mask(study: Study) -> None:
    """Note for every drawn slice of a labelled volume whether the mask has pixels on it."""
    slices = study.sample.filter(
        slice_index__isnull=False, labelled=True, mask_on_slice__isnull=True
    ).select_related("item_version__mask")
    for unit in slices:
        mask, index = unit.item_version.mask, unit.slice_index
        assert mask is not None, "a labelled unit has a mask"
        assert index is not None, "only slices are looked at"
        image = open_store(files.store_path(unit.item_version))
        # The image's affine, so that a mask cannot be turned against its image
        on_slice = open_store(files.store_path(mask), affine=image.facts.affine).axial(index)
        unit.mask_on_slice = bool(on_slice.any())
        unit.save(update_fields=["mask_on_slice"])


def open_study(*, study: Study, acting_user: Any) -> Study:
    """Give pseudonyms and assignments and let the raters in."""
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        _check_startable(study)
        raters = rating_members(study)
        _give_pseudonyms(raters)
        assign_all(study, raters)
        study.state = Study.State.RUNNING
        study.started_at = timezone.now()
        study.viewing = viewing_settings(study.dataset)
        study.save(update_fields=["state", "started_at", "viewing"])
        record(
            chain=study_chain(study.pk),
            action="study.started",
            acting_user=acting_user,
            subject=study,
            details={
                "raters": len(raters),
                "programs": sum(membership.is_program for membership in raters),
                "sample": study.sample.count(),
                "viewing": study.viewing,
            },
        )
    return study


def _give_pseudonyms(raters: list[Membership]) -> None:
    """Number the raters in random order; programs, whose names are no secret, come last."""
    shuffled = list(raters)
    # The pseudonym must not be worked out from the stored seed
    random.SystemRandom().shuffle(shuffled)
    for number, membership in enumerate(programs_last(shuffled), start=1):
        membership.pseudonym = number
        membership.save(update_fields=["pseudonym"])


def rating_members(study: Study) -> list[Membership]:
    """Return people and programs that rate and were not withdrawn."""
    members = study.memberships.filter(withdrawn_at__isnull=True).order_by("pk")
    return [membership for membership in members if membership.rates]


def _check_startable(study: Study) -> None:
    if study.state != Study.State.DRAFT:
        raise StudyError(_("This study was started already."))
    if study.drawn_at is None:
        raise StudyError(_("Draw the sample first."))
    raters = rating_members(study)
    if not raters:
        raise StudyError(_("Add at least one rater first."))
    if problem := protocol_problem(study):
        raise StudyError(problem)
    people = sum(membership.is_expert for membership in raters)
    if study.raters_per_item is not None and study.raters_per_item > people:
        # A program rates everything, and stands for none of them
        raise StudyError(
            _("Each item needs %(needed)d raters, but the study has %(raters)d.")
            % {"needed": study.raters_per_item, "raters": people}
        )


def _drawn_files(study: Study):
    """Yield each (item version, file) once: images and masks of the sample."""
    units = study.sample.filter(withdrawn_at__isnull=True).select_related(
        "item_version__item", "item_version__mask"
    )
    seen = set()
    for unit in units:
        version = unit.item_version
        for file in (version, version.mask):
            if file is not None and (version.pk, type(file), file.pk) not in seen:
                seen.add((version.pk, type(file), file.pk))
                yield version, file


def _target(version: ItemVersion, file: FileVersion):
    is_volume = version.item.kind == ImageKind.VOLUME
    return files.store_path(file) if is_volume else files.kept_path(file)
