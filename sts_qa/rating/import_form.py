"""The form of importing ratings: the file, what it is of, and how it is to be read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Dataset
from sts_qa.protocols.queries import latest_versions, title_of
from sts_qa.rating.kept_tables import forget_table, keep_table, kept_table
from sts_qa.rating.queries.import_plan import ImportOptions
from sts_qa.science.ratings_file import ReadingOptions
from sts_qa.science.ratings_file.limits import MOST_BYTES
from sts_qa.studies.forms.plan import creatable_datasets
from sts_qa.studies.models import NAME_LENGTH

FORM_LABELS = (
    ("auto", gettext_lazy("Find out from the names of the columns")),
    ("long", gettext_lazy("Long: one score in each row")),
    ("wide", gettext_lazy("Wide: a column for each rater, or for each criterion")),
    ("matrix", gettext_lazy("Matrix: items by raters, without names")),
)
COLUMN_LABELS = {
    "item": gettext_lazy("Column of the item"),
    "rater": gettext_lazy("Column of the rater"),
    "criterion": gettext_lazy("Column of the criterion"),
    "value": gettext_lazy("Column of the score"),
    "code": gettext_lazy("Column of the reason for a missing score"),
    "category": gettext_lazy("Column of the category"),
    "group": gettext_lazy("Column of the group"),
    "labelled": gettext_lazy("Column of whether the item is labelled"),
    "stratum": gettext_lazy("Column of the stratum"),
    "slice": gettext_lazy("Column of the slice number"),
    "repeat": gettext_lazy("Column of whether it is a repeat"),
    "comment": gettext_lazy("Column of the comment"),
    "time": gettext_lazy("Column of the time"),
}
LIMIT = 9999
COLUMN_NAME_LENGTH = 120
# Room in a request for the fields beside the file
FIELD_BYTES = 64 * 1024
READING_FIELDS = (
    "form",
    *(f"{role}_column" for role in COLUMN_LABELS),
    "score_columns",
    "criterion",
    "sheet",
    "encoding",
    "delimiter",
)


class ImportRatingsForm(forms.Form):
    """A file that was checked is kept under `kept`, so that it need not be chosen again."""

    name = forms.CharField(label=gettext_lazy("Name of the new study"), max_length=NAME_LENGTH)
    file = forms.FileField(
        label=gettext_lazy("File of ratings (CSV or XLSX)"),
        error_messages={"required": gettext_lazy("Choose the file.")},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    kept = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    dataset = forms.ModelChoiceField(
        label=gettext_lazy("Dataset"),
        queryset=Dataset.objects.none(),
        required=False,
        empty_label=gettext_lazy("None: make items without images"),
        help_text=gettext_lazy("The file names its items by their paths in the dataset."),
    )
    protocol = forms.TypedChoiceField(
        label=gettext_lazy("Protocol"), required=False, coerce=int, empty_value=None
    )
    minimum = forms.DecimalField(
        label=gettext_lazy("Lowest possible score"),
        required=False,
        min_value=-LIMIT,
        max_value=LIMIT,
        decimal_places=3,
        help_text=gettext_lazy(
            "For a protocol that is made here. Without both ends the range is the observed one."
        ),
    )
    maximum = forms.DecimalField(
        label=gettext_lazy("Highest possible score"),
        required=False,
        min_value=-LIMIT,
        max_value=LIMIT,
        decimal_places=3,
    )
    annotation_criteria = forms.CharField(
        label=gettext_lazy("Criteria that judge masks"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "For a protocol that is made here: their names in the file, separated by commas."
        ),
    )
    form = forms.ChoiceField(label=gettext_lazy("Form of the file"), choices=FORM_LABELS)
    score_columns = forms.CharField(
        label=gettext_lazy("Columns of scores in a wide file"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Separated by commas; * stands for any characters: rater_*"),
    )
    criterion = forms.CharField(
        label=gettext_lazy("Name of the criterion, where there is one only"),
        required=False,
        max_length=60,
    )
    sheet = forms.CharField(
        label=gettext_lazy("Sheet of a workbook"), required=False, max_length=60
    )
    encoding = forms.CharField(
        label=gettext_lazy("Encoding of a text file"), required=False, max_length=30
    )
    delimiter = forms.CharField(
        label=gettext_lazy("Separator of a text file"), required=False, max_length=1, strip=False
    )

    use_required_attribute = False

    def __init__(self, data: Any = None, files: Any = None, *, user: Any) -> None:
        super().__init__(data, files, initial={"form": "auto"})
        for role, label in COLUMN_LABELS.items():
            self.fields[f"{role}_column"] = forms.CharField(
                label=label, required=False, max_length=COLUMN_NAME_LENGTH
            )
        self.user = user
        self.table: bytes | None = None
        if data and data.get("kept"):
            self._need_no_file()
        self.versions = {version.pk: version for version in latest_versions()}
        dataset: Any = self.fields["dataset"]
        dataset.queryset = creatable_datasets(user)
        protocol: Any = self.fields["protocol"]
        language = get_language() or "en"
        protocol.choices = [
            ("", _("None: make one of the file's criteria")),
            *((pk, title_of(version, language)) for pk, version in self.versions.items()),
        ]

    def keep_file(self) -> None:
        """Keep a file that has just come, so that the next form need not bring it."""
        if self.cleaned_data.get("file") is not None and self.table is not None:
            self.forget_file()
            data: Any = self.data
            self.data = data.copy()
            self.data["kept"] = keep_table(self.table, self.user)  # type: ignore[index]
            self._need_no_file()

    def _need_no_file(self) -> None:
        self.fields["file"].required = False
        self["file"].help_text = _(
            "The file that was checked is kept for a day; choose another one to check that instead."
        )

    def forget_file(self) -> None:
        forget_table(self.cleaned_data["kept"], self.user)

    def checked_values(self) -> list[tuple[str, str]]:
        """Return the fields as they were sent, so that what was checked is what is imported."""
        sent: Any = self.data
        return [(name, sent[name]) for name in self.fields if sent.get(name)]

    def main_fields(self) -> list[forms.BoundField]:
        reading = set(READING_FIELDS)
        return [field for field in self.visible_fields() if field.name not in reading]

    def reading_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in READING_FIELDS]

    def reading_is_changed(self) -> bool:
        """Say whether a field on how the file is read is filled in, or wrong."""
        values = {field.name: field.value() for field in self.reading_fields()}
        form = values.pop("form") or "auto"
        has_errors = any(field.errors for field in self.reading_fields())
        return form != "auto" or any(values.values()) or has_errors

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        file = values.get("file")
        if file is not None and file.size > MOST_BYTES:
            self.add_error("file", too_large())
        elif file is not None:
            self.table = file.read()
        else:
            self.table = kept_table(values.get("kept", ""), self.user)
        if self.table is None and not self.has_error("file"):
            self.add_error("file", _("Choose the file."))
        self._check_range(values)
        return values

    def _check_range(self, values: dict[str, Any]) -> None:
        if self.has_error("minimum") or self.has_error("maximum"):
            return
        ends = values.get("minimum"), values.get("maximum")
        if (ends[0] is None) != (ends[1] is None):
            self.add_error("maximum", _("Give both ends of the range, or neither."))
        elif ends[0] is not None and ends[0] >= ends[1]:
            self.add_error("maximum", _("The highest score must be above the lowest one."))

    def options(self) -> ImportOptions:
        values = self.cleaned_data
        columns = {role: values[f"{role}_column"] for role in COLUMN_LABELS}
        score_range: tuple[Decimal, Decimal] | None = None
        if values["minimum"] is not None:
            score_range = values["minimum"], values["maximum"]
        return ImportOptions(
            ReadingOptions(
                form=values["form"],
                columns={role: name for role, name in columns.items() if name},
                score_columns=listed(values["score_columns"]),
                criterion=values["criterion"] or "score",
                sheet=values["sheet"],
                encoding=values["encoding"],
                delimiter=values["delimiter"],
            ),
            score_range,
            listed(values["annotation_criteria"]),
        )

    def arguments(self) -> dict[str, Any]:
        """Return what `import_ratings` takes, apart from who acts."""
        assert self.table is not None, "the form is valid"
        return {
            "name": self.cleaned_data["name"],
            "table": self.table,
            "options": self.options(),
            "dataset": self.cleaned_data["dataset"],
            "protocol_version": self.versions.get(self.cleaned_data["protocol"]),
        }


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a text that commas separate, in either script."""
    return tuple(part.strip() for part in text.replace("，", ",").split(",") if part.strip())


def is_too_large(content_length: str | None) -> bool:
    """Say whether a request announces more than a file may have, before any of it is read."""
    announced = int(content_length) if content_length and content_length.isdecimal() else 0
    return announced > MOST_BYTES + FIELD_BYTES


def too_large() -> str:
    limit = filesizeformat(MOST_BYTES)
    return _("The file is larger than the %(limit)s allowed. Nothing is imported.") % {
        "limit": limit
    }
