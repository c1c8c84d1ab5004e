"""Deciding what belongs in a dataset."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.audit import actions as audit
from sts_qa.catalogue.models import Item
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import ACCEPTABLE_ERROR, latest_decision

NOTE_LENGTH = 2000
Outcome = ScreeningDecision.Outcome
Reason = ScreeningDecision.Reason


@transaction.atomic
def decide(
    *, item: Item, outcome: str, reason: str, note: str = "", acting_user: Any
) -> ScreeningDecision:
    """Keep an item in the dataset or exclude it; earlier decisions stay on record.

    A decision to keep an item that is held back accepts its mask, for its current version only.
    What was decided already by the same person in the same words is not written again.

    Parameters
    ----------
    item
        As the person saw it: `current_version_id` is compared with what the item has now.

    Raises
    ------
    ScreeningRefused
        When the decision is incomplete, the item has changed, or its mask cannot be accepted.
    """
    note = checked_note(outcome, reason, note)
    current = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if current.current_version_id != item.current_version_id:
        raise ScreeningRefused(
            _("The item has changed since you looked at it. Look at its new version first.")
        )
    if outcome == Outcome.KEEP:
        _check_keepable(current)
    if (known := latest_decision(current)) and _is_same(
        known, current, outcome, reason, note, acting_user
    ):
        return known
    decision = ScreeningDecision.objects.create(
        item=current,
        item_version=current.current_version,
        outcome=outcome,
        reason=reason,
        note=note,
        decided_by=acting_user,
    )
    _record(decision, acting_user)
    return decision


def checked_note(outcome: str, reason: str, note: str) -> str:
    """Return the note as it is stored; refuse a decision that is incomplete."""
    if outcome not in Outcome.values:
        raise ScreeningRefused(
            _("“%(value)s” is no decision; known are: %(known)s.")
            % {"value": outcome, "known": ", ".join(Outcome.values)}
        )
    if reason not in Reason.values:
        raise ScreeningRefused(
            _("“%(value)s” is no reason; known are: %(known)s.")
            % {"value": reason, "known": ", ".join(Reason.values)}
        )
    note = note.strip()
    if "\x00" in note or len(note) > NOTE_LENGTH:
        raise ScreeningRefused(
            _("The note is longer than %(longest)s characters.") % {"longest": NOTE_LENGTH}
        )
    if reason == Reason.OTHER and not note:
        raise ScreeningRefused(_("Say in the note what the other reason is."))
    return note


def _check_keepable(item: Item) -> None:
    """Refuse to keep what cannot be kept: a mask that is not there, or not of the image's size."""
    version = item.current_version
    if version is None or version.mask_error in ("", ACCEPTABLE_ERROR):
        return
    reason = in_page_language(version.mask_error_reason)
    raise ScreeningRefused(
        _(
            "This item cannot be kept as it is: %(error)s. %(reason)s Correct the mask and import "
            "the dataset again, or exclude the item."
        )
        % {"error": version.get_mask_error_display(), "reason": reason}
    )


def _is_same(
    known: ScreeningDecision, item: Item, outcome: str, reason: str, note: str, person: Any
) -> bool:
    stored = known.outcome, known.reason, known.note, known.item_version_id, known.decided_by_id
    return stored == (outcome, reason, note, item.current_version_id, person.pk)


def _record(decision: ScreeningDecision, acting_user: Any) -> None:
    """Record the decision without its note, in which people may be named."""
    version = decision.item_version
    audit.record(
        chain=audit.dataset_chain(decision.item.dataset_id),
        action="item.excluded" if decision.outcome == Outcome.EXCLUDE else "item.kept",
        acting_user=acting_user,
        subject=decision,
        details={
            "item": decision.item_id,
            "version": version.number if version else None,
            "checksum": version.checksum if version else None,
            "mask_error": version.mask_error if version else "",
            "reason": decision.reason,
        },
    )
