"""Reports of problems and late ratings, as a coordinator decides on them."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from sts_qa.rating.models import ProblemReport, Rating
from sts_qa.studies.models import Assignment, SampledItem, Study
from sts_qa.studies.queries.sample import units_of_same_image


def problem_reports(study: Study) -> QuerySet[ProblemReport]:
    """Return the study's reports, undecided ones first, then the newest.

    `is_planned_repeat` marks a "duplicate" that is one by design: the rater had seen the item
    and its repeat.
    """
    repeats = Assignment.objects.filter(
        membership=OuterRef("assignment__membership"),
        sampled_item=OuterRef("assignment__sampled_item"),
        kind=Assignment.Kind.REPEAT,
        showing__isnull=False,
    )
    return (
        ProblemReport.objects.filter(assignment__membership__study=study)
        .select_related(
            "assignment__membership",
            "assignment__sampled_item__item_version__item__category",
            "decided_by",
        )
        .annotate(
            is_planned_repeat=Q(kind=ProblemReport.Kind.DUPLICATE) & Q(Exists(repeats)),
            is_decided=~Q(decision=""),
            # Shown from 1
            slice_number=F("assignment__sampled_item__slice_index") + 1,
        )
        .order_by("is_decided", "-pk")
    )


def refused_decisions(study: Study, unit: SampledItem) -> dict[str, str]:
    """Return the decisions on a report of the unit that are not possible now, each with why."""
    withdraw, replace = ProblemReport.Decision.WITHDRAW, ProblemReport.Decision.REPLACE
    if study.state == Study.State.CLOSED:
        final = _("This study is closed and its sample is final: the item can only be kept.")
        return {withdraw: final, replace: final}
    if unit.kind == SampledItem.Kind.PRACTICE:
        return {replace: _("A practice item can be withdrawn, but nothing takes its place.")}
    return {}


def open_privacy_reports(unit: SampledItem) -> QuerySet[ProblemReport]:
    """Return the undecided reports that hide the unit: those of any slice of its image."""
    return ProblemReport.objects.filter(
        assignment__sampled_item__in=units_of_same_image(unit),
        kind=ProblemReport.Kind.PRIVACY,
        decision="",
    )


def open_problem_count(study: Study) -> int:
    reports = ProblemReport.objects.filter(assignment__membership__study=study, decision="")
    return reports.count()


def late_ratings(study: Study) -> QuerySet[Rating]:
    """Return the study's late ratings, those not admitted first, then the newest.

    `is_outdated` tells where the rater has since given a rating that counts, `corrects` where it
    would take the place of an earlier one.
    """
    current = Rating.objects.filter(assignment=OuterRef("assignment"), is_current=True)
    return (
        Rating.objects.filter(assignment__membership__study=study, is_late=True)
        .select_related(
            "assignment__membership",
            "assignment__sampled_item__item_version__item__category",
            "admitted_by",
        )
        .annotate(
            is_outdated=Exists(current.filter(pk__gt=OuterRef("pk"))),
            corrects=Exists(current.filter(pk__lt=OuterRef("pk"))),
            is_admitted=Q(admitted_at__isnull=False),
        )
        .order_by("is_admitted", "-pk")
    )


def waiting_late_count(study: Study) -> int:
    return Rating.objects.filter(
        assignment__membership__study=study, is_late=True, admitted_at__isnull=True
    ).count()
