from datetime import timedelta

from django.utils import timezone

from sts_qa.api.actions import create_token
from sts_qa.studies.actions import create_model_rater
from tests.api.matrix import Line
from tests.api.matrix.members import COORDINATORS_MAKE, READ_BY_COORDINATORS
from tests.api.matrix.studies import COORDINATORS_WRITE


def with_program(world):
    world.program = create_model_rater(
        study=world.study, name="ToothNet", version="1", acting_user=world.coordinator
    )
    world.program_token, _secret = create_token(
        user=world.program.user,
        name="Here",
        scopes=["rate"],
        study=world.study,
        expires_at=timezone.now() + timedelta(days=1),
        acting_user=world.coordinator,
    )


def of_program(world):
    return {"member": world.program.pk, "token_id": world.program_token.pk}


LINES = {
    "add_model_rater": Line(COORDINATORS_MAKE, lambda world: {"name": "ToothNet", "version": "2"}),
    "list_tokens_of_program": Line(
        READ_BY_COORDINATORS, arguments=of_program, prepare=with_program
    ),
    "create_token_of_program": Line(
        COORDINATORS_MAKE, lambda world: {"name": "There"}, of_program, with_program
    ),
    "revoke_token_of_program": Line(COORDINATORS_WRITE, arguments=of_program, prepare=with_program),
}
