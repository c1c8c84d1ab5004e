"""A study of ratings that were given elsewhere: made closed, as a whole, and never rated here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.audit.actions import record, study_chain
from sts_qa.catalogue.models import Category, Dataset, ItemVersion
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.science.statistics import drawing
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import (
    NAME_LENGTH,
    Assignment,
    FrameEntry,
    Membership,
    SampledItem,
    Stratum,
    Study,
)

BATCH = 1000


@dataclass(frozen=True)
class ImportedUnit:
    """An item (or a slice of it, from 0) that was rated elsewhere."""

    version: ItemVersion
    category: Category
    stratum: str
    labelled: bool
    slice_index: int | None = None


@dataclass(frozen=True)
class ImportedRater:
    """A rater by the name in the file; one that is a program has its own name and version too."""

    name: str
    model_name: str = ""
    model_version: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True)
class ImportedShowing:
    """One rater was to rate one unit; both by their place in the lists, from 0."""

    rater: int
    unit: int
    is_repeat: bool
    is_rated: bool


@dataclass(frozen=True)
class ImportedStudy:
    """The study, and its assignments in the order of the showings."""

    study: Study
    assignments: list[Assignment]


def checked_name(name: str) -> str:
    """Return the name as it is kept.

    Raises
    ------
    StudyError
        When it is empty, too long, or another study has it.
    """
    name = " ".join(name.split())
    if not name.isprintable():
        raise StudyError(_("This name holds a character that cannot be shown. Remove it."))
    if not name or len(name) > NAME_LENGTH:
        raise StudyError(
            _("A study needs a name of 1 to %(longest)d characters.") % {"longest": NAME_LENGTH},
            field="name",
        )
    if Study.objects.filter(name=name).exists():
        raise StudyError(
            _(
                "There is a study called “%s” already, and imported ratings always make a new one. "
                "Choose another name."
            )
            % name,
            field="name",
        )
    return name


@transaction.atomic
def create_imported_study(
    *,
    name: str,
    dataset: Dataset,
    protocol_version: ProtocolVersion,
    raters: Sequence[ImportedRater],
    units: Sequence[ImportedUnit],
    showings: Sequence[ImportedShowing],
    acting_user: Any,
    details: dict[str, Any],
) -> ImportedStudy:
    """Make the closed study with its frame, sample, raters and assignments.

    Each stratum's frame is what was rated. The raters get accounts that nobody can log in to, and
    labels in random order; programs are programs again and the withdrawn withdrawn. `details` go
    into the event of its making.

    Raises
    ------
    StudyError
        When another study has the name.
    """
    name = checked_name(name)
    now = timezone.now()
    is_of_slices = any(unit.slice_index is not None for unit in units)
    with_strata = any(unit.stratum != "all" for unit in units)
    try:
        with transaction.atomic():
            study = Study.objects.create(
                name=name,
                dataset=dataset,
                protocol_version=protocol_version,
                created_by=acting_user,
                imported=True,
                state=Study.State.CLOSED,
                unit=Study.Unit.SLICE if is_of_slices else Study.Unit.ITEM,
                stratification=Study.Stratification.LABELLED
                if with_strata
                else Study.Stratification.NONE,
                fraction=1,
                # Nothing was drawn here
                seed=0,
                practice_items=0,
                drawn_at=now,
                closed_at=now,
            )
    except IntegrityError:
        raise StudyError(_("There is a study called “%s” already.") % name, field="name") from None
    Membership.objects.create(study=study, user=acting_user, role=Membership.Role.COORDINATOR)
    sample = _store_sample(study, units)
    members = _store_raters(study, raters, showings, now)
    assignments = _store_assignments(members, sample, showings)
    record(
        chain=study_chain(study.pk),
        action="study.imported",
        acting_user=acting_user,
        subject=study,
        details={
            "dataset": dataset.pk,
            "protocol_version": protocol_version.pk,
            "frame_hash": study.frame_hash,
            "raters": len(members),
            "programs": sum(member.is_program for member in members),
            "withdrawn_raters": sum(not member.is_active for member in members),
            "units": len(sample),
            **details,
        },
    )
    return ImportedStudy(study, assignments)


def _store_sample(study: Study, units: Sequence[ImportedUnit]) -> list[SampledItem]:
    """Store strata, frame and sample in the order of the units; return the sample so."""
    places: dict[tuple[int, str], list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault((unit.category.pk, unit.stratum), []).append(place)
    sampled: dict[int, SampledItem] = {}
    hashes = []
    for position, of_stratum in enumerate(places.values()):
        stratum, entries = _store_stratum(study, position, [units[n] for n in of_stratum])
        hashes.append((f"{stratum.category.name}/{stratum.name}", stratum.frame_hash))
        for place in of_stratum:
            unit = units[place]
            sampled[place] = SampledItem(
                study=study,
                stratum=stratum,
                frame_entry=entries[unit.version.pk],
                item_version=unit.version,
                slice_index=unit.slice_index,
                probability_numerator=1,
                probability_denominator=1,
                labelled=unit.labelled,
                number=place + 1,
            )
    study.frame_hash = drawing.frame_hash(drawing.FrameEntry(*pair) for pair in hashes)
    study.save(update_fields=["frame_hash"])
    rows = [sampled[place] for place in range(len(units))]
    return SampledItem.objects.bulk_create(rows, batch_size=BATCH)


def _store_stratum(
    study: Study, position: int, units: Sequence[ImportedUnit]
) -> tuple[Stratum, dict[int, FrameEntry]]:
    """Store one stratum whose frame are the images of these units; return its entries too."""
    versions = {unit.version.pk: unit.version for unit in units}
    category = units[0].category
    stratum = Stratum.objects.create(
        study=study,
        category=category,
        name=units[0].stratum,
        group=category.group,
        position=position,
        found=len(versions),
        unreadable=0,
        missing=0,
        held_back=0,
        excluded=0,
        frame=len(versions),
        drawn=len(versions),
        frame_hash=drawing.frame_hash(
            drawing.FrameEntry(version.item.key, version.checksum) for version in versions.values()
        ),
    )
    entries = FrameEntry.objects.bulk_create(
        [
            FrameEntry(
                stratum=stratum,
                key=version.item.key,
                checksum=version.checksum,
                item_version=version,
                draw_number="0",
                order_number=order,
            )
            for order, version in enumerate(versions.values(), start=1)
        ],
        batch_size=BATCH,
    )
    return stratum, {entry.item_version_id: entry for entry in entries}


def _store_raters(
    study: Study,
    raters: Sequence[ImportedRater],
    showings: Sequence[ImportedShowing],
    now: datetime,
) -> list[Membership]:
    """Make an account and a membership for each rater, in the order given."""
    users = User.objects.bulk_create(
        [
            _closed_account(f"imported-{study.public_id.hex[:16]}-{number}", rater.name)
            for number, rater in enumerate(raters, start=1)
        ],
        batch_size=BATCH,
    )
    labels = list(range(1, len(raters) + 1))
    random.SystemRandom().shuffle(labels)
    assigned, rated = [0] * len(raters), [0] * len(raters)
    for showing in showings:
        assigned[showing.rater] += 1
        rated[showing.rater] += showing.is_rated
    return Membership.objects.bulk_create(
        [
            Membership(
                study=study,
                user=user,
                role=Membership.Role.RATER,
                pseudonym=label,
                model_name=rater.model_name,
                model_version=rater.model_version,
                withdrawn_at=now if rater.is_withdrawn else None,
                assigned_count=due,
                rated_count=done,
            )
            for rater, user, label, due, done in zip(
                raters, users, labels, assigned, rated, strict=True
            )
        ],
        batch_size=BATCH,
    )


def _closed_account(username: str, name: str) -> User:
    user = User(username=username, first_name=name, is_active=False)
    user.set_unusable_password()
    return user


def _store_assignments(
    members: Sequence[Membership],
    sample: Sequence[SampledItem],
    showings: Sequence[ImportedShowing],
) -> list[Assignment]:
    positions = [0] * len(members)
    rows = []
    for showing in showings:
        positions[showing.rater] += 1
        rows.append(
            Assignment(
                membership=members[showing.rater],
                sampled_item=sample[showing.unit],
                kind=Assignment.Kind.REPEAT if showing.is_repeat else Assignment.Kind.MAIN,
                position=positions[showing.rater],
                turn=positions[showing.rater],
                is_rated=showing.is_rated,
            )
        )
    return Assignment.objects.bulk_create(rows, batch_size=BATCH)
