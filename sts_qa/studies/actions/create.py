"""Creating a study and changing its plan while it is a draft."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import may_coordinate
from sts_qa.audit.actions import record, study_chain
from sts_qa.catalogue.models import Dataset
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.studies.errors import PlanRefused, StudyError
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.protocol_problem import order_problem

LARGEST_SEED = 2**63 - 1
PLAN_FIELDS = (
    "unit",
    "stratification",
    "fraction",
    "sizes",
    "slices_per_volume",
    "slices_within_mask",
    "seed",
    "raters_per_item",
    "order",
    "practice_items",
    "repeat_share",
    "repeat_distance",
    "gate_skips_rest",
    "coordinators_may_rate",
    "allows_program_ratings",
    "view_policy",
    "carries_window",
    "live_results",
    "seconds_per_radiograph",
    "seconds_per_slice",
    "seconds_per_volume",
)


def random_seed() -> int:
    """Return a seed that fits every database and every spreadsheet exactly."""
    return secrets.randbelow(2**31)


def create_study(
    *,
    name: str,
    dataset: Dataset,
    protocol_version: ProtocolVersion,
    acting_user: Any,
    simulated: bool = False,
    **plan: Any,
) -> Study:
    """Create a draft whose coordinator is the person who creates it.

    Parameters
    ----------
    plan
        Any of `PLAN_FIELDS`; the rest keep their defaults, the seed is random.

    Raises
    ------
    StudyError
        When the name is taken, or the plan or the protocol cannot be used.
    """
    if not may_coordinate(acting_user):
        raise StudyError(_("Only coordinators may create a study."))
    plan.setdefault("seed", random_seed())
    _check_plan(plan, protocol_version)
    if problem := order_problem(protocol_version):
        raise StudyError(problem)
    try:
        with transaction.atomic():
            study = Study.objects.create(
                name=name,
                dataset=dataset,
                protocol_version=protocol_version,
                simulated=simulated,
                created_by=acting_user,
                **plan,
            )
            Membership.objects.create(
                study=study, user=acting_user, role=Membership.Role.COORDINATOR
            )
            record(
                chain=study_chain(study.pk),
                action="study.created",
                acting_user=acting_user,
                subject=study,
                details={
                    "dataset": dataset.pk,
                    "protocol_version": protocol_version.pk,
                    "plan": _plain(plan),
                },
            )
    except IntegrityError:
        raise StudyError(_("There is a study called “%s” already.") % name, field="name") from None
    return study


def update_plan(*, study: Study, acting_user: Any, **plan: Any) -> Study:
    """Change the plan of a draft whose sample is not drawn yet; what is not given stays."""
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        if study.state != Study.State.DRAFT or study.drawn_at is not None:
            raise StudyError(_("The sample is drawn: the plan can no longer be changed."))
        kept = {field: getattr(study, field) for field in PLAN_FIELDS}
        _check_plan(kept | plan, study.protocol_version)
        for field, value in plan.items():
            setattr(study, field, value)
        study.save(update_fields=list(plan))
        record(
            chain=study_chain(study.pk),
            action="study.plan_changed",
            acting_user=acting_user,
            subject=study,
            details={"plan": _plain(plan)},
        )
    return study


def _check_plan(plan: dict[str, Any], version: ProtocolVersion) -> None:
    if unknown := sorted(set(plan) - set(PLAN_FIELDS)):
        raise TypeError(f"Not part of a study's plan: {', '.join(unknown)}.")
    if not 0 <= int(plan.get("seed", 0)) <= LARGEST_SEED:
        text = _("The seed must be a whole number from 0 to %d.") % LARGEST_SEED
        raise PlanRefused("seed", text)
    if not 0 < plan.get("fraction", 1) <= 1:
        raise PlanRefused("fraction", _("The fraction must be above 0 and at most 1."))
    if not 0 <= plan.get("repeat_share", 0) <= 1:
        raise PlanRefused("repeat_share", _("The share of repeats must be from 0 to 1."))
    if plan.get("repeat_share", 0) and plan.get("repeat_distance", 1) < 1:
        text = _("The least distance of repeats must be at least 1.")
        raise PlanRefused("repeat_distance", text)
    if plan.get("slices_per_volume", 1) < 1:
        raise PlanRefused("slices_per_volume", _("Draw at least one slice of each volume."))
    if plan.get("carries_window") and plan.get("view_policy") == Study.ViewPolicy.LOCKED:
        text = _("Where only the standard view is shown there is no window to keep.")
        raise PlanRefused("carries_window", text)
    if plan.get("raters_per_item") is not None and plan["raters_per_item"] < 1:
        raise PlanRefused("raters_per_item", _("At least one rater must rate each item."))
    if plan.get("gate_skips_rest") and not version.content.get("gate"):
        raise PlanRefused("gate_skips_rest", _("This protocol has no gate."))


def _plain(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (bool, int, dict, type(None))) else str(value)
        for name, value in plan.items()
    }
