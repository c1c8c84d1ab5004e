"""Forms of the coordinator's pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from sts_qa.accounts.languages import own_name
from sts_qa.rating.actions.clarifications import LONGEST_CLARIFICATION
from sts_qa.rating.actions.items import Change
from sts_qa.rating.models import ProblemReport, Question
from sts_qa.rating.queries.questions import open_questions, questions_of
from sts_qa.studies.models import Study

QUESTION_SHOWN = 160


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


class PlainText(forms.CharField):
    """Text of several lines; a browser sends their ends as two characters."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class QuestionsField(forms.ModelMultipleChoiceField):
    """Questions to tick, each in one line without its asker's name."""

    def label_from_instance(self, question: Question) -> str:
        rater = question.assignment.membership.pseudonym
        return f"R{rater}: {Truncator(question.text).chars(QUESTION_SHOWN)}"


class PublishClarificationForm(forms.Form):
    """A text in each language, and the open questions that it answers."""

    questions = QuestionsField(
        label=_("Questions that this answers"),
        queryset=Question.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    # The one that the preview showed
    number = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, study: Study, required: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, _name in settings.LANGUAGES:
            self.fields[text_field(code)] = PlainText(
                label=own_name(code),
                required=code in required,
                max_length=LONGEST_CLARIFICATION,
                widget=forms.Textarea(attrs={"rows": 6, "lang": code}),
            )
        field: Any = self.fields["questions"]
        # A resend names questions that the first publishing has answered
        field.queryset = questions_of(study)
        waiting = open_questions(study)
        field.widget.choices = [
            (question.public_id, field.label_from_instance(question)) for question in waiting
        ]
        self.order_fields([text_field(code) for code, _name in settings.LANGUAGES])
        if not waiting:
            field.widget = forms.MultipleHiddenInput()

    def texts(self) -> dict[str, str]:
        """Return the texts by language, without the empty ones."""
        texts = {
            code: self.cleaned_data.get(text_field(code), "") for code, _name in settings.LANGUAGES
        }
        return {code: text for code, text in texts.items() if text}


def text_field(language: str) -> str:
    """Return the name of the field for the text in a language."""
    return f"text-{language}"


class CloseQuestionForm(forms.Form):
    """Why a question needs no clarification."""

    note = forms.CharField(
        label=_("Reason"), max_length=250, help_text=_("Kept in the log for good. Write no names.")
    )
