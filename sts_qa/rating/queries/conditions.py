"""Room and monitor as stated since this log-in: what is remembered, and what goes with a rating."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from sts_qa.rating.models import ReadingConditions

# In the session: the statement that holds until the next log-in
SESSION_KEY = "reading_conditions"
LOG_IN_KEY = "log_in"


def conditions_json(session: SessionBase) -> dict[str, str] | None:
    """Return what was stated since this log-in; None lets the page ask."""
    stated = session.get(SESSION_KEY)
    return {"id": stated} if stated else None


def log_in_mark(session: SessionBase) -> str:
    """Return what tells this log-in from others, empty for one of an earlier version."""
    return session.get(LOG_IN_KEY, "")


def own_conditions(
    user: Any, public_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, ReadingConditions]:
    """Return the person's own statements; anything else is nothing that a rating may refer to."""
    if not public_ids:
        return {}
    own = ReadingConditions.objects.filter(public_id__in=public_ids, user=user)
    return {one.public_id: one for one in own}
