"""Drawing the sample: once, from the whole stored frame, so that anyone can draw it again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.catalogue.models import ImageKind, Item
from sts_qa.science.statistics import drawing
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import FrameEntry, SampledItem, Stratum, Study
from sts_qa.studies.queries.frame import build_frame
from sts_qa.studies.queries.plan import PlannedStratum, plan_strata
from sts_qa.studies.queries.slices import axial_slices, slice_draw

BATCH = 1000


def draw_sample(*, study: Study, acting_user: Any) -> Study:
    """Fix the frame and draw the sample, the practice items and the reserve.

    Raises
    ------
    StudyError
        When the sample is drawn already.
    PlanError
        When the plan asks for more than the frame holds, or the frame is empty.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        if study.drawn_at is not None or study.state != Study.State.DRAFT:
            raise StudyError(_("The sample of this study is drawn already; it is drawn once."))
        frame = build_frame(study.dataset, study.stratification)
        planned = plan_strata(frame, study.fraction, study.sizes)
        strata = [_store_stratum(study, n, stratum) for n, stratum in enumerate(planned)]
        units = [unit for stratum in strata for unit in _sampled_units(study, stratum)]
        units += _practice_units(study, strata)
        _number(study, units)
        SampledItem.objects.bulk_create(units, batch_size=BATCH)
        study.frame_hash = drawing.frame_hash(
            drawing.FrameEntry(f"{stratum.category.name}/{stratum.name}", stratum.frame_hash)
            for stratum in strata
        )
        study.algorithm_version = drawing.ALGORITHM_VERSION
        study.drawn_at = timezone.now()
        study.save(update_fields=["frame_hash", "algorithm_version", "drawn_at"])
        record(
            chain=study_chain(study.pk),
            action="sample.drawn",
            acting_user=acting_user,
            subject=study,
            details={
                "seed": study.seed,
                "algorithm_version": study.algorithm_version,
                "frame_hash": study.frame_hash,
                "strata": [
                    {"stratum": f"{s.category_id}/{s.name}", "frame": s.frame, "drawn": s.drawn}
                    for s in strata
                ],
            },
        )
    return study


def _store_stratum(study: Study, position: int, planned: PlannedStratum) -> Stratum:
    frame = planned.frame
    items = {item.key: item for item in frame.items}
    stratum = Stratum.objects.create(
        study=study,
        category=frame.category,
        name=frame.name,
        group=frame.category.group,
        position=position,
        found=frame.found,
        unreadable=frame.counts["unreadable"],
        missing=frame.counts["missing"],
        held_back=frame.counts["held_back"],
        excluded=frame.counts["excluded"],
        frame=frame.counts["frame"],
        drawn=planned.drawn,
        frame_hash=drawing.frame_hash(
            drawing.FrameEntry(key, _version(item).checksum) for key, item in items.items()
        ),
    )
    FrameEntry.objects.bulk_create(
        [
            FrameEntry(
                stratum=stratum,
                key=drawn.key,
                checksum=_version(items[drawn.key]).checksum,
                item_version=_version(items[drawn.key]),
                draw_number=str(drawn.number),
                order_number=drawn.order,
            )
            for drawn in drawing.draw(items, study.seed, frame.title)
        ],
        batch_size=BATCH,
    )
    return stratum


def _version(item: Item):
    version = item.current_version
    assert version is not None, "an item without a version is not in the frame"
    return version


def _sampled_units(study: Study, stratum: Stratum) -> list[SampledItem]:
    return [
        unit
        for entry in _entries(stratum).filter(order_number__lte=stratum.drawn)
        for unit in units_of(study, stratum, entry, SampledItem.Kind.MAIN)
    ]


def _entries(stratum: Stratum):
    return stratum.entries.select_related("item_version__mask", "item_version__item")


def units_of(study: Study, stratum: Stratum, entry: FrameEntry, kind: str) -> list[SampledItem]:
    """Return the unsaved units that one frame entry gives: itself, or slices of its volume."""
    version = entry.item_version
    common = {
        "study": study,
        "stratum": stratum,
        "frame_entry": entry,
        "item_version": version,
        "kind": kind,
        "labelled": version.mask_id is not None,
    }
    probability = (stratum.drawn, stratum.frame)
    if study.unit == Study.Unit.ITEM or version.item.kind != ImageKind.VOLUME:
        return [SampledItem(**common, **_fraction(*probability))]
    allowed = axial_slices(version, within_mask=study.slices_within_mask)
    drawn = slice_draw(study, entry.key, allowed)
    return [
        SampledItem(
            **common,
            slice_index=index,
            **_fraction(probability[0] * len(drawn), probability[1] * len(allowed)),
        )
        for index in drawn
    ]


def _fraction(numerator: int, denominator: int) -> dict[str, int]:
    return {"probability_numerator": numerator, "probability_denominator": denominator}


def _practice_units(study: Study, strata: list[Stratum]) -> list[SampledItem]:
    """Take practice units from the far end of the reserves, one stratum after the other.

    The near end stays for items that replace withdrawn ones.
    """
    reserves = {
        stratum.pk: list(
            _entries(stratum)
            .filter(order_number__gt=stratum.drawn)
            .order_by("-order_number")[: study.practice_items]
        )
        for stratum in strata
    }
    units: list[SampledItem] = []
    while len(units) < study.practice_items and any(reserves.values()):
        for stratum in strata:
            if reserves[stratum.pk] and len(units) < study.practice_items:
                entry = reserves[stratum.pk].pop(0)
                units += units_of(study, stratum, entry, SampledItem.Kind.PRACTICE)[:1]
    return units


def _number(study: Study, units: list[SampledItem]) -> None:
    """Give each unit the number that stands for it in reports, in random order."""
    by_key = {unit_key(unit): unit for unit in units}
    for drawn in drawing.draw(by_key, study.seed, "report numbers"):
        by_key[drawn.key].number = drawn.order


def unit_key(unit: SampledItem) -> str:
    """Return the unit's key: the item's, with the slice behind it."""
    key = unit.frame_entry.key
    return key if unit.slice_index is None else f"{key}#{unit.slice_index}"
