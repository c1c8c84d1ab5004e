"""What a file of ratings would become: checked against protocol and dataset, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sts_qa.accounts.stored_texts import in_page_language
from sts_qa.catalogue.models import Dataset, ImageKind, ItemVersion
from sts_qa.catalogue.queries.placeholders import has_images, versions_by_key
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.rating.models import Score
from sts_qa.rating.queries.import_criteria import (
    MOST_CRITERIA,
    ImportedCriterion,
    criteria_of_file,
    criteria_of_protocol,
)
from sts_qa.science.imaging.readers import VOLUME_ENDINGS
from sts_qa.science.imaging.slicing import axial_axis
from sts_qa.science.ratings_file import (
    FileError,
    FileItem,
    GivenRating,
    RatingsFile,
    ReadingOptions,
)
from sts_qa.science.ratings_file.model import MOST_ERRORS

MOST_RATERS = 1000
WHOLE_CATEGORY = "all"
# What people call the forms in which a file can be
FORM_NAMES = {
    "long": gettext_lazy("long: one score in each row"),
    "wide_raters": gettext_lazy("wide: a column for each rater"),
    "wide_criteria": gettext_lazy("wide: a column for each criterion"),
    "matrix": gettext_lazy("matrix: items by raters"),
}
LABELLED, UNLABELLED = "labelled", "unlabelled"


@dataclass(frozen=True)
class ImportOptions:
    """How a file of ratings is read, and what its scores mean where no protocol is named.

    Attributes
    ----------
    reading
        Form, columns, sheet, encoding, separator.
    score_range
        Lowest and highest score of every criterion; without it the observed ones.
    annotation_criteria
        Names of the criteria that judge masks.
    """

    reading: ReadingOptions = field(default_factory=ReadingOptions)
    score_range: tuple[Decimal, Decimal] | None = None
    annotation_criteria: tuple[str, ...] = ()


@dataclass
class PlannedItem:
    """An item of the file; without a version in the dataset a placeholder is to be made."""

    key: str
    version: ItemVersion | None
    category: str
    group: str
    kind: str
    labelled: bool
    stratum: str


@dataclass
class ImportPlan:
    """A file of ratings, its criteria and items, and everything that is wrong."""

    file: RatingsFile
    criteria: dict[str, ImportedCriterion] = field(default_factory=dict)
    items: dict[str, PlannedItem] = field(default_factory=dict)
    errors: list[FileError] = field(default_factory=list)
    error_count: int = 0

    def fault(self, row: int, column: str, message: str) -> None:
        self.error_count += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(FileError(row, column, message))


def plan_import(
    file: RatingsFile,
    options: ImportOptions,
    dataset: Dataset | None,
    version: ProtocolVersion | None,
) -> ImportPlan:
    """Check what was read against the protocol and the dataset, as far as they are named."""
    plan = ImportPlan(file)
    for error in file.errors:
        plan.fault(error.row, error.column, in_page_language(error.message))
    plan.error_count += file.error_count - len(file.errors)
    if any(error.row == 0 for error in file.errors):
        return plan
    _check_sizes(plan)
    _plan_criteria(plan, options, version)
    _plan_items(plan, dataset)
    for rating in file.ratings:
        _check_rating(plan, rating)
    plan.errors.sort(key=lambda error: error.row)
    return plan


def _check_sizes(plan: ImportPlan) -> None:
    if len(plan.file.raters) > MOST_RATERS:
        text = _("The file names %(count)d raters; at most %(most)d are imported.")
        plan.fault(0, "", text % {"count": len(plan.file.raters), "most": MOST_RATERS})
    if len(plan.file.criteria) > MOST_CRITERIA:
        text = _("The file names %(count)d criteria; at most %(most)d are imported.")
        plan.fault(0, "", text % {"count": len(plan.file.criteria), "most": MOST_CRITERIA})


def _plan_criteria(
    plan: ImportPlan, options: ImportOptions, version: ProtocolVersion | None
) -> None:
    found = (
        criteria_of_protocol(plan.file.criteria, version)
        if version is not None
        else criteria_of_file(plan.file, options.score_range, options.annotation_criteria)
    )
    for name, criterion in found.items():
        if isinstance(criterion, ImportedCriterion):
            plan.criteria[name] = criterion
        # A range cannot be told from scores of which some are wrong; those are said already
        elif version is not None or not plan.file.errors:
            plan.fault(0, name, criterion)


def _plan_items(plan: ImportPlan, dataset: Dataset | None) -> None:
    """Pair the file's items with the dataset's; without images there, plan placeholders."""
    versions: Mapping[str, ItemVersion] = {}
    may_add = True
    if dataset is not None:
        versions = versions_by_key(dataset, plan.file.items)
        may_add = not has_images(dataset)
    judged = _items_with_judged_masks(plan)
    with_slices = {rating.item for rating in plan.file.ratings if rating.slice_number is not None}
    groups: dict[str, str] = {}
    with_labels = bool(judged) or any(
        item.labelled is not None for item in plan.file.items.values()
    )
    for key, item in plan.file.items.items():
        version = versions.get(key)
        if version is not None:
            plan.items[key] = _paired(item, version)
        elif may_add:
            plan.items[key] = _placeholder(item, key in judged, key in with_slices, with_labels)
            group = groups.setdefault(item.category, item.group)
            if group != item.group:
                text = _("The category %(name)s stands in two groups.")
                plan.fault(item.row, "", text % {"name": item.category})
        else:
            text = _(
                "The dataset has no readable item “%s”. Write its path as on the page Items, or "
                "leave the row out."
            )
            plan.fault(item.row, "", text % key)


def _items_with_judged_masks(plan: ImportPlan) -> set[str]:
    about_masks = {name for name, found in plan.criteria.items() if found.scope == "annotation"}
    return {
        rating.item
        for rating in plan.file.ratings
        for name, score in rating.scores.items()
        if name in about_masks and score.value is not None
    }


def _paired(item: FileItem, version: ItemVersion) -> PlannedItem:
    """Return an item of the dataset; what it is follows from there and not from the file."""
    stored = version.item
    labelled = version.mask_id is not None if version.sha256 else stored.labelled
    return PlannedItem(
        item.key,
        version,
        stored.category.name,
        stored.category.group,
        stored.kind,
        labelled,
        item.stratum or (LABELLED if labelled else UNLABELLED),
    )


def _placeholder(
    item: FileItem, is_judged: bool, has_slices: bool, with_labels: bool
) -> PlannedItem:
    labelled = is_judged if item.labelled is None else item.labelled
    is_volume = has_slices or item.key.lower().endswith(VOLUME_ENDINGS)
    stratum = (LABELLED if labelled else UNLABELLED) if with_labels else WHOLE_CATEGORY
    return PlannedItem(
        item.key,
        None,
        item.category or WHOLE_CATEGORY,
        item.group,
        ImageKind.VOLUME if is_volume else ImageKind.RADIOGRAPH,
        labelled,
        item.stratum or stratum,
    )


def _check_rating(plan: ImportPlan, rating: GivenRating) -> None:
    item = plan.items.get(rating.item)
    if item is None:
        return
    _check_slice(plan, rating, item)
    for name, score in rating.scores.items():
        criterion = plan.criteria.get(name)
        if criterion is None:
            continue
        if score.value is not None and (problem := criterion.problem_with(score.value)):
            plan.fault(score.row, score.column, problem)
        if criterion.scope == "annotation" and not item.labelled and _judges(score):
            text = _("A mask is judged, but the item has none. Leave the cell empty.")
            plan.fault(score.row, score.column, text)


def _judges(score: Any) -> bool:
    return score.value is not None or score.code == Score.Code.CANNOT_JUDGE


def _check_slice(plan: ImportPlan, rating: GivenRating, item: PlannedItem) -> None:
    number, version = rating.slice_number, item.version
    if number is None or version is None or not version.sha256:
        return
    if item.kind != ImageKind.VOLUME:
        plan.fault(rating.row, "", _("Only a volume has slices."))
        return
    axis, _is_reversed = axial_axis(version.affine)
    if number > version.shape[axis]:
        text = ngettext(
            "The volume has %d slice.", "The volume has %d slices.", version.shape[axis]
        )
        plan.fault(rating.row, "", text % version.shape[axis])
