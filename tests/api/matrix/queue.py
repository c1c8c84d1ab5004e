"""A coordinator who does not rate and an observer have no queue; an assignment is its rater's."""

from tests.api.matrix import Line
from tests.rating.helpers import add_clarification

OF_STUDY = "401 404 200 403 403 | 403 200 403 404"
OF_ASSIGNMENT = "401 404 200 404 404 | 403 200 403 404"
CREATING = OF_ASSIGNMENT.replace("200", "201")

LINES = {
    "show_queue": Line(OF_STUDY, owner="rater"),
    "show_next": Line(OF_STUDY, owner="rater"),
    "list_open_assignments": Line(OF_STUDY, owner="rater"),
    "list_open_clarifications": Line(OF_STUDY, owner="rater"),
    "acknowledge_clarification": Line(
        OF_STUDY,
        owner="rater",
        prepare=lambda world: add_clarification(world.study, 1),
        arguments=lambda world: {"number": 1},
    ),
    "show_assignment": Line(OF_ASSIGNMENT, owner="rater"),
    "mark_shown": Line(OF_ASSIGNMENT, owner="rater"),
    "skip_assignment": Line(OF_ASSIGNMENT, owner="rater"),
    "report_problem": Line(CREATING, owner="rater", body=lambda world: {"kind": "orientation"}),
    "ask_question": Line(CREATING, owner="rater", body=lambda world: {"text": "Is this noise?"}),
}
