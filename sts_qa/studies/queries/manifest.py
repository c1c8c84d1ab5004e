"""The sample manifest: how each stratum's items came to be drawn or not, and the whole frame."""

from __future__ import annotations

from collections.abc import Iterator

from sts_qa.studies.models import FrameEntry, SampledItem, Stratum, Study


def strata_of(study: Study) -> list[Stratum]:
    return list(study.strata.select_related("category").order_by("position"))


def frame_rows(study: Study) -> Iterator[dict]:
    """Yield the whole stored frame in its random order: all that drawing again needs."""
    entries = (
        FrameEntry.objects.filter(stratum__study=study)
        .select_related("stratum__category")
        .order_by("stratum__position", "order_number")
    )
    states = _sample_states(study)
    for entry in entries.iterator(chunk_size=2000):
        yield {
            "category": entry.stratum.category.name,
            "stratum": entry.stratum.name,
            "order": entry.order_number,
            "key": entry.key,
            "checksum": entry.checksum,
            "draw_number": int(entry.draw_number),
            "state": states.get(entry.pk, "reserve"),
        }


def _sample_states(study: Study) -> dict[int, str]:
    states = {}
    for unit in study.sample.only("frame_entry_id", "kind", "withdrawn_at", "added_at"):
        if unit.kind == SampledItem.Kind.PRACTICE:
            state = "practice"
        elif unit.withdrawn_at is not None:
            state = "withdrawn"
        else:
            state = "added" if unit.added_at is not None else "drawn"
        states[unit.frame_entry_id] = state
    return states
