"""Reports as the API tells them; which there are, and in which formats, is for their tables."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sts_qa.api.schemas.common import Schema, Whole
from sts_qa.reports.registry import REPORTS
from sts_qa.science.tables.model import KINDS
from sts_qa.science.tables.writers import WRITERS


class OptionValueSchema(Schema):
    value = serializers.CharField()
    label = serializers.CharField()


class ReportOptionSchema(Schema):
    """A choice in a report: a parameter of its address."""

    name = serializers.CharField()
    label = serializers.CharField()
    values = OptionValueSchema(many=True, help_text="The first holds when not asked.")


class ReportSchema(Schema):
    """A report of a study."""

    identifies = {"report": "slug"}

    slug = serializers.CharField()
    title = serializers.CharField()
    meaning = serializers.CharField()
    is_sealed = serializers.BooleanField(help_text="Its scores may not be seen yet.")
    needs_sample = serializers.BooleanField(help_text="It follows from a drawn sample.")
    options = ReportOptionSchema(many=True)
    formats = serializers.ListField(child=serializers.CharField())


class ReportQuerySchema(Schema):
    """The file format, and the options of all reports; each report takes its own only."""

    format = serializers.ChoiceField(
        choices=list(WRITERS), required=False, help_text="By default as Accept says, else json."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        values: dict[str, list[str]] = {}
        for report in REPORTS.values():
            for name, option in report.options.items():
                known = values.setdefault(name, [])
                known += [value for value in option.values if value not in known]
        for name, choices in values.items():
            fields[name] = serializers.ChoiceField(
                choices=choices, required=False, help_text=_taken_by(name)
            )
        return fields


def _taken_by(name: str) -> str:
    slugs = [slug for slug, report in REPORTS.items() if name in report.options]
    return f"Option of: {', '.join(slugs)}."


@extend_schema_field({"type": ["string", "number"]})
class CellField(serializers.Field):
    """A value of a table: a text, or a number of full precision; null where it is missing."""

    def to_representation(self, value: Any) -> Any:
        return value


class ReportColumnSchema(Schema):
    """A column of a table."""

    code = serializers.CharField(help_text="Its name in rows; stable.")
    label = serializers.CharField()
    unit = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS, help_text="share: 0 to 1, shown in percent.")
    decimals = Whole(help_text="Shown to people; values have full precision.")
    header = serializers.CharField(help_text="Upper header shared by neighbouring columns.")


class MissingCellSchema(Schema):
    """Why a value is missing, where that is known."""

    row = Whole(help_text="From 0.")
    column = serializers.CharField()
    code = serializers.CharField(help_text="Such as not_applicable or cannot_judge.")


class ReportBlockSchema(Schema):
    """Rows under one set of columns."""

    slug = serializers.CharField()
    title = serializers.CharField()
    columns = ReportColumnSchema(many=True)
    rows = serializers.ListField(
        child=serializers.DictField(child=CellField(allow_null=True)),
        help_text="Values by the code of their column.",
    )
    missing = MissingCellSchema(many=True)


class ReportTableSchema(Schema):
    """A report: its blocks, the sentences under it, and where it comes from."""

    slug = serializers.CharField()
    title = serializers.CharField()
    blocks = ReportBlockSchema(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    provenance = serializers.DictField(
        child=serializers.CharField(), help_text="Label to text, in the order printed."
    )
