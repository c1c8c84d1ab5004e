"""Reading and checking the event log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from django.db.models import Max

from sts_qa.audit.models import Chain, Event


def events_of(chain_name: str) -> list[Event]:
    return list(Event.objects.filter(chain__name=chain_name).order_by("number"))


def canonical_bytes(event: Event, chain_name: str) -> bytes:
    """Return the bytes whose SHA-256 is the event's hash: JSON with sorted keys, UTF-8."""
    content = {
        "chain": chain_name,
        "number": event.number,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "details": event.details,
        "previous_hash": event.previous_hash,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def note_hash(salt: str, note: str) -> str:
    """Return the SHA-256 that stands in the chain for a note; the salt keeps it unguessable."""
    return hashlib.sha256(f"{salt}{note}".encode()).hexdigest()


def broken_links(chain: Chain) -> Iterator[str]:
    """Yield a sentence for every place where the chain is not what was written."""
    # The head first: events that are added while this reads lie beyond it and are no fault
    head = Chain.objects.get(pk=chain.pk)
    expected_number, previous = 1, ""
    written = Event.objects.filter(chain=head, number__lte=head.length)
    for event in written.order_by("number").iterator(chunk_size=2000):
        if event.number != expected_number:
            yield f"{head.name}: event {expected_number} is missing before {event.number}."
        if event.previous_hash != previous:
            yield f"{head.name}: event {event.number} does not follow the one before it."
        if hashlib.sha256(canonical_bytes(event, head.name)).hexdigest() != event.hash:
            yield f"{head.name}: event {event.number} was changed after it was written."
        # A note may have been blanked, which its hash still tells; it may not say something else
        if event.note and note_hash(event.note_salt, event.note) != event.details.get(
            "note_sha256"
        ):
            yield f"{head.name}: the note of event {event.number} was changed after it was written."
        expected_number, previous = event.number + 1, event.hash
    if (head.length, head.last_hash) != (expected_number - 1, previous):
        yield f"{head.name}: events after {expected_number - 1} are missing or were replaced."
    last = Event.objects.filter(chain=head).aggregate(last=Max("number"))["last"] or 0
    if last > Chain.objects.get(pk=chain.pk).length:
        yield f"{head.name}: the chain counts fewer events than it has ({last})."
