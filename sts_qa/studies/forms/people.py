"""Forms about people: adding, replacing, withdrawing, choosing the panel, a first password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sts_qa.accounts.languages import OWN_NAMES, current_language
from sts_qa.accounts.models import User
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.models.people import LONGEST_MODEL_NAME, LONGEST_MODEL_VERSION
from sts_qa.studies.queries.people import panel_candidates, rater_label


class AccountForm(forms.Form):
    """Names a person by an account that exists, or by one that is to be made."""

    EXISTING, NEW = "existing", "new"

    account = forms.ChoiceField(
        label=gettext_lazy("Account"),
        choices=[
            (NEW, gettext_lazy("New account; you get an invitation link to pass on")),
            (EXISTING, gettext_lazy("Account that exists")),
        ],
        widget=forms.RadioSelect,
        initial=NEW,
    )
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("For a new account. Only coordinators see it, never a report."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=list(OWN_NAMES.items()),
        widget=forms.RadioSelect,
        initial=current_language,
        help_text=gettext_lazy(
            "For a new account. The invitation and all pages speak it until the person switches; "
            "an account that exists keeps its own."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        username, account = cleaned.get("username"), cleaned.get("account")
        if not username or not account:
            return cleaned
        username = User.normalize_username(username)
        found = User.objects.filter(username__iexact=username).order_by("pk")
        # Exactly as typed first; what differs in capitals only is no name for a new account
        user = found.filter(username=username).first() or found.first()
        if account == self.NEW:
            self._check_new(username, user)
        elif user is None:
            self.add_error("username", _("There is no such account. Choose a new account for it."))
        elif not user.is_active:
            self.add_error("username", _("This account is closed."))
        return cleaned | {"username": username, "user": user if account != self.NEW else None}

    def _check_new(self, username: str, user: User | None) -> None:
        if user is not None:
            self.add_error("username", _("This name is taken. Choose the account that exists."))
            return
        try:
            UnicodeUsernameValidator()(username)
        except forms.ValidationError as error:
            self.add_error("username", error)


class AddMemberForm(AccountForm):
    """A person and the role that the person is to have."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[
            (Membership.Role.RATER, gettext_lazy("Rater: rates, sees nothing else")),
            (Membership.Role.OBSERVER, gettext_lazy("Observer: sees the study, changes nothing")),
            (Membership.Role.COORDINATOR, gettext_lazy("Coordinator: may do all that you may")),
        ],
        widget=forms.RadioSelect,
        initial=Membership.Role.RATER,
    )

    field_order = ["role", "account", "username", "full_name", "language"]


class AddModelRaterForm(forms.Form):
    """A program that is to rate."""

    prefix = "program"

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_MODEL_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Shown on pages and in reports."),
    )
    version = forms.CharField(
        label=gettext_lazy("Version"),
        max_length=LONGEST_MODEL_VERSION,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Each version rates once; another run needs another version."),
    )


class ReplaceRaterForm(AccountForm):
    """Who takes a rater's place, and how much of the work."""

    only_the_rest = forms.BooleanField(
        label=gettext_lazy("Only the rest"),
        required=False,
        help_text=gettext_lazy(
            "Leaves out what the former rater has rated; reports then count both as raters. "
            "Otherwise the new rater rates everything, in an order of the person's own."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("Kept in the log for good. Write no names."),
    )


class ReasonForm(forms.Form):
    """Why something is done, for the record."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept in the log for good. Write no names."),
    )


class ChoosePanelForm(ReasonForm):
    """The raters behind the tables."""

    memberships = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Raters"),
        queryset=Membership.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one rater.")},
    )

    field_order = ["memberships", "reason"]

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["memberships"]
        field.queryset = panel_candidates(study)
        field.label_from_instance = _rater_choice


def _rater_choice(membership: Membership) -> str:
    text = (
        _("%(rater)s: %(rated)d of %(assigned)d rated, withdrawn")
        if membership.withdrawn_at
        else _("%(rater)s: %(rated)d of %(assigned)d rated")
    )
    return text % {
        "rater": rater_label(membership),
        "rated": membership.rated_count,
        "assigned": membership.assigned_count,
    }


class FirstPasswordForm(SetPasswordForm):
    """The first password of an invited person."""
