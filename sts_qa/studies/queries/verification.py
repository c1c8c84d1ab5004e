"""Drawing a stored sample again, to show that it is the one that its seed gives."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.science.statistics import drawing
from sts_qa.studies.models import FrameEntry, SampledItem, Stratum, Study
from sts_qa.studies.queries.slices import axial_slices, slice_draw


def sample_differences(study: Study) -> list[str]:
    """Draw again from the stored frame and seed; return what differs, empty when nothing does.

    Only the stored frame is used, never today's catalogue.
    """
    if study.drawn_at is None:
        return [_("The sample of this study is not drawn yet.")]
    if study.imported:
        return [_("Nothing was drawn: the sample is what the imported file names.")]
    differences: list[str] = []
    for stratum in study.strata.select_related("category"):
        differences += _stratum_differences(study, stratum)
    whole = drawing.frame_hash(
        drawing.FrameEntry(f"{s.category.name}/{s.name}", s.frame_hash)
        for s in study.strata.select_related("category")
    )
    if whole != study.frame_hash:
        differences.append(_("The hash of the whole frame differs from the stored one."))
    return differences


def _stratum_differences(study: Study, stratum: Stratum) -> list[str]:
    title = f"{stratum.category.name}/{stratum.name}"
    entries = list(stratum.entries.select_related("item_version__mask", "item_version__item"))
    found = drawing.verify(
        {entry.key: entry.order_number for entry in entries},
        study.seed,
        title,
        algorithm_version=study.algorithm_version,
    )
    differences = [in_page_language(text) for text in found]
    if not differences:
        differences += _number_differences(study, title, entries)
    if len(entries) != stratum.frame:
        text = ngettext(
            "%(stratum)s: the frame has %(found)d entry, not %(stored)d.",
            "%(stratum)s: the frame has %(found)d entries, not %(stored)d.",
            len(entries),
        )
        counts = {"found": len(entries), "stored": stratum.frame}
        differences.append(text % {"stratum": title, **counts})
    hashed = drawing.frame_hash(drawing.FrameEntry(e.key, e.checksum) for e in entries)
    if hashed != stratum.frame_hash:
        text = _("%(stratum)s: the hash of the frame differs from the stored one.")
        differences.append(text % {"stratum": title})
    expected = set()
    for entry in entries:
        if entry.order_number <= stratum.drawn:
            expected |= {(entry.pk, index) for index in _slices(study, entry)}
    stored = set(
        stratum.sample.filter(kind=SampledItem.Kind.MAIN, added_at__isnull=True).values_list(
            "frame_entry_id", "slice_index"
        )
    )
    if expected != stored:
        counts = {"missing": len(expected - stored), "extra": len(stored - expected)}
        text = ngettext(
            "%(stratum)s: %(missing)d unit that should be drawn is not in the sample, "
            "%(extra)d in the sample should not be.",
            "%(stratum)s: %(missing)d units that should be drawn are not in the sample, "
            "%(extra)d in the sample should not be.",
            counts["missing"],
        )
        differences.append(text % {"stratum": title, **counts})
    return differences


def _number_differences(study: Study, title: str, entries: list[FrameEntry]) -> list[str]:
    stored = {entry.key: entry.draw_number for entry in entries}
    text = _("%(stratum)s: %(key)s has the random number %(stored)s, drawn again it has %(again)s.")
    return [
        text
        % {
            "stratum": title,
            "key": again.key,
            "stored": stored[again.key],
            "again": again.number,
        }
        for again in drawing.draw(stored, study.seed, title)
        if stored[again.key] != str(again.number)
    ]


def _slices(study: Study, entry) -> list[int | None]:
    version = entry.item_version
    if study.unit == Study.Unit.ITEM or version.item.kind != "volume":
        return [None]
    allowed = axial_slices(version, within_mask=study.slices_within_mask)
    return list(slice_draw(study, entry.key, allowed))
