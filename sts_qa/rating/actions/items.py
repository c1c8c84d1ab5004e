"""What a coordinator does with an item that no rater has reported."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.rating.actions.locking import locked_study
from sts_qa.rating.errors import RatingError
from sts_qa.rating.queries.problems import open_privacy_reports
from sts_qa.studies.actions import hide_sampled_item, show_sampled_item, withdraw_sampled_item
from sts_qa.studies.models import SampledItem, Study
from sts_qa.studies.queries.sample import units_of_same_image


class Change(models.TextChoices):
    """What becomes of an item."""

    HIDE = "hide", gettext_lazy("Hide it from all raters for now")
    SHOW = "show", gettext_lazy("Show it to the raters again")
    WITHDRAW = "withdraw", gettext_lazy("Withdraw it for good")


ACTS = {
    Change.HIDE: hide_sampled_item,
    Change.SHOW: show_sampled_item,
    Change.WITHDRAW: withdraw_sampled_item,
}


def possible_changes(unit: SampledItem) -> list[Change]:
    """Return what can be done with the unit as it stands, while its study runs."""
    if unit.withdrawn_at is not None:
        return []
    return [Change.SHOW if unit.hidden_at is not None else Change.HIDE, Change.WITHDRAW]


def change_item(
    *,
    sampled_item: SampledItem,
    change: str,
    whole_image: bool = False,
    reason: str,
    acting_user: Any,
) -> None:
    """Hide a unit of the sample, show it again, or withdraw it, on record.

    Parameters
    ----------
    change
        A value of `Change`.
    whole_image
        Do the same with the other drawn slices of a slice's volume.

    Raises
    ------
    RatingError
        When no reason is given, the study does not run, the change does nothing, or a report
        that hides the item is to be decided first.
    """
    if not reason.strip():
        raise RatingError("reason", _("Say why."))
    with transaction.atomic():
        study = locked_study(sampled_item.study_id, no_key=False)
        if study.state not in (Study.State.RUNNING, Study.State.PAUSED):
            raise RatingError("state", _("Items change only while the study runs or is paused."))
        unit = SampledItem.objects.get(pk=sampled_item.pk)
        if change not in possible_changes(unit):
            raise RatingError("unchanged", _("The item changed meanwhile. Look at it again."))
        if change == Change.SHOW and open_privacy_reports(unit).exists():
            raise RatingError(
                "reported", _("A rater reported it for privacy. Decide on the report instead.")
            )
        for one in units_of_same_image(unit) if whole_image else [unit]:
            if change in possible_changes(one):
                ACTS[Change(change)](
                    sampled_item=one, reason=reason.strip(), acting_user=acting_user
                )
