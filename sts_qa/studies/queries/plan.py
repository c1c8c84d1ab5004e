"""What a sampling plan would give, before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.catalogue.models import ImageKind
from sts_qa.science.statistics.allocation import Amount, StratumFrame, StratumSize, allocate
from sts_qa.studies.models import Study
from sts_qa.studies.queries.frame import REASONS_OUT, FrameStratum
from sts_qa.studies.queries.manifest import ManifestRow, total_row


class PlanError(Exception):
    """A sampling plan that cannot be carried out; the text says why and what to change.

    `path` leads to the part of the plan that is meant, where one is.
    """

    def __init__(self, text: str, *path: str) -> None:
        super().__init__(text)
        self.path = path


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
        text = _("There is no category or stratum called “%s”.") % unknown[0]
        raise PlanError(text, "sizes", unknown[0])
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
        path = ("sizes",) if sizes else ()
        raise PlanError(in_page_language(str(error)), *path) from error
    if not any(stratum.sample_size for stratum in planned):
        raise PlanError(_("Nothing can be drawn: no item of the dataset is in the frame."))
    return [
        PlannedStratum(stratum, size.sample_size)
        for stratum, size in zip(frame, planned, strict=True)
    ]


def plan_rows(planned: list[PlannedStratum]) -> tuple[list[ManifestRow], ManifestRow]:
    """Return what the sample manifest would say, and its sums."""
    rows = [
        ManifestRow(
            category=stratum.frame.category.name,
            stratum=stratum.frame.name,
            found=stratum.frame.found,
            drawn=stratum.drawn,
            **{name: stratum.frame.counts[name] for name in (*REASONS_OUT, "frame")},
        )
        for stratum in planned
    ]
    return rows, total_row(rows)


def _amount(name: str, size: Mapping[str, object]) -> Amount:
    try:
        if "number" in size:
            return Amount.of_number(int(str(size["number"])))
        return Amount.of_fraction(str(size["fraction"]))
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise PlanError(
            _("%(name)s: give a fraction above 0 and at most 1, or a whole number.")
            % {"name": name},
            "sizes",
            name,
        ) from error


def workload(study: Study, planned: list[PlannedStratum], *, raters: int | None = None) -> Workload:
    """Return the hours one rater needs at the study's seconds per radiograph, slice and volume.

    Parameters
    ----------
    study
        Need not be saved.
    raters
        How many share the work where not every rater rates every item.
    """
    radiographs = volumes = slices = 0.0
    for stratum in planned:
        items = stratum.frame.items
        share = sum(item.kind == ImageKind.VOLUME for item in items) / len(items) if items else 0
        volumes += stratum.drawn * share
        radiographs += stratum.drawn * (1 - share)
    if study.unit == Study.Unit.SLICE:
        volumes, slices = 0.0, volumes * study.slices_per_volume
    seconds = (
        radiographs * study.seconds_per_radiograph
        + volumes * study.seconds_per_volume
        + slices * study.seconds_per_slice
    )
    repeat_share = float(study.repeat_share)
    part = 1.0
    if study.raters_per_item and raters:
        part = min(1.0, study.raters_per_item / raters)
    return Workload(
        round(radiographs * part),
        round(volumes * part),
        round(slices * part),
        round(repeat_share * (radiographs + volumes + slices) * part),
        seconds * (1 + repeat_share) * part / 3600,
    )
