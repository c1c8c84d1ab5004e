from sts_qa.studies.models import Membership, Study
from tests.api.matrix import Line
from tests.factories import make_membership, make_study


def with_draft(world):
    """Give the world a draft with the same people and dataset."""
    world.draft = make_study(dataset=world.dataset, coordinator=world.coordinator)
    make_membership(world.draft, world.rater)
    make_membership(world.draft, world.observer, role=Membership.Role.OBSERVER)


def of_draft(world):
    return {"study_id": world.draft.public_id}


def drawn(world):
    with_draft(world)
    Study.objects.filter(pk=world.draft.pk).update(drawn_at=world.study.started_at)


def paused(world):
    Study.objects.filter(pk=world.study.pk).update(state=Study.State.PAUSED)


def plan(world):
    return {"dataset": world.dataset.pk}


def new_study(world):
    return {**plan(world), "name": "New", "protocol": "sts-evaluation"}


def reason(world):
    return {"reason": "A fault in the protocol."}


COORDINATORS_WRITE = "401 404 403 403 200 | 403 403 200 404"

LINES = {
    "list_studies": Line("401 200 200 200 200 | 200 403 200 200"),
    "create_study": Line("401 403 403 403 201 | 403 403 201 403", body=new_study),
    "preview_plan": Line("401 403 403 403 200 | 200 403 200 403", body=plan),
    "show_study": Line("401 404 403 200 200 | 200 403 200 404"),
    "update_plan": Line(
        COORDINATORS_WRITE, lambda world: {"practice_items": 2}, of_draft, with_draft
    ),
    "show_plan": Line(
        "401 404 403 403 200 | 200 403 200 404", arguments=of_draft, prepare=with_draft
    ),
    "draw_sample": Line(COORDINATORS_WRITE, arguments=of_draft, prepare=with_draft),
    "start_study": Line("401 404 403 403 202 | 403 403 202 404", arguments=of_draft, prepare=drawn),
    "pause_study": Line(COORDINATORS_WRITE),
    "resume_study": Line(COORDINATORS_WRITE, prepare=paused),
    "close_study": Line(COORDINATORS_WRITE),
    "unseal_results": Line(COORDINATORS_WRITE, reason),
}
