"""Taking over ratings that were given elsewhere, as a study of their own that nobody rates here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.actions.datasets import create_dataset
from sts_qa.catalogue.actions.placeholders import Placeholder, create_placeholders
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import NAME_LENGTH, Dataset, ItemVersion
from sts_qa.protocols.actions import create_protocol, freeze_version
from sts_qa.protocols.models import Criterion, ProtocolVersion
from sts_qa.rating.actions.submission import hash_of
from sts_qa.rating.models import Rating, Score
from sts_qa.rating.queries.import_criteria import ImportedCriterion, made_protocol
from sts_qa.rating.queries.import_plan import ImportOptions, ImportPlan, plan_import
from sts_qa.science.ratings_file import FileError, FileRater, GivenRating, read_ratings
from sts_qa.studies.actions.imported import (
    ImportedRater,
    ImportedShowing,
    ImportedUnit,
    checked_name,
    create_imported_study,
)
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Assignment, Study

BATCH = 2000
# An imported rating has no submission of its own; the assignment makes this unique
SUBMISSION = "import"


@dataclass(frozen=True)
class ImportReport:
    """What a file of ratings holds, what is wrong with it, and the study that was made of it.

    Attributes
    ----------
    study
        None after a dry run, and whenever there is an error: then nothing is written.
    sha256, form, encoding, sheet
        Of the file: its checksum and how it was read.
    items, new_items, raters, ratings, scores
        Numbers; `new_items` are placeholders, `ratings` those with at least one score.
    programs, withdrawn_raters
        Those of the raters that are programs, by name and version, and those that count only when
        somebody chooses them, by their names in the file.
    missing_cells
        Places for a score that are empty: not rated.
    left_out
        Rows that say of themselves that they do not count.
    errors
        The first faults, by row; `error_count` has them all.
    """

    study: Study | None
    name: str
    is_dry_run: bool
    sha256: str
    form: str
    encoding: str
    sheet: str
    items: int
    new_items: int
    raters: tuple[str, ...]
    programs: tuple[str, ...]
    withdrawn_raters: tuple[str, ...]
    criteria: tuple[ImportedCriterion, ...]
    ratings: int
    scores: int
    missing_cells: int
    left_out: int
    unread_columns: tuple[str, ...]
    errors: tuple[FileError, ...]
    error_count: int


def import_ratings(
    *,
    name: str,
    table: bytes,
    options: ImportOptions | None = None,
    dataset: Dataset | None = None,
    protocol_version: ProtocolVersion | None = None,
    acting_user: Any,
    dry_run: bool = False,
) -> ImportReport:
    """Make a closed study of ratings that were given elsewhere.

    Parameters
    ----------
    name
        Of the new study; imported ratings never go into one that there is.
    table
        The bytes of a CSV or XLSX file.
    options
        What the file itself does not say.
    dataset
        Whose items are meant, by their keys. Without one, and where it has no images, items are
        made as placeholders.
    protocol_version
        Whose criteria are meant. Without one a protocol is made of the file's criteria.
    dry_run
        Only say what would be done.

    Returns
    -------
    ImportReport
        With errors, if there are any, by row; then nothing is written.

    Raises
    ------
    StudyError
        When the person may not make studies, or the name cannot be used.
    """
    if not may_coordinate(acting_user):
        raise StudyError(_("Only coordinators may create a study."))
    options = options or ImportOptions()
    name = checked_name(name)
    plan = plan_import(read_ratings(table, options.reading), options, dataset, protocol_version)
    sha256 = hashlib.sha256(table).hexdigest()
    study = None
    if not dry_run and not plan.error_count:
        with transaction.atomic():
            study = _write(plan, name, sha256, dataset, protocol_version, acting_user)
    return _report(plan, name, sha256, study, dry_run)


def _report(
    plan: ImportPlan, name: str, sha256: str, study: Study | None, dry_run: bool
) -> ImportReport:
    file = plan.file
    described = file.described_raters.values()
    return ImportReport(
        study=study,
        name=name,
        is_dry_run=dry_run,
        sha256=sha256,
        form=file.form,
        encoding=file.encoding,
        sheet=file.sheet,
        items=len(file.items),
        new_items=sum(item.version is None for item in plan.items.values()),
        raters=file.raters,
        programs=tuple(" ".join(rater.model) for rater in described if rater.is_program),
        withdrawn_raters=tuple(rater.name for rater in described if rater.is_withdrawn),
        criteria=tuple(plan.criteria.values()),
        ratings=sum(bool(rating.scores) for rating in file.ratings),
        scores=sum(len(rating.scores) for rating in file.ratings),
        missing_cells=file.missing_cells,
        left_out=file.left_out,
        unread_columns=file.unread_columns,
        errors=tuple(plan.errors),
        error_count=plan.error_count,
    )


def _write(
    plan: ImportPlan,
    name: str,
    sha256: str,
    dataset: Dataset | None,
    version: ProtocolVersion | None,
    acting_user: Any,
) -> Study:
    file = plan.file
    dataset = dataset or _new_dataset(name, acting_user)
    if version is None:
        content = made_protocol(name, list(plan.criteria.values()), sha256)
        version = create_protocol(content=content, acting_user=acting_user)
    units, places = _units(plan, _versions(plan, dataset, acting_user))
    raters = {rater: place for place, rater in enumerate(file.raters)}
    made = create_imported_study(
        name=name,
        dataset=dataset,
        protocol_version=version,
        raters=[_rater(rater) for rater in file.described_raters.values()],
        units=units,
        showings=[
            ImportedShowing(
                rater=raters[rating.rater],
                unit=places[rating.item, rating.slice_number],
                is_repeat=rating.is_repeat,
                is_rated=bool(rating.scores),
            )
            for rating in file.ratings
        ],
        acting_user=acting_user,
        details={
            "file_sha256": sha256,
            "form": file.form,
            "ratings": sum(bool(rating.scores) for rating in file.ratings),
            "scores": sum(len(rating.scores) for rating in file.ratings),
            "missing_cells": file.missing_cells,
            "left_out": file.left_out,
        },
    )
    _store_ratings(plan, made.assignments, version)
    freeze_version(version=version, acting_user=acting_user)
    return made.study


def _rater(rater: FileRater) -> ImportedRater:
    name, version = rater.model
    return ImportedRater(rater.name, name, version, rater.is_withdrawn)


def _new_dataset(name: str, acting_user: Any) -> Dataset:
    """Make the dataset of the placeholders, named like the study where the name is free."""
    if Dataset.objects.filter(name=name).exists():
        ending = _(" (items)")
        name = name[: NAME_LENGTH - len(ending)] + ending
    try:
        return create_dataset(name=name, acting_user=acting_user)
    except CatalogueRefused as refusal:
        raise StudyError(str(refusal)) from refusal


def _versions(plan: ImportPlan, dataset: Dataset, acting_user: Any) -> dict[str, ItemVersion]:
    """Return the version of every item, placeholders made where there is none."""
    versions = {key: item.version for key, item in plan.items.items() if item.version is not None}
    missing = [
        Placeholder(item.key, item.category, item.group, item.kind, item.labelled)
        for item in plan.items.values()
        if item.version is None
    ]
    if missing:
        versions |= create_placeholders(
            dataset=dataset, placeholders=missing, acting_user=acting_user
        )
    return versions


def _units(
    plan: ImportPlan, versions: dict[str, ItemVersion]
) -> tuple[list[ImportedUnit], dict[tuple[str, int | None], int]]:
    """Return every unit once, in the order of the file, and the place of each."""
    places: dict[tuple[str, int | None], int] = {}
    units: list[ImportedUnit] = []
    for rating in plan.file.ratings:
        unit = rating.item, rating.slice_number
        if unit in places:
            continue
        places[unit] = len(units)
        item, version = plan.items[rating.item], versions[rating.item]
        units.append(
            ImportedUnit(
                version=version,
                category=version.item.category,
                stratum=item.stratum,
                labelled=item.labelled,
                slice_index=None if rating.slice_number is None else rating.slice_number - 1,
            )
        )
    return units, places


def _store_ratings(
    plan: ImportPlan, assignments: list[Assignment], version: ProtocolVersion
) -> None:
    rows = {row.code: row for row in version.criteria.all()}
    about_masks = [row for row in rows.values() if row.scope == Criterion.Scope.ANNOTATION]
    now = timezone.now()
    pairs = [
        (rating, assignment)
        for rating, assignment in zip(plan.file.ratings, assignments, strict=True)
        if rating.scores
    ]
    for start in range(0, len(pairs), BATCH):
        batch = pairs[start : start + BATCH]
        stored = Rating.objects.bulk_create(
            [_rating(given, assignment, version, now) for given, assignment in batch]
        )
        Score.objects.bulk_create(
            [
                score
                for (given, _assignment), rating in zip(batch, stored, strict=True)
                for score in _scores(plan, given, rating, rows, about_masks)
            ],
            batch_size=BATCH,
        )


def _rating(
    given: GivenRating, assignment: Assignment, version: ProtocolVersion, now: datetime
) -> Rating:
    """Return a rating; how long and how it was looked at, nobody knows."""
    content = {
        "rater": given.rater,
        "item": given.item,
        "slice": given.slice_number,
        "repeat": given.is_repeat,
        "scores": {
            name: score.code or str(score.value) for name, score in sorted(given.scores.items())
        },
    }
    return Rating(
        assignment=assignment,
        protocol_version=version,
        idempotency_key=SUBMISSION,
        body_hash=hash_of(content),
        comment=given.comment,
        active_ms=0,
        wall_ms=0,
        waiting_ms=0,
        language="",
        channel=Rating.Channel.IMPORT,
        # Where the file does not say when, this is the moment of the import
        submitted_at=given.time or now,
    )


def _scores(
    plan: ImportPlan,
    given: GivenRating,
    rating: Rating,
    rows: dict[str, Criterion],
    about_masks: list[Criterion],
) -> Iterator[Score]:
    said = {plan.criteria[name].code: score for name, score in given.scores.items()}
    if not plan.items[given.item].labelled:
        for row in about_masks:
            yield Score(rating=rating, criterion=row, code=Score.Code.NOT_APPLICABLE)
            said.pop(row.code, None)
    for code, score in said.items():
        yield Score(rating=rating, criterion=rows[code], value=score.value, code=score.code)
