"""A number in an address that no database can hold names nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.urls.converters import IntConverter

from sts_qa.api.urls import resources
from tests.api.conftest import is_problem
from tests.api.matrix.world import World

LARGEST = 2**63 - 1
NUMBERED = {
    (pattern.name, name)
    for pattern in resources
    for name, converter in pattern.pattern.converters.items()
    if isinstance(converter, IntConverter)
}


@pytest.mark.django_db
def test_it_is_not_found(token_client):
    world = World()
    program = token_client(world.coordinator)
    methods = {
        made.name: made.method
        for pattern in resources
        for made in pattern.callback.cls.endpoints.values()
    }
    wanted = {pattern.name: pattern.pattern.converters for pattern in resources}
    for endpoint, large in sorted(NUMBERED):
        arguments = {name: world.arguments.get(name, 1) for name in wanted[endpoint]}
        for number in (LARGEST, LARGEST + 1, 10**30):
            address = reverse(f"api:{endpoint}", kwargs={**arguments, large: number})
            answer = program.generic(methods[endpoint], address, b"{}", "application/json")
            assert answer.status_code < 500, (endpoint, number)
            if number > LARGEST:
                assert is_problem(answer, 404, "not-found"), (endpoint, number)
