"""What a sampling plan would give, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from sts_qa.catalogue.models import ImageKind
from sts_qa.science.statistics.allocation import Amount, StratumFrame, StratumSize, allocate
from sts_qa.studies.models import Study
from sts_qa.studies.queries.frame import FrameStratum


class PlanError(Exception):
    """A sampling plan that cannot be carried out; the text says why and what to change."""


@dataclass(frozen=True)
class PlannedStratum:
    """One stratum of a plan: its frame and how many of it are drawn."""

    frame: FrameStratum
    drawn: int


@dataclass(frozen=True)
class Workload:
    """Hours each rater would spend, and what they are made of."""

    radiographs: int
    volumes: int
    slices: int
    repeats: int
    hours: float


def plan_strata(
    frame: list[FrameStratum], fraction: Decimal, sizes: Mapping[str, Mapping[str, object]]
) -> list[PlannedStratum]:
    """Work out the size of the sample in every stratum.

    Parameters
    ----------
    frame
        What `build_frame` returns.
    fraction
        Share of each category, an exact decimal above 0 and at most 1.
    sizes
        Exceptions by category or "category/stratum": {"fraction": "0.5"} or {"number": 50}.

    Raises
    ------
    PlanError
        When a size cannot be read or is larger than its frame, or nothing can be drawn.
    """
    own = {name: _amount(name, size) for name, size in sizes.items()}
    titles = {stratum.title for stratum in frame}
    categories = {stratum.category.name for stratum in frame}
    if unknown := sorted(set(own) - titles - categories):
        raise PlanError(_("There is no category or stratum called “%s”.") % unknown[0])
    try:
        planned: list[StratumSize] = allocate(
            [StratumFrame(s.category.name, s.name, s.counts["frame"]) for s in frame],
            {name: own.get(name, Amount.of_fraction(fraction)) for name in categories},
            {
                (stratum.category.name, stratum.name): own[stratum.title]
                for stratum in frame
                if stratum.title in own
            },
        )
    except (ValueError, TypeError) as error:
        raise PlanError(str(error)) from error
    if not any(stratum.sample_size for stratum in planned):
        raise PlanError(_("Nothing can be drawn: no item of the dataset is in the frame."))
    return [
        PlannedStratum(stratum, size.sample_size)
        for stratum, size in zip(frame, planned, strict=True)
    ]


def _amount(name: str, size: Mapping[str, object]) -> Amount:
    try:
        if "number" in size:
            return Amount.of_number(int(str(size["number"])))
        return Amount.of_fraction(str(size["fraction"]))
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise PlanError(
            _("%(name)s: give a fraction above 0 and at most 1, or a whole number.")
            % {"name": name}
        ) from error


def workload(study: Study, planned: list[PlannedStratum]) -> Workload:
    """Return the hours one rater needs at the study's seconds per radiograph, slice and volume."""
    radiographs = volumes = 0.0
    for stratum in planned:
        items = stratum.frame.items
        share = sum(item.kind == ImageKind.VOLUME for item in items) / len(items) if items else 0
        volumes += stratum.drawn * share
        radiographs += stratum.drawn * (1 - share)
    slices = volumes * study.slices_per_volume if study.unit == Study.Unit.SLICE else 0
    if study.unit == Study.Unit.SLICE:
        volumes = 0
    seconds = (
        radiographs * study.seconds_per_radiograph
        + volumes * study.seconds_per_volume
        + slices * study.seconds_per_slice
    )
    repeats = float(study.repeat_share) * (radiographs + volumes + slices)
    per_rater = 1.0
    if study.raters_per_item:
        raters = max(1, study.memberships.filter(role="rater", withdrawn_at=None).count())
        per_rater = min(1.0, study.raters_per_item / raters)
    hours = seconds * (1 + float(study.repeat_share)) * per_rater / 3600
    return Workload(
        round(radiographs * per_rater),
        round(volumes * per_rater),
        round(slices * per_rater),
        round(repeats * per_rater),
        hours,
    )
