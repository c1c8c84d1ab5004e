"""The only writer of the event log."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from sts_qa.audit.models import INSTALLATION, Chain, Event
from sts_qa.audit.queries import canonical_bytes, note_hash


@dataclass(frozen=True)
class Act:
    """What one event says of its object; see `record`."""

    subject: Any
    details: Mapping[str, Any] | None = None
    note: str = ""


def dataset_chain(dataset_id: int) -> str:
    return f"dataset:{dataset_id}"


def study_chain(study_id: int) -> str:
    return f"study:{study_id}"


def record(
    *,
    chain: str = INSTALLATION,
    action: str,
    acting_user: Any,
    subject: Any,
    details: Mapping[str, Any] | None = None,
    note: str = "",
) -> Event:
    """Append one event to `chain`, inside the transaction of the act that it records.

    Parameters
    ----------
    chain
        `INSTALLATION`, or what `dataset_chain` or `study_chain` returns.
    action
        What was done, as `noun.verb` ("rating.submitted").
    acting_user
        The person (anything with `opaque_id`), or None for the system itself.
    subject
        The object acted on (a model instance), named by its type and id.
    details
        JSON values without names, e-mail or network addresses.
    note
        Free text of a person, such as a reason. It is stored outside the hashed part, which has
        its salted hash only.
    """
    act = Act(subject, details, note)
    (event,) = record_many(chain=chain, action=action, acting_user=acting_user, acts=[act])
    return event


def record_many(
    *, chain: str = INSTALLATION, action: str, acting_user: Any, acts: Sequence[Act]
) -> list[Event]:
    """Append one event for each act, in their order, as `record` does for one."""
    if not acts:
        return []
    head = _locked_head(chain)
    actor = str(acting_user.opaque_id) if acting_user is not None else ""
    number, previous_hash = head.length, head.last_hash
    events = []
    for act in acts:
        number += 1
        event = _event(act, chain=head, number=number, action=action, actor=actor)
        event.previous_hash = previous_hash
        event.hash = previous_hash = hashlib.sha256(canonical_bytes(event, chain)).hexdigest()
        events.append(event)
    Event.objects.bulk_create(events)
    Chain.objects.filter(pk=head.pk).update(length=number, last_hash=previous_hash)
    return events


def _event(act: Act, **fields: Any) -> Event:
    salt = secrets.token_hex(16) if act.note else ""
    hashed = {"note_sha256": note_hash(salt, act.note)} if act.note else {}
    return Event(
        at=timezone.now(),
        object_type=act.subject._meta.label_lower,
        object_id=str(act.subject.pk),
        # Through JSON once, so that what is hashed is what the database gives back
        details=json.loads(json.dumps({**(act.details or {}), **hashed}, ensure_ascii=False)),
        note=act.note,
        note_salt=salt,
        **fields,
    )


def _locked_head(name: str) -> Chain:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event is recorded inside the transaction of its act."
        )
    locked = Chain.objects.select_for_update()
    if (head := locked.filter(name=name).first()) is None:
        Chain.objects.get_or_create(name=name)
        head = locked.get(name=name)
    return head
