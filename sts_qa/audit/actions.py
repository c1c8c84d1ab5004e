"""The only writer of the event log."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from sts_qa.audit.models import INSTALLATION, Chain, Event
from sts_qa.audit.queries import canonical_bytes, note_hash


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
    salt = secrets.token_hex(16) if note else ""
    hashed = {"note_sha256": note_hash(salt, note)} if note else {}
    head = _locked_head(chain)
    event = Event(
        chain=head,
        number=head.length + 1,
        at=timezone.now(),
        actor=str(acting_user.opaque_id) if acting_user is not None else "",
        action=action,
        object_type=subject._meta.label_lower,
        object_id=str(subject.pk),
        # Through JSON once, so that what is hashed is what the database gives back
        details=json.loads(json.dumps({**(details or {}), **hashed}, ensure_ascii=False)),
        previous_hash=head.last_hash,
        note=note,
        note_salt=salt,
    )
    event.hash = hashlib.sha256(canonical_bytes(event, chain)).hexdigest()
    event.save()
    Chain.objects.filter(pk=head.pk).update(length=event.number, last_hash=event.hash)
    return event


def _locked_head(name: str) -> Chain:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event is recorded inside the transaction of its act."
        )
    Chain.objects.get_or_create(name=name)
    return Chain.objects.select_for_update().get(name=name)
