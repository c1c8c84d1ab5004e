from sts_qa.rating.models import ProblemReport, Rating
from tests.api.matrix import Line
from tests.api.matrix.members import COORDINATORS_MAKE, READ_BY_COORDINATORS
from tests.api.matrix.studies import COORDINATORS_WRITE, reason
from tests.factories import make_rating
from tests.rating.helpers import add_question


def reported(world):
    number_raters(world)
    world.problem = ProblemReport.objects.create(
        assignment=world.assignment, kind="orientation", idempotency_key="k"
    )


def asked(world):
    number_raters(world)
    world.question = add_question(world.assignment)


def late(world):
    number_raters(world)
    world.late_rating = make_rating(
        world.assignment,
        {"contrast": 10},
        is_current=False,
        is_late=True,
        late_reason=Rating.LateReason.STUDY_PAUSED,
    )


def number_raters(world):
    world.study.memberships.filter(pk=world.rater_membership.pk).update(pseudonym=1)


def named(name):
    return lambda world: {name: getattr(world, name).public_id}


LINES = {
    "show_progress": Line(READ_BY_COORDINATORS, prepare=number_raters),
    "list_problems": Line(READ_BY_COORDINATORS, prepare=reported),
    "decide_problem": Line(
        COORDINATORS_WRITE, lambda world: {"decision": "keep"}, named("problem"), reported
    ),
    "list_questions": Line(READ_BY_COORDINATORS, prepare=asked),
    "close_question": Line(
        COORDINATORS_WRITE, lambda world: {"note": "Said aloud."}, named("question"), asked
    ),
    "list_clarifications": Line(READ_BY_COORDINATORS),
    "publish_clarification": Line(
        COORDINATORS_MAKE, lambda world: {"number": 1, "texts": {"en": "Noise is not contrast."}}
    ),
    "list_late_ratings": Line(READ_BY_COORDINATORS, prepare=late),
    "admit_rating": Line(COORDINATORS_WRITE, reason, named("late_rating"), late),
}
