"""Forms of the account pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sts_qa.accounts import actions
from sts_qa.accounts.queries import seconds_to_wait


class LogInForm(AuthenticationForm):
    """User name and password; after a few failures under one name each next try must wait."""

    error_messages = {
        "invalid_login": _(
            "User name and password do not belong together. Capital and small letters count."
        ),
        "inactive": _(
            "User name and password do not belong together. Capital and small letters count."
        ),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")

    def clean(self):
        username = self.cleaned_data.get("username")
        if not username or not self.cleaned_data.get("password"):
            return super().clean()
        if wait := seconds_to_wait(username):
            raise forms.ValidationError(
                ngettext(
                    "Too many failed log-ins under this name. Wait %(seconds)s second.",
                    "Too many failed log-ins under this name. Wait %(seconds)s seconds.",
                    wait,
                )
                % {"seconds": wait},
                code="wait",
            )
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            actions.count_log_in_failure(username=username)
            raise
        actions.forget_log_in_failures(username=username)
        return cleaned
