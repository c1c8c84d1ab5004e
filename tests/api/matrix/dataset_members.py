from tests.api.matrix import Line
from tests.factories import make_user


def colleague(world):
    world.colleague = make_user("colleague", coordinator=True)


def second_member(world):
    colleague(world)
    world.dataset.members.create(user=world.colleague)


LINES = {
    "list_dataset_members": Line("401 403 403 403 200 | 200 403 200 404"),
    "add_dataset_member": Line(
        "401 403 403 403 201 | 403 403 201 404",
        prepare=colleague,
        body=lambda world: {"username": "colleague"},
    ),
    "remove_dataset_member": Line(
        "401 403 403 403 204 | 403 403 204 404",
        prepare=second_member,
        arguments=lambda world: {"user_id": world.colleague.pk},
    ),
}
