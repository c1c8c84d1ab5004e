"""The form of a decision, and its part of an item's page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.catalogue.models import Item
from sts_qa.screening.actions import NOTE_LENGTH, checked_note
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.models import ScreeningDecision


class DecisionForm(forms.Form):
    """Keep or exclude, with the reason; `version` is what the person looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose a reason")), *ScreeningDecision.Reason.choices],
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # Which of the two buttons was pressed
    outcome = forms.ChoiceField(choices=ScreeningDecision.Outcome.choices, required=True)

    def __init__(self, item: Item, data: Any = None) -> None:
        super().__init__(data, initial={"version": item.current_version_id})
        self.item = item

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "version" in values and values["version"] != self.item.current_version_id:
            raise forms.ValidationError(
                _("The item has changed since you looked at it. Look at its new version first.")
            )
        if "outcome" in values and "reason" in values:
            try:
                checked_note(values["outcome"], values["reason"], values.get("note", ""))
            except ScreeningRefused as refusal:
                self.add_error("note", str(refusal))
        return values


def decision_panel(request: HttpRequest, item: Item) -> dict[str, Any]:
    """Return what the item's page needs to show its decisions and to take another one."""
    decisions = item.screening_decisions.select_related("decided_by", "item_version")
    return {"decisions": list(decisions.order_by("-id")), "decision_form": DecisionForm(item)}
