"""Forms of the coordinator's pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sts_qa.rating.actions.items import Change
from sts_qa.rating.models import ProblemReport


class DecideProblemForm(forms.Form):
    """What becomes of a reported item."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=ProblemReport.Decision, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Reason"),
        max_length=250,
        required=False,
        help_text=_("Kept in the log for good. Write no names."),
    )

    def __init__(self, *args: Any, refused: Collection[str] = (), **kwargs: Any) -> None:
        """Offer all but the `refused` decisions; the action says why it refuses one."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["decision"]
        field.widget.choices = [
            choice for choice in ProblemReport.Decision.choices if choice[0] not in refused
        ]

    def clean_note(self) -> str:
        return self.cleaned_data["note"].strip()

    def clean(self) -> None:
        withdraws = self.cleaned_data.get("decision") in (
            ProblemReport.Decision.WITHDRAW,
            ProblemReport.Decision.REPLACE,
        )
        if withdraws and not self.cleaned_data.get("note"):
            self.add_error("note", _("Say why the item is withdrawn."))


class ChangeItemForm(forms.Form):
    """What becomes of an item that nobody reported."""

    change = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    whole_image = forms.BooleanField(
        label=_("With all drawn slices of the volume"), required=False, initial=True
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Kept in the log for good. Write no names.")
    )

    def __init__(
        self, *args: Any, possible: Collection[Change], is_slice: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["change"]
        field.choices = [(change.value, change.label) for change in possible]
        if not is_slice:
            del self.fields["whole_image"]
