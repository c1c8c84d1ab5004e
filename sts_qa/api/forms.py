"""The forms of new tokens: of a person, and of a rater that is a program."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.api.models import TOKEN_NAME_LENGTH, Scope
from sts_qa.studies.models import Study

LIVES = {
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("1 year"),
}
SCOPES = {
    Scope.READ: gettext_lazy("Read: see what you see, and fetch reports"),
    Scope.RATE: gettext_lazy("Rate: get your queue and submit ratings in your name"),
    Scope.MANAGE: gettext_lazy(
        "Manage: import, create, start and close what you may; includes reading"
    ),
}


class ProgramTokenForm(forms.Form):
    """The name of a program's token, and until when it works."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=TOKEN_NAME_LENGTH,
        help_text=gettext_lazy("Where the program runs, such as Workstation 2."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Ends after"), choices=list(LIVES.items()), initial="30"
    )

    def expires_at(self) -> datetime:
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class CreateTokenForm(ProgramTokenForm):
    """The same of a person's token, and what a program may do with it in the person's name."""

    field_order = ("name", "scopes", "study", "days")

    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    study = forms.ModelChoiceField(
        label=gettext_lazy("Reaches"),
        queryset=Study.objects.none(),
        required=False,
        empty_label=gettext_lazy("All that you reach"),
        to_field_name="public_id",
        help_text=gettext_lazy("With one study chosen: that study and its dataset, nothing else."),
    )

    def __init__(self, user: Any, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        studies = Study.objects.filter(
            memberships__user=user, memberships__withdrawn_at__isnull=True
        )
        self.fields["study"].queryset = studies.order_by("-pk")  # type: ignore[attr-defined]
        self.fields["name"].help_text = _("What uses it, such as Nightly import.")
