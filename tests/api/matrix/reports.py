from sts_qa.studies.models import Study
from tests.api.matrix import Line
from tests.api.matrix.members import with_numbers
from tests.api.matrix.sample import OVERSEERS_READ


def drawn_and_closed(world):
    study = Study.objects.filter(pk=world.study.pk)
    with_numbers(world)
    study.update(state=Study.State.CLOSED, drawn_at=world.study.started_at)


LINES = {
    "list_reports": Line(OVERSEERS_READ),
    "show_report": Line(
        OVERSEERS_READ,
        arguments=lambda world: {"report": "quality-scores"},
        prepare=drawn_and_closed,
        query="?models=beside",
    ),
}
