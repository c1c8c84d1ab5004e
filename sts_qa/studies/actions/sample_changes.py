"""What may still happen to a sample that runs: hiding, withdrawing, adding from the reserve."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.audit.actions import record, study_chain
from sts_qa.catalogue import files
from sts_qa.catalogue.models import Item
from sts_qa.screening.queries import excluded_item_ids
from sts_qa.studies.actions.assign import append_assignment
from sts_qa.studies.actions.sample import units_of
from sts_qa.studies.actions.start import kept_file, mark_slices_with_mask
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import (
    Assignment,
    FrameEntry,
    KeptFile,
    Membership,
    SampledItem,
    Study,
)
from sts_qa.studies.queries.sample import units_of_same_image


def hide_sampled_item(*, sampled_item: SampledItem, reason: str, acting_user: Any) -> None:
    """Hide an item from all raters until someone decides; nothing else changes."""
    with transaction.atomic():
        hidden = SampledItem.objects.filter(pk=sampled_item.pk, hidden_at__isnull=True)
        if hidden.update(hidden_at=timezone.now()):
            _record(sampled_item, acting_user, "sampled_item.hidden", note=reason)


def show_sampled_item(*, sampled_item: SampledItem, reason: str, acting_user: Any) -> None:
    """Show a hidden item again."""
    with transaction.atomic():
        hidden = SampledItem.objects.filter(pk=sampled_item.pk, hidden_at__isnull=False)
        if hidden.update(hidden_at=None):
            _record(sampled_item, acting_user, "sampled_item.shown", note=reason)


def withdraw_sampled_item(*, sampled_item: SampledItem, reason: str, acting_user: Any) -> None:
    """Take an item out of queues and tables; its ratings stay in the raw data, marked.

    Raises
    ------
    StudyError
        When the study is closed, or the item was withdrawn already.
    """
    with transaction.atomic():
        # The study first, as every rating locks it: two withdrawals must not wait for each other
        _locked_open_study(sampled_item)
        item = SampledItem.objects.select_for_update().get(pk=sampled_item.pk)
        if item.withdrawn_at is not None:
            raise StudyError(_("This item was withdrawn already."))
        item.withdrawn_at = timezone.now()
        item.withdrawn_by = acting_user
        item.withdrawal_reason = reason[:300]
        item.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        _close_assignments(item)
        _record(item, acting_user, "sampled_item.withdrawn", note=reason)


def _locked_open_study(sampled_item: SampledItem) -> Study:
    study = Study.objects.select_for_update().get(pk=sampled_item.study_id)
    if study.state == Study.State.CLOSED:
        raise StudyError(_("This study is closed; its sample is final."))
    return study


def _close_assignments(item: SampledItem) -> None:
    """Keep each rater's progress true: what is withdrawn is neither due nor done."""
    counted = item.assignments.filter(dropped_at__isnull=True).exclude(
        kind=Assignment.Kind.PRACTICE
    )
    for assignment in counted:
        Membership.objects.filter(pk=assignment.membership_id).update(
            assigned_count=F("assigned_count") - 1,
            rated_count=F("rated_count") - (1 if assignment.is_rated else 0),
        )
    item.assignments.filter(dropped_at__isnull=True).update(
        dropped_at=timezone.now(), drop_reason="withdrawn"
    )


def add_from_reserve(*, replaces: SampledItem, acting_user: Any) -> list[SampledItem]:
    """Add the next item of the stratum's reserve for the raters of a withdrawn one.

    A volume comes with all its drawn slices, for one that was withdrawn with all of its own.

    Raises
    ------
    StudyError
        When the study is closed, the withdrawn item was for practice, the reserve is used up, or
        the file can no longer be kept.
    """
    if replaces.kind == SampledItem.Kind.PRACTICE:
        raise StudyError(_("A practice item can be withdrawn, but nothing takes its place."))
    study, stratum = replaces.study, replaces.stratum
    entry = next_of_reserve(replaces)
    if entry is None:
        raise StudyError(_("The reserve of this stratum is used up; nothing can be added."))
    rows = keep_entry(study, entry)
    with transaction.atomic():
        _locked_open_study(replaces)
        if entry.sample.exists():
            raise StudyError(_("The next item of the reserve was just taken; try again."))
        KeptFile.objects.bulk_create(rows, ignore_conflicts=True)
        number = study.sample.aggregate(last=Max("number"))["last"] or 0
        units = units_of(study, stratum, entry, SampledItem.Kind.MAIN)
        former = units_of_same_image(replaces)
        for offset, unit in enumerate(units):
            unit.number = number + offset + 1
            unit.added_at = timezone.now()
            unit.save()
            instead_of = former[offset % len(former)]
            # Where raters share the work, each slice keeps to those of one withdrawn slice
            raters = _raters_of([instead_of] if study.raters_per_item else former)
            for membership in raters:
                append_assignment(membership, unit)
            _record(unit, acting_user, "sampled_item.added", {"replaces": instead_of.pk})
        mark_slices_with_mask(study)
    return units


def next_of_reserve(sampled_item: SampledItem) -> FrameEntry | None:
    """Return the first entry of the reserve that can be used, or None.

    Passed over is what was excluded, changed, or is gone or unreadable since the draw.
    """
    stratum = sampled_item.stratum
    excluded = excluded_item_ids(sampled_item.study.dataset)
    entries = (
        stratum.entries.filter(
            order_number__gt=stratum.drawn,
            sample__isnull=True,
            item_version__item__state=Item.State.PRESENT,
            item_version__item__current_version=F("item_version"),
        )
        .select_related("item_version__item", "item_version__mask")
        .order_by("order_number")
    )
    usable = (entry for entry in entries if entry.item_version.item_id not in excluded)
    return next(usable, None)


def keep_entry(study: Study, entry: FrameEntry) -> list[KeptFile]:
    """Keep the bytes of an entry of the reserve; return the unsaved rows that say so.

    Raises
    ------
    StudyError
        When a file can no longer be kept; it is named.
    """
    version = entry.item_version
    try:
        return [kept_file(study, version, file) for file in (version, version.mask) if file]
    except (files.ChangedFile, files.UnreadableFile, OSError) as error:
        raise StudyError(
            _("The next item of the reserve cannot be kept: %s. Import the dataset again.")
            % in_page_language(str(error))
        ) from error


def _raters_of(units: list[SampledItem]) -> list[Membership]:
    return list(
        Membership.objects.filter(
            assignments__sampled_item__in=units,
            assignments__kind=Assignment.Kind.MAIN,
            withdrawn_at__isnull=True,
        )
        .distinct()
        .order_by("pk")
    )


def _record(
    item: SampledItem, acting_user: Any, action: str, details: dict | None = None, *, note: str = ""
) -> None:
    record(
        chain=study_chain(item.study_id),
        action=action,
        acting_user=acting_user,
        subject=item,
        details=details,
        note=note,
    )
