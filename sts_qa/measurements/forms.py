"""Forms of the pages of metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.catalogue.forms import FilterForm
from sts_qa.measurements import labels
from sts_qa.measurements.queries import CategorySummary, MetricSummary


class ValueFilterForm(FilterForm):
    """Which values of one metric are listed: those of one category, and there of a range.

    What the address does not say, or says wrong, is the first category and its first further mask.
    """

    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    mask = forms.ChoiceField(label=gettext_lazy("Compared with"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Missing"), required=False)

    def __init__(self, summaries: Sequence[CategorySummary], data: Any) -> None:
        super().__init__(data)
        given = data.get("category", "")
        self.summary = next((s for s in summaries if str(s.category.pk) == given), summaries[0])
        names = [metric.mask_name for metric in self.summary.metrics]
        self.of_metric: MetricSummary = next(
            (m for m in self.summary.metrics if m.mask_name == data.get("mask", "")),
            self.summary.metrics[0],
        )
        categories = [(str(s.category.pk), s.category.name) for s in summaries]
        self.fields["category"].choices = categories  # type: ignore[attr-defined]
        self.fields["mask"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        if names == [""]:
            del self.fields["mask"]
        self.fields["reason"].choices = self._reasons()  # type: ignore[attr-defined]
        # A word of Python cannot be an attribute of the class
        self.fields["from"] = _number_field(_("From"))
        self.fields["to"] = _number_field(_("Below"))

    def bounds(self) -> tuple[float | None, float | None]:
        """Return the range asked for, its upper end left out."""
        self.is_valid()
        return self.cleaned_data.get("from"), self.cleaned_data.get("to")

    def reason_wanted(self) -> str:
        """Return the reason whose items are asked for; empty for those with a value."""
        return self.query().get("reason", "")

    def place(self) -> dict[str, str]:
        """Return category and further mask as they stand in addresses."""
        mask = {"mask": self.of_metric.mask_name} if self.of_metric.mask_name else {}
        return {"category": str(self.summary.category.pk), **mask}

    def _reasons(self) -> list[tuple[str, str]]:
        with_value = [("", _("Items with a value"))]
        return with_value + [
            (reason, f"{labels.reason_label(reason)} ({count})")
            for reason, count in self.of_metric.missing.items()
        ]


def _number_field(label: str) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(label=label, required=False, widget=widget)
