"""The sample manifest: how each stratum's items came to be drawn or not, and the whole frame."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sts_qa.studies.models import FrameEntry, SampledItem, Stratum, Study

FRAME_PAGE = 100
LIKE_NUMBER = re.compile(r"[0-9]{1,9}")
COUNTS = ("found", "unreadable", "missing", "held_back", "excluded", "frame", "drawn")
LATER = ("practice", "added", "withdrawn")


@dataclass(frozen=True)
class ManifestRow:
    """One stratum, or all of them: found = the four reasons + frame, frame = drawn + reserve.

    Of the reserve, `practice` serve for practice and `added` came into the sample after the draw.
    """

    category: str
    stratum: str
    found: int
    unreadable: int
    missing: int
    held_back: int
    excluded: int
    frame: int
    drawn: int
    practice: int = 0
    added: int = 0
    withdrawn: int = 0

    @property
    def stratum_label(self) -> str:
        return stratum_label(self.stratum)

    @property
    def left_out(self) -> int:
        return self.found - self.frame

    @property
    def reserve(self) -> int:
        return self.frame - self.drawn


def stratum_labels() -> dict[str, str]:
    """Return what people call the strata; their names are part of the draw, never translated."""
    return {"labelled": _("Labelled"), "unlabelled": _("Unlabelled"), "all": _("All")}


def stratum_label(name: str) -> str:
    return stratum_labels().get(name, name)


def state_labels() -> dict[str, str]:
    """Return what people call the states of an entry of the frame."""
    return {
        "drawn": _("Drawn"),
        "added": _("Added later"),
        "withdrawn": _("Withdrawn"),
        "practice": _("Practice"),
        "reserve": _("Reserve"),
    }


def state_label(state: str) -> str:
    return state_labels()[state]


def strata_of(study: Study) -> list[Stratum]:
    return list(study.strata.select_related("category").order_by("position"))


def manifest_rows(study: Study) -> tuple[list[ManifestRow], ManifestRow]:
    """Return a row per stratum of a drawn sample, and their sums."""
    used: dict[int, Counter] = {}
    entries = FrameEntry.objects.filter(stratum__study=study, sample__isnull=False).distinct()
    states = _sample_states(study)
    for entry_id, stratum_id in entries.values_list("id", "stratum_id"):
        used.setdefault(stratum_id, Counter())[states[entry_id]] += 1
    rows = [
        ManifestRow(
            category=stratum.category.name,
            stratum=stratum.name,
            **{name: getattr(stratum, name) for name in COUNTS},
            **{name: used.get(stratum.pk, Counter())[name] for name in LATER},
        )
        for stratum in strata_of(study)
    ]
    return rows, total_row(rows)


def total_row(rows: Iterable[ManifestRow]) -> ManifestRow:
    rows = list(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in (*COUNTS, *LATER)}
    return ManifestRow(category="", stratum="", **sums)


def frame_rows(study: Study) -> Iterator[dict]:
    """Yield the whole stored frame in its random order: all that drawing again needs."""
    states = _sample_states(study)
    for entry in ordered_frame(study).iterator(chunk_size=2000):
        yield _frame_row(entry, states)


def rows_of_frame(study: Study, entries: Iterable[FrameEntry]) -> list[dict]:
    """Return the rows of some entries of `ordered_frame`."""
    entries = list(entries)
    states = _sample_states(study, [entry.pk for entry in entries])
    return [_frame_row(entry, states) for entry in entries]


def frame_page(
    study: Study, *, after: tuple[int, int] = (-1, 0), find: str = ""
) -> tuple[list[dict], str]:
    """Return one page of `frame_rows`, and what to give as `after` for the next one.

    Parameters
    ----------
    after
        Position of the stratum and order number of the last row seen.
    find
        Leaves only the entries whose key holds this text or whose unit has this number.

    Returns
    -------
    rows, following
        `following` is "position-order" as text, empty on the last page.
    """
    position, order = after
    beyond = Q(stratum__position__gt=position) | Q(
        stratum__position=position, order_number__gt=order
    )
    entries = list(ordered_frame(study, find=find).filter(beyond)[: FRAME_PAGE + 1])
    shown = entries[:FRAME_PAGE]
    following = ""
    if len(entries) > FRAME_PAGE:
        following = f"{shown[-1].stratum.position}-{shown[-1].order_number}"
    return rows_of_frame(study, shown), following


def _found(study: Study, find: str) -> Q:
    if not find:
        return Q()
    found = Q(key__icontains=find)
    if LIKE_NUMBER.fullmatch(find):
        found |= Q(pk__in=study.sample.filter(number=int(find)).values("frame_entry"))
    return found


def open_units(study: Study, entries: Iterable[int]) -> dict[int, list[SampledItem]]:
    """Return the units of entries of the frame that are not withdrawn, by entry."""
    units: dict[int, list[SampledItem]] = {}
    sample = study.sample.filter(frame_entry__in=list(entries), withdrawn_at__isnull=True)
    for unit in sample.order_by("slice_index"):
        units.setdefault(unit.frame_entry_id, []).append(unit)
    return units


def ordered_frame(study: Study, *, find: str = "") -> QuerySet[FrameEntry]:
    """Return the stored frame, each stratum in its random order; `find` as in `frame_page`."""
    return (
        FrameEntry.objects.filter(_found(study, find), stratum__study=study)
        .select_related("stratum__category")
        .order_by("stratum__position", "order_number")
    )


def _frame_row(entry: FrameEntry, states: dict[int, str]) -> dict:
    return {
        "entry": entry.pk,
        "category": entry.stratum.category.name,
        "stratum": entry.stratum.name,
        "order": entry.order_number,
        "key": entry.key,
        "checksum": entry.checksum,
        "draw_number": int(entry.draw_number),
        "state": states.get(entry.pk, "reserve"),
    }


def _sample_states(study: Study, entries: list[int] | None = None) -> dict[int, str]:
    states = {}
    sample = study.sample.only("frame_entry_id", "kind", "withdrawn_at", "added_at")
    for unit in sample if entries is None else sample.filter(frame_entry__in=entries):
        if unit.kind == SampledItem.Kind.PRACTICE:
            state = "practice"
        elif unit.withdrawn_at is not None:
            state = "withdrawn"
        else:
            state = "added" if unit.added_at is not None else "drawn"
        # A volume is withdrawn when all its drawn slices are
        if state != "withdrawn" or unit.frame_entry_id not in states:
            states[unit.frame_entry_id] = state
    return states
