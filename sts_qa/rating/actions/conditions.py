"""Stating the room and the monitor, once for each log-in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.crypto import get_random_string

from sts_qa.audit.actions import record, study_chain
from sts_qa.rating.body import Reader, read_object
from sts_qa.rating.models import ReadingConditions
from sts_qa.rating.queries.conditions import LOG_IN_KEY, SESSION_KEY
from sts_qa.studies.models import Study

FIELDS = ("room", "monitor", "sees_dark_patch", "sees_bright_patch")


@dataclass(frozen=True)
class StatedConditions:
    """What a rater says of room and monitor, and which of the grey patches can be told apart."""

    room: str
    monitor: str
    sees_dark_patch: bool
    sees_bright_patch: bool


def read_conditions(data: bytes) -> StatedConditions:
    """Read a statement from its JSON; raises `InvalidSubmission` where its form is wrong."""
    reader = Reader(read_object(data))
    reader.refuse_others(FIELDS)
    stated = StatedConditions(
        room=reader.choice("room", ReadingConditions.Room.values),
        monitor=reader.choice("monitor", ReadingConditions.Monitor.values),
        sees_dark_patch=reader.truth("sees_dark_patch"),
        sees_bright_patch=reader.truth("sees_bright_patch"),
    )
    reader.finish()
    return stated


def state_conditions(
    *, study: Study, stated: StatedConditions, session: SessionBase | None, acting_user: Any
) -> ReadingConditions:
    """Store a statement and let it hold for this log-in; an earlier one stays with its ratings.

    Without a `session` it was stated in an earlier log-in, for the ratings of that time.
    """
    with transaction.atomic():
        conditions = ReadingConditions.objects.create(user=acting_user, **asdict(stated))
        record(
            chain=study_chain(study.pk),
            action="conditions.stated",
            acting_user=acting_user,
            subject=conditions,
            details=asdict(stated),
        )
    if session is not None:
        session[SESSION_KEY] = str(conditions.public_id)
    return conditions


def forget_conditions(request: Any = None, **_signal: Any) -> None:
    """Ask anew after a log-in: the same browser may stand in another room by now."""
    if session := getattr(request, "session", None):
        session.pop(SESSION_KEY, None)
        session[LOG_IN_KEY] = get_random_string(16)
