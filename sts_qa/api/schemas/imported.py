"""Imported studies as the API tells them."""

from __future__ import annotations

from decimal import Decimal

from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.rating.import_form import COLUMN_NAME_LENGTH, FORM_LABELS, LIMIT
from sts_qa.rating.queries.import_plan import FORM_NAMES
from sts_qa.studies.models import NAME_LENGTH


def _text(longest: int, help_text: str) -> serializers.CharField:
    return serializers.CharField(
        max_length=longest, default="", allow_blank=True, help_text=help_text
    )


def _column(help_text: str) -> serializers.CharField:
    return _text(COLUMN_NAME_LENGTH, help_text)


def _score(help_text: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=7,
        decimal_places=3,
        min_value=Decimal(-LIMIT),
        max_value=Decimal(LIMIT),
        required=False,
        help_text=help_text,
    )


class RatingsFileSchema(Schema):
    """A file of ratings that were given elsewhere, and what it does not say itself."""

    file = serializers.FileField(help_text="CSV or XLSX.")
    name = serializers.CharField(max_length=NAME_LENGTH, help_text="Of the new study.")
    dry_run = serializers.BooleanField(
        default=False, help_text="Only check the file and say what would be done."
    )
    dataset = Whole(
        required=False,
        help_text="Whose items the file names by their paths; without it items without images are "
        "made.",
    )
    protocol = serializers.CharField(
        required=False,
        help_text="Short name; without it a protocol is made of the file's criteria.",
    )
    minimum = _score("Lowest possible score, for a protocol that is made here; with `maximum`.")
    maximum = _score("Highest possible score.")
    annotation_criteria = _text(500, "Criteria that judge masks, separated by commas.")
    form = serializers.ChoiceField(
        choices=[name for name, _label in FORM_LABELS],
        default="auto",
        help_text="long: one score a row; wide: a column for each rater or criterion.",
    )
    item_column = _column("Column of the item.")
    rater_column = _column("Column of the rater.")
    criterion_column = _column("Column of the criterion.")
    value_column = _column("Column of the score.")
    code_column = _column("Column of the reason for a missing score.")
    category_column = _column("Column of the category.")
    group_column = _column("Column of the group.")
    labelled_column = _column("Column of whether the item is labelled.")
    stratum_column = _column("Column of the stratum.")
    slice_column = _column("Column of the slice number, from 1.")
    repeat_column = _column("Column of whether it is a repeat.")
    comment_column = _column("Column of the comment.")
    time_column = _column("Column of the time.")
    score_columns = _text(1000, "Of a wide file, separated by commas; * for any characters.")
    criterion = _text(60, "Name of the criterion where there is one only.")
    sheet = _text(60, "Of a workbook; by default the first.")
    encoding = _text(30, "Of a text file; by default found out.")
    delimiter = serializers.CharField(
        max_length=1,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="Of a text file; by default found out.",
    )


class ReadCriterionSchema(Schema):
    """A criterion of the file."""

    name = serializers.CharField(help_text="In the file.")
    code = serializers.CharField(help_text="In the protocol.")
    scope = serializers.CharField(help_text="image or annotation.")
    minimum = serializers.DecimalField(max_digits=8, decimal_places=3)
    maximum = serializers.DecimalField(max_digits=8, decimal_places=3)
    decimals = Whole()
    range_source = serializers.ChoiceField(choices=["protocol", "given", "observed"])


class FileFaultSchema(Schema):
    """What is wrong in the file."""

    row = Whole(help_text="As in the file, from 1; 0 for the whole file.")
    column = serializers.CharField(help_text="Empty where no one column is meant.")
    message = serializers.CharField()


class RatingsReportSchema(Schema):
    """What a file of ratings holds, and the study that was made of it."""

    identifies = {"study_id": "study"}

    study = serializers.UUIDField(allow_null=True, help_text="Null after a dry run.")
    name = serializers.CharField()
    is_dry_run = serializers.BooleanField()
    sha256 = serializers.CharField(help_text="Of the file.")
    form = serializers.ChoiceField(
        choices=["", *FORM_NAMES], help_text="As it was read; empty where it cannot be."
    )
    encoding = serializers.CharField()
    sheet = serializers.CharField()
    items = Whole()
    new_items = Whole(help_text="Items without images that are made.")
    raters = serializers.ListField(child=serializers.CharField())
    programs = serializers.ListField(
        child=serializers.CharField(),
        help_text="Name and version of each rater that is a program; tables leave them out.",
    )
    withdrawn_raters = serializers.ListField(
        child=serializers.CharField(),
        help_text="Raters that were withdrawn: not in the panel unless it is chosen so.",
    )
    criteria = ReadCriterionSchema(many=True)
    ratings = Whole()
    scores = Whole()
    missing_cells = Whole(help_text="Places for a score that are empty: not rated.")
    left_out = Whole(help_text="Rows that say of themselves that they do not count.")
    unread_columns = serializers.ListField(child=serializers.CharField())
    errors = FileFaultSchema(many=True, help_text="The first of them; with any, nothing is made.")
    error_count = Whole()
