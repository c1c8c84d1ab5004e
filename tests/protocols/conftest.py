"""People and a protocol for the tests of pages."""

from __future__ import annotations

import pytest

from sts_qa.protocols import actions
from tests.factories import make_user
from tests.protocols.contents import small_content


@pytest.fixture
def coordinator(db):
    return make_user(coordinator=True)


@pytest.fixture
def own(coordinator):
    """Version 1 of an own protocol."""
    return actions.create_protocol(content=small_content(), acting_user=coordinator)


@pytest.fixture
def as_coordinator(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def as_rater(client, db):
    """Someone without the permission to coordinate."""
    client.force_login(make_user())
    return client
