"""Giving raters their assignments, in an order that is stored for good."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from django.db.models import F, Max
from django.utils import timezone

from sts_qa.catalogue.models import ImageKind
from sts_qa.science.statistics.assigning import balanced_assignment, choose_repeats
from sts_qa.science.statistics.ordering import Unit, order_seed, rater_order
from sts_qa.studies.actions.sample import BATCH, unit_key
from sts_qa.studies.models import Assignment, Membership, SampledItem, Study

REPEAT_MARK = "\u0000repeat"


def assign_all(study: Study, raters: list[Membership]) -> None:
    """Give every rater of a study that starts its assignments. Runs inside a transaction."""
    units = open_units(study)
    shares = _shares(study, raters, units)
    for membership in raters:
        assign(study, membership, [unit_key(unit) for unit in shares[membership.pk]])


def open_units(study: Study) -> list[SampledItem]:
    """Return the units of the sample that are not withdrawn, practice units left out."""
    return list(
        study.sample.filter(kind=SampledItem.Kind.MAIN, withdrawn_at__isnull=True)
        .select_related("frame_entry", "stratum__category", "item_version__item")
        .order_by("id")
    )


def _shares(
    study: Study, raters: list[Membership], units: list[SampledItem]
) -> dict[int, list[SampledItem]]:
    people = [membership for membership in raters if membership.is_expert]
    if study.raters_per_item is None or study.raters_per_item >= len(people):
        return {membership.pk: units for membership in raters}
    by_key = {unit_key(unit): unit for unit in units}
    names = {_rater_name(study, membership): membership for membership in people}
    assigned = balanced_assignment(
        _by_stratum(units), list(names), study.raters_per_item, study.seed
    )
    # A program rates everything, so that no item has fewer people for it
    shares: dict[int, list[SampledItem]] = {
        membership.pk: list(units) if membership.is_program else [] for membership in raters
    }
    for key, chosen in assigned.items():
        for name in chosen:
            shares[names[name].pk].append(by_key[key])
    return shares


def _by_stratum(units: Iterable[SampledItem]) -> dict[str, list[str]]:
    strata: dict[str, list[str]] = {}
    for unit in units:
        title = f"{unit.stratum.category.name}/{unit.stratum.name}"
        strata.setdefault(title, []).append(unit_key(unit))
    return strata


def _rater_name(study: Study, membership: Membership) -> str:
    """Name the rater by the order of joining: the same on every machine, and nobody's name."""
    earlier = study.memberships.filter(pk__lte=membership.pk).count()
    return f"member {earlier}"


def assign(study: Study, membership: Membership, keys: Iterable[str]) -> None:
    """Store one rater's practice items, main items and repeats in their order.

    A repeat whose least distance cannot be kept is stored as dropped, so that it is counted; so
    is the number of pairs of one subject that could not be kept apart.
    """
    membership.order_seed = order_seed(study.seed, _rater_name(study, membership))
    units = {unit_key(unit): unit for unit in open_units(study)}
    units = {key: units[key] for key in keys}
    showings = [_showing(key, unit) for key, unit in units.items()]
    showings += [
        _showing(key, units[key], repeat=True)
        for keys_of_stratum in repeated_keys(study).values()
        for key in keys_of_stratum
        if key in units
    ]
    order = rater_order(
        showings,
        seed=membership.order_seed,
        policy=study.order,
        distance=max(study.repeat_distance, 1),
    )
    rows = _practice_rows(study, membership)
    for shown in (*order.order, *order.dropped_repeats):
        rows.append(
            Assignment(
                membership=membership,
                sampled_item=units[shown.removesuffix(REPEAT_MARK)],
                kind=_kind(shown),
                position=len(rows) + 1,
                turn=len(rows) + 1,
            )
        )
    _drop(rows[len(rows) - len(order.dropped_repeats) :])
    Assignment.objects.bulk_create(rows, batch_size=BATCH)
    membership.assigned_count = len(order.order)
    membership.close_pairs = len(order.close_pairs)
    membership.save(update_fields=["order_seed", "assigned_count", "close_pairs"])


def repeated_keys(study: Study) -> dict[str, list[str]]:
    """Return the units that every rater sees twice, by stratum: the same at every call."""
    if not study.repeat_share:
        return {}
    drawn = study.sample.filter(kind=SampledItem.Kind.MAIN, added_at__isnull=True)
    units = drawn.select_related("frame_entry", "stratum__category")
    return choose_repeats(_by_stratum(units), Fraction(study.repeat_share), study.seed)


def _showing(key: str, unit: SampledItem, *, repeat: bool = False) -> Unit:
    item = unit.item_version.item
    kind = "slice" if unit.slice_index is not None else item.kind
    # Slices of one volume are one patient's even where the patient is not known
    subject = item.subject or (item.key if unit.slice_index is not None else None)
    if not repeat:
        return Unit(id=key, kind=kind, subject=subject)
    return Unit(id=key + REPEAT_MARK, kind=kind, subject=subject, repeat_of=key)


def _kind(shown: str) -> str:
    return Assignment.Kind.REPEAT if shown.endswith(REPEAT_MARK) else Assignment.Kind.MAIN


def _practice_rows(study: Study, membership: Membership) -> list[Assignment]:
    practice = study.sample.filter(kind=SampledItem.Kind.PRACTICE, withdrawn_at__isnull=True)
    ordered = sorted(
        practice.select_related("item_version__item"),
        key=lambda unit: (unit.item_version.item.kind == ImageKind.VOLUME, unit.pk),
    )
    return [
        Assignment(
            membership=membership,
            sampled_item=unit,
            kind=Assignment.Kind.PRACTICE,
            position=position,
            turn=position,
        )
        for position, unit in enumerate(ordered, start=1)
    ]


def _drop(rows: list[Assignment]) -> None:
    for row in rows:
        row.dropped_at = timezone.now()
        row.drop_reason = "repeat_distance"


def append_assignment(membership: Membership, unit: SampledItem) -> Assignment:
    """Put one more main item at the end of a rater's order."""
    last = membership.assignments.aggregate(position=Max("position"), turn=Max("turn"))
    assignment = Assignment.objects.create(
        membership=membership,
        sampled_item=unit,
        kind=Assignment.Kind.MAIN,
        position=(last["position"] or 0) + 1,
        turn=(last["turn"] or 0) + 1,
    )
    Membership.objects.filter(pk=membership.pk).update(assigned_count=F("assigned_count") + 1)
    return assignment
