"""Studies: the list, a new one, its plan, and its life cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from sts_qa.api.access import coordinated_study, overseeing
from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.paging import Listing
from sts_qa.api.problems import Problem, invalid
from sts_qa.api.reach import limiting_study
from sts_qa.api.routing import route
from sts_qa.api.schemas.common import JobSchema
from sts_qa.api.schemas.studies import (
    NewStudySchema,
    PlanChangesSchema,
    PlannedSampleSchema,
    PlanTrySchema,
    ReasonSchema,
    StudyEntrySchema,
    StudyFilterSchema,
    StudySchema,
)
from sts_qa.catalogue.models import Dataset
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.queries import latest_version
from sts_qa.studies import actions
from sts_qa.studies.actions.create import PLAN_FIELDS
from sts_qa.studies.actions.life_cycle import program_rating_counts, rating_counts
from sts_qa.studies.forms.plan import USUAL_RATERS, creatable_datasets
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.access import overseen_study_or_404
from sts_qa.studies.queries.frame import build_frame
from sts_qa.studies.queries.people import count_of_raters, studies_of
from sts_qa.studies.queries.plan import PlannedStratum, plan_rows, plan_strata, workload


@endpoint(
    "GET",
    scope="read",
    answers=StudyEntrySchema,
    query=StudyFilterSchema,
    paged=True,
    narrows=True,
)
def list_studies(request: Request, query: dict[str, Any]) -> Listing:
    """List the studies in which the account takes part, the newest membership first.

    Who was withdrawn as a rater still finds the study here.
    """
    memberships = studies_of(request.user)
    if study := limiting_study(request):
        memberships = memberships.filter(study=study)
    if "state" in query:
        memberships = memberships.filter(study__state=query["state"])
    shown = [one for one in memberships if one.rates or one.is_active]
    return Listing(shown, order=("-pk",), each=lambda some: [_entry(one) for one in some])


@endpoint(
    "POST",
    scope="manage",
    body=NewStudySchema,
    answers={201: StudySchema},
    idempotent="accepted",
    coordinators=True,
    located=[201],
)
def create_study(request: Request, body: dict[str, Any]) -> Answer:
    """Make a draft with the account as its coordinator."""
    plan = {name: body[name] for name in PLAN_FIELDS if name in body}
    dataset = _own_dataset(request, body["dataset"])
    version = _newest_version(body["protocol"])
    _planned(dataset, plan)
    study = actions.create_study(
        name=body["name"],
        dataset=dataset,
        protocol_version=version,
        acting_user=request.user,
        **plan,
    )
    place = reverse("api:show_study", args=[study.public_id])
    return Answer(_one(request, study.public_id), status=201, headers={"Location": place})


@endpoint("GET", scope="read", access=overseeing, answers=StudySchema)
def show_study(request: Request, own: Membership) -> dict[str, Any]:
    """Show a study that the account coordinates or observes."""
    return _told(own)


@endpoint(
    "PATCH", scope="manage", access=coordinated_study, body=PlanChangesSchema, answers=StudySchema
)
def update_plan(request: Request, study: Study, body: dict[str, Any]) -> dict[str, Any]:
    """Change the plan of a draft whose sample is not drawn yet; what is not sent stays."""
    if study.state == Study.State.DRAFT and study.drawn_at is None:
        _planned(study.dataset, {**_plan_of(study), **body})
    actions.update_plan(study=study, acting_user=request.user, **body)
    return _one(request, study.public_id)


@endpoint("POST", scope="read", body=PlanTrySchema, answers=PlannedSampleSchema, coordinators=True)
def preview_plan(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Work out what a plan would draw, and each rater's hours; nothing is stored."""
    raters, dataset = body["planned_raters"], _own_dataset(request, body["dataset"])
    plan = {name: body[name] for name in PLAN_FIELDS if name in body}
    return _preview(Study(**plan), _planned(dataset, plan), raters)


@endpoint("GET", scope="read", access=coordinated_study, answers=PlannedSampleSchema)
def show_plan(request: Request, study: Study) -> dict[str, Any]:
    """Work out what the plan of a draft would draw from the dataset as it is now."""
    if study.drawn_at is not None:
        raise Problem("refused", _("The sample is drawn; the sample manifest tells its strata."))
    raters = count_of_raters(study) or USUAL_RATERS
    return _preview(study, _planned(study.dataset, _plan_of(study)), raters)


@endpoint(
    "POST", scope="manage", access=coordinated_study, answers=StudySchema, idempotent="accepted"
)
def draw_sample(request: Request, study: Study) -> dict[str, Any]:
    """Draw the sample, once and for good."""
    return _act(request, study, actions.draw_sample)


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    answers={202: JobSchema},
    idempotent="accepted",
    located=[202],
)
def start_study(request: Request, study: Study) -> Answer:
    """Queue the start: the drawn files are checked and kept, then the raters are let in.

    A start that is under way is answered instead of a second one. `Location` has the job.
    """
    job = actions.start_study(study=study, acting_user=request.user)
    place = reverse("api:show_job", args=[job.public_id])
    return Answer(job, status=202, headers={"Location": place})


@endpoint(
    "POST", scope="manage", access=coordinated_study, answers=StudySchema, idempotent="accepted"
)
def pause_study(request: Request, study: Study) -> dict[str, Any]:
    """Pause a running study; what raters still send is kept as late."""
    return _act(request, study, actions.pause_study)


@endpoint(
    "POST", scope="manage", access=coordinated_study, answers=StudySchema, idempotent="accepted"
)
def resume_study(request: Request, study: Study) -> dict[str, Any]:
    """Let a paused study run again."""
    return _act(request, study, actions.resume_study)


@endpoint(
    "POST", scope="manage", access=coordinated_study, answers=StudySchema, idempotent="accepted"
)
def close_study(request: Request, study: Study) -> dict[str, Any]:
    """Close a study for good, complete or not; its results are open from then on."""
    return _act(request, study, actions.close_study)


@endpoint(
    "POST",
    scope="manage",
    access=coordinated_study,
    body=ReasonSchema,
    answers=StudySchema,
    idempotent="accepted",
)
def unseal_results(request: Request, study: Study, body: dict[str, Any]) -> dict[str, Any]:
    """Open the results before the study is closed, on record; every table says so."""
    return _act(request, study, actions.unseal_results, reason=body["reason"])


def _act(request: Request, study: Study, action: Callable[..., Any], **more: Any) -> dict[str, Any]:
    action(study=study, acting_user=request.user, **more)
    return _one(request, study.public_id)


def _own_dataset(request: Request, dataset_id: int) -> Dataset:
    dataset = creatable_datasets(request.user).filter(pk=dataset_id).first()
    if dataset is None:
        raise invalid("/dataset", _("There is no such dataset of which you may make a study."))
    return dataset


def _newest_version(slug: str) -> ProtocolVersion:
    version = latest_version(slug)
    if version is None:
        raise invalid("/protocol", _("There is no such protocol."))
    return version


def _planned(dataset: Dataset, plan: Mapping[str, Any]) -> list[PlannedStratum]:
    """Return what would be drawn; raises PlanError when the plan cannot be carried out."""
    frame = build_frame(dataset, plan["stratification"])
    return plan_strata(frame, plan["fraction"], plan["sizes"])


def _plan_of(study: Study) -> dict[str, Any]:
    return {name: getattr(study, name) for name in PLAN_FIELDS}


def _preview(study: Study, planned: list[PlannedStratum], raters: int) -> dict[str, Any]:
    rows, total = plan_rows(planned)
    work = workload(study, planned, raters=raters)
    return {"strata": rows, "total": total, "workload": {**vars(work), "raters": raters}}


def _entry(membership: Membership) -> dict[str, Any]:
    study, rates = membership.study, membership.rates
    sees_dataset = membership.role != Membership.Role.RATER
    return {
        "study": study,
        "membership": membership,
        "is_withdrawn": not membership.is_active,
        "own_ratings": _done(membership.rated_count, membership.assigned_count) if rates else None,
        "dataset": study.dataset if sees_dataset else None,
    }


def _one(request: Request, study_id: Any) -> dict[str, Any]:
    _study, own = overseen_study_or_404(request.user, study_id)
    return _told(own)


def _told(own: Membership) -> dict[str, Any]:
    study = own.study
    facts = {name: getattr(study, name) for name in StudySchema().fields if hasattr(study, name)}
    return {
        **facts,
        "public_id": study.public_id,
        "protocol_version": study.protocol_version,
        "role": own.role,
        "unsealed": study if study.unsealed_at is not None else None,
        "ratings": _done(*rating_counts(study)),
        "program_ratings": _done(*program_rating_counts(study)),
    }


def _done(done: int, total: int) -> dict[str, int]:
    return {"done": done, "total": total}


addresses = [
    *route("studies/", list_studies, create_study),
    *route("studies/preview/", preview_plan),
    *route("studies/<uuid:study_id>/", show_study, update_plan),
    *route("studies/<uuid:study_id>/plan/", show_plan),
    *route("studies/<uuid:study_id>/draw/", draw_sample),
    *route("studies/<uuid:study_id>/start/", start_study),
    *route("studies/<uuid:study_id>/pause/", pause_study),
    *route("studies/<uuid:study_id>/resume/", resume_study),
    *route("studies/<uuid:study_id>/close/", close_study),
    *route("studies/<uuid:study_id>/unseal/", unseal_results),
]
