"""Having volumes made ready before a rater comes to them, without making anybody wait."""

from __future__ import annotations

from collections.abc import Sequence

from sts_qa.catalogue.actions.stores import prepare_volume
from sts_qa.catalogue.models import ImageKind, ItemVersion
from sts_qa.catalogue.queries.stores import files_of, has_failed
from sts_qa.rating.queries.queue import HandedOut
from sts_qa.rating.queries.volume_facts import (
    give_up,
    is_ready,
    is_stored,
    look_at_in_background,
)


def up_to_unready(handed_out: Sequence[HandedOut]) -> Sequence[HandedOut]:
    """Return what can be shown at once: the queue up to a volume ahead that is not ready.

    That volume is seen to meanwhile. Only the current one is waited for.
    """
    for place, handed in enumerate(handed_out):
        version = handed.assignment.sampled_item.item_version
        if place > 0 and version.item.kind == ImageKind.VOLUME and not _make_ready(version):
            return handed_out[:place]
    return handed_out


def _make_ready(version: ItemVersion) -> bool:
    """Say whether the volume is ready; if not, open its stores, or queue a job for missing ones.

    One that could not be built counts as ready, so that a rater can report it.
    """
    unready = [file for file in files_of(version) if not is_ready(file)]
    missing = [file for file in unready if not is_stored(file)]
    for file in unready:
        if file not in missing:
            look_at_in_background(file)
    if missing and has_failed(prepare_volume(version=version, acting_user=None)):
        for file in missing:
            give_up(file)
    return all(is_ready(file) for file in unready)
