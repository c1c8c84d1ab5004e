"""How a dataset's images are to be seen: pixels of each category, presets, unit of the values."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from django import forms
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT, BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.catalogue.models import NAME_LENGTH, Dataset, ImageKind
from sts_qa.catalogue.queries.viewing import RadiographSizes, radiograph_sizes
from sts_qa.catalogue.viewing import (
    MOST_PRESETS,
    PixelShape,
    Preset,
    Problem,
    plain,
    problem_of_all,
)

EMPTY_ROWS = 2
PRESETS = "presets"
LANGUAGE_FIELDS = {"name_en": "en", "name_zh": "zh-hans"}


def _number(label: Any, decimals: int, **options: Any) -> forms.DecimalField:
    """What the number may be is for `PixelShape` and `Preset` to say."""
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=20,
        decimal_places=decimals,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        **options,
    )


def _name(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class QuietForm(forms.Form):
    """A form that shows no errors while somebody is still typing in it."""

    is_quiet = False

    @property
    def errors(self) -> Any:
        return {} if self.is_quiet else super().errors

    def is_valid(self) -> bool:
        return self.is_bound and not super().errors

    def tell(self, problem: Problem | None) -> None:
        """Put what is wrong at its field, unless the field says something already."""
        if problem is not None and problem[0] not in self._errors:  # type: ignore[attr-defined]
            self.add_error(problem[0] or None, problem[1])


class ShapeForm(QuietForm):
    """The shape of the pixels of one category's radiographs."""

    height_mm = _number(gettext_lazy("Pixel height in mm"), 6)
    width_mm = _number(gettext_lazy("Pixel width in mm"), 6)
    ratio = _number(gettext_lazy("Ratio height / width"), 6)

    def __init__(self, sizes: RadiographSizes, data: Any = None) -> None:
        category = sizes.category
        stored = {
            "height_mm": category.pixel_height_mm,
            "width_mm": category.pixel_width_mm,
            "ratio": category.pixel_ratio,
        }
        super().__init__(
            data,
            prefix=f"category-{category.pk}",
            initial={name: plain(value) for name, value in stored.items() if value is not None},
        )
        self.sizes = sizes
        for field in self.fields.values():
            field.label = f"{category.name} · {field.label}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._errors:  # type: ignore[attr-defined]
            self.tell(PixelShape(**cleaned).problem())
        return cleaned

    def shape(self) -> PixelShape | None:
        """Return what is typed or stored; None while it cannot be used."""
        if self.is_bound:
            return PixelShape(**self.cleaned_data) if self.is_valid() else None
        return PixelShape(**{name: Decimal(text) for name, text in self.initial.items()})

    def shown_rows(self) -> int | None:
        """Return how many rows the category's usual image has on the screen, at its own width."""
        shape = self.shape()
        if shape is None:
            return None
        rows = self.sizes.rows * shape.height_over_width
        return max(1, int(rows.to_integral_value(rounding=ROUND_HALF_UP)))

    def shown_mm(self) -> str:
        shape = self.shape()
        if shape is None or shape.width_mm is None or shape.height_mm is None:
            return ""
        sides = (self.sizes.columns * shape.width_mm, self.sizes.rows * shape.height_mm)
        return " × ".join(plain(round(side, 1)) for side in sides)


class PresetForm(QuietForm):
    """One row of the table of presets; a row in which nothing is typed is none."""

    name_en = _name(gettext_lazy("Name in English"))
    name_zh = _name(gettext_lazy("Name in Chinese"))
    kind = forms.ChoiceField(
        label=gettext_lazy("For"), choices=ImageKind.choices, initial=ImageKind.VOLUME
    )
    low = _number(gettext_lazy("First percentile"), 1)
    high = _number(gettext_lazy("Second percentile"), 1)
    centre = _number(gettext_lazy("Centre"), 6)
    width = _number(gettext_lazy("Width"), 6)

    def has_changed(self) -> bool:
        return any(name != "kind" for name in self.changed_data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._errors:  # type: ignore[attr-defined]
            self.tell(self._preset(cleaned).problem())
        return cleaned

    def preset(self) -> Preset | None:
        """Return the preset of a row that is filled in and can be used."""
        if not self.is_bound:
            return self._preset(self._decimals()) if self.initial else None
        return self._preset(self.cleaned_data) if self.has_changed() and self.is_valid() else None

    def window(self) -> tuple[str, str] | None:
        """Return both ends of the window in words of its preset, None of a row without one."""
        preset = self.preset()
        if preset is None:
            return None
        if preset.centre is not None and preset.width is not None:
            half = preset.width / 2
            return plain(preset.centre - half), plain(preset.centre + half)
        low, high = preset.percentiles
        return f"{plain(low or 0)} %", f"{plain(high or 0)} %"

    def _preset(self, values: dict[str, Any]) -> Preset:
        names = {language: values.get(field) for field, language in LANGUAGE_FIELDS.items()}
        return Preset(
            name={language: name for language, name in names.items() if name},
            kind=values.get("kind", ""),
            percentiles=(values.get("low"), values.get("high")),
            centre=values.get("centre"),
            width=values.get("width"),
        )

    def _decimals(self) -> dict[str, Any]:
        numbers = {"low", "high", "centre", "width"}
        return {
            name: Decimal(value) if name in numbers else value
            for name, value in self.initial.items()
        }


class PresetRows(BaseFormSet):
    """The table of presets. No row counts as stored: an emptied one is gone."""

    def initial_form_count(self) -> int:
        return 0

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.label = _("Preset %(number)d · %(field)s") % {
                "number": (index or 0) + 1,
                "field": field.label,
            }

    def clean(self) -> None:
        if text := problem_of_all(self.presets()):
            raise forms.ValidationError(text)

    def presets(self) -> list[Preset]:
        return [preset for form in self.forms if (preset := form.preset()) is not None]


_PresetRows = forms.formset_factory(
    PresetForm, formset=PresetRows, extra=EMPTY_ROWS, max_num=MOST_PRESETS, absolute_max=100
)


class UnitForm(QuietForm):
    values_are_hounsfield = forms.BooleanField(
        label=gettext_lazy("The values of volumes are Hounsfield units (HU)"),
        required=False,
        help_text=gettext_lazy(
            "Only then raters are offered bone, soft tissue and tooth. Scanners for cone-beam CT "
            "are rarely calibrated so: leave it empty unless the maker says so."
        ),
    )


class ViewingForms:
    """All of a dataset's settings for viewing.

    Parameters
    ----------
    data
        What was posted, None to show what is stored.
    """

    def __init__(self, dataset: Dataset, data: Any = None) -> None:
        self.shapes = [ShapeForm(sizes, data) for sizes in radiograph_sizes(dataset)]
        # Posted rows stand for themselves: what was stored in their place is nothing to them
        stored = [_initial_of(preset) for preset in dataset.window_presets] if data is None else []
        self.rows = cast(PresetRows, _PresetRows(data, prefix=PRESETS, initial=stored))
        self.rows.extra = min(len(stored) + EMPTY_ROWS, MOST_PRESETS)
        self.unit = UnitForm(data, initial={"values_are_hounsfield": dataset.values_are_hounsfield})

    def is_valid(self) -> bool:
        # Asks each of them, so that all errors are told at once
        answers = [form.is_valid() for form in (*self.shapes, self.unit)]
        return self.rows.is_valid() and all(answers)

    def quiet(self) -> ViewingForms:
        """Tell no errors: somebody is still typing."""
        self.is_valid()
        for form in (*self.shapes, *self.rows.forms, self.unit):
            form.is_quiet = True
        return self

    def problems(self) -> Iterator[dict[str, Any]]:
        """Yield what is wrong, with the field where it is where there is one."""
        for form in (*self.shapes, *self.rows.forms):
            for name, errors in form.errors.items():
                field = form[name] if name in form.fields else next(iter(form))
                for error in errors:
                    yield {"id": field.auto_id, "label": field.label, "text": error}
        for error in self.rows.non_form_errors():
            yield {"id": "", "label": "", "text": error}

    def settings(self) -> dict[str, Any]:
        """Return what `set_viewing` takes, of valid forms."""
        return {
            "shapes": {
                form.sizes.category.pk: shape
                for form in self.shapes
                if (shape := form.shape()) is not None
            },
            "presets": self.rows.presets(),
            "values_are_hounsfield": self.unit.cleaned_data["values_are_hounsfield"],
        }


def with_row(data: Any) -> Any:
    """Return what was posted with one more row of presets."""
    return _with_rows(data, [*_rows_of(data), {}])


def without_row(data: Any, number: str) -> Any:
    """Return what was posted without one row of presets; those below it move up."""
    rows = _rows_of(data)
    kept = [row for index, row in enumerate(rows) if str(index) != number]
    return _with_rows(data, kept or [{}])


def _rows_of(data: Any) -> list[dict[str, str]]:
    count = data.get(f"{PRESETS}-{TOTAL_FORM_COUNT}", "")
    total = min(int(count), MOST_PRESETS) if count.isascii() and count.isdecimal() else 0
    return [
        {
            name: data[f"{PRESETS}-{index}-{name}"]
            for name in PresetForm.base_fields
            if f"{PRESETS}-{index}-{name}" in data
        }
        for index in range(total)
    ]


def _with_rows(data: Any, rows: list[dict[str, str]]) -> Any:
    rows = rows[:MOST_PRESETS]
    changed = {name: data[name] for name in data if not name.startswith(f"{PRESETS}-")}
    changed[f"{PRESETS}-{TOTAL_FORM_COUNT}"] = str(len(rows))
    changed[f"{PRESETS}-{INITIAL_FORM_COUNT}"] = "0"
    for index, row in enumerate(rows):
        row.setdefault("kind", ImageKind.VOLUME)
        changed |= {f"{PRESETS}-{index}-{name}": value for name, value in row.items()}
    return changed


def _initial_of(preset: dict[str, Any]) -> dict[str, str]:
    names = {field: preset["name"].get(code) for field, code in LANGUAGE_FIELDS.items()}
    initial = {field: name for field, name in names.items() if name}
    initial["kind"] = preset["kind"]
    if "percentiles" in preset:
        initial["low"], initial["high"] = preset["percentiles"]
    else:
        initial["centre"], initial["width"] = plain(preset["centre"]), plain(preset["width"])
    return initial
