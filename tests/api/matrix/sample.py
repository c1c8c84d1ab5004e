from sts_qa.studies.actions import draw_sample
from tests.api.matrix import Line
from tests.api.matrix.members import READ_BY_COORDINATORS
from tests.api.matrix.studies import COORDINATORS_WRITE, of_draft, with_draft

OVERSEERS_READ = "401 404 403 200 200 | 200 403 200 404"


def drawn(world):
    with_draft(world)
    draw_sample(study=world.draft, acting_user=world.coordinator)


def of_unit(world):
    return {"unit": world.study.sample.get(number=1).number}


LINES = {
    name: Line(OVERSEERS_READ, arguments=of_draft, prepare=drawn)
    for name in ("show_sample", "list_frame", "verify_sample")
} | {
    "list_sample_changes": Line(READ_BY_COORDINATORS, arguments=of_draft, prepare=drawn),
    "list_units": Line(READ_BY_COORDINATORS),
    "change_unit": Line(
        COORDINATORS_WRITE,
        lambda world: {"change": "hide", "reason": "Looked odd."},
        of_unit,
    ),
}
