from sts_qa.studies.models import Study
from tests.api.matrix import Line
from tests.api.matrix.studies import COORDINATORS_WRITE, reason


def with_numbers(world):
    world.study.memberships.filter(pk=world.rater_membership.pk).update(pseudonym=1)


def with_rating_coordinators(world):
    Study.objects.filter(pk=world.study.pk).update(coordinators_may_rate=True)


def invited(world):
    """Let the rater's account be one that has no password yet."""
    world.rater_membership.user.set_unusable_password()
    world.rater_membership.user.save()
    # Awaited elsewhere too, which only somebody who coordinates there may open
    world.other.memberships.filter(user=world.rater).delete()


def of_rater(world):
    return {"member": world.rater_membership.pk}


def of_coordinator(world):
    return {"member": world.study.memberships.get(user=world.coordinator).pk}


def newcomer(world):
    return {"username": "newcomer"}


def replacement(world):
    return {**newcomer(world), **reason(world)}


READ_BY_COORDINATORS = "401 404 403 403 200 | 200 403 200 404"
COORDINATORS_MAKE = "401 404 403 403 201 | 403 403 201 404"

LINES = {
    "list_members": Line("401 404 403 200 200 | 200 403 200 404"),
    "show_member": Line(READ_BY_COORDINATORS, arguments=of_rater),
    "add_member": Line(COORDINATORS_MAKE, newcomer),
    "invite_member": Line(COORDINATORS_MAKE, arguments=of_rater, prepare=invited),
    "withdraw_member": Line(COORDINATORS_WRITE, reason, of_rater),
    "replace_rater": Line(COORDINATORS_MAKE, replacement, of_rater),
    "set_also_rates": Line(
        COORDINATORS_WRITE,
        lambda world: {"also_rates": True},
        of_coordinator,
        with_rating_coordinators,
    ),
    "show_panel": Line(READ_BY_COORDINATORS, prepare=with_numbers),
    "choose_panel": Line(
        COORDINATORS_WRITE,
        lambda world: {"raters": [1], **reason(world)},
        prepare=with_numbers,
    ),
}
