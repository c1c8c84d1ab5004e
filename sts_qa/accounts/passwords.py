"""What a new password must be, in words that every language of the pages has.

The rules are the framework's own. Its texts are not: of one the Chinese is missing, and the others
speak to people less politely than these pages do.
"""

from __future__ import annotations

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        text = ngettext(
            "This password is too short: it needs at least %(count)d character.",
            "This password is too short: it needs at least %(count)d characters.",
            self.min_length,
        )
        return text % {"count": self.min_length}

    def get_help_text(self) -> str:
        text = ngettext(
            "At least %(count)d character", "At least %(count)d characters", self.min_length
        )
        return text % {"count": self.min_length}


class UnlikeTheAccount(rules.UserAttributeSimilarityValidator):
    def get_help_text(self) -> str:
        return _("Unlike the user name and the full name")


class NotCommon(rules.CommonPasswordValidator):
    def get_help_text(self) -> str:
        return _("None that many people use")


class NotOnlyDigits(rules.NumericPasswordValidator):
    def get_help_text(self) -> str:
        return _("Not digits alone")
