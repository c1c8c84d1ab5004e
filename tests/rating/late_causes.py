"""What may happen while a rater is at an item, after which a rating of it comes too late."""

from __future__ import annotations

from django.utils import timezone

from sts_qa.studies.models import Assignment, Membership, SampledItem, Study


def withdraw_rater(rater: Membership, _assignment: Assignment) -> None:
    rater.withdrawn_at = timezone.now()
    rater.save()


def pause_study(rater: Membership, _assignment: Assignment) -> None:
    Study.objects.filter(pk=rater.study_id).update(state=Study.State.PAUSED)


def close_study(rater: Membership, _assignment: Assignment) -> None:
    Study.objects.filter(pk=rater.study_id).update(state=Study.State.CLOSED)


def withdraw_item(_rater: Membership, assignment: Assignment) -> None:
    unit = SampledItem.objects.filter(pk=assignment.sampled_item_id)
    unit.update(withdrawn_at=timezone.now())


def hide_item(_rater: Membership, assignment: Assignment) -> None:
    unit = SampledItem.objects.filter(pk=assignment.sampled_item_id)
    unit.update(hidden_at=timezone.now())


def drop_repeat(_rater: Membership, assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(dropped_at=timezone.now())
