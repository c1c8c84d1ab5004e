"""Uploading a protocol, and editing one in a form whose fields follow its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sts_qa.protocols.content_errors import ContentError, Path
from sts_qa.protocols.form_fields import FieldPlan, plan_fields
from sts_qa.protocols.form_reading import ContentReader
from sts_qa.protocols.models import Criterion
from sts_qa.protocols.outline import outline_of
from sts_qa.protocols.reading import LARGEST_FILE_BYTES, read_content, too_large


class UploadProtocolForm(forms.Form):
    """A protocol as a JSON file."""

    file = forms.FileField(
        label=gettext_lazy("Protocol file (JSON)"),
        help_text=gettext_lazy("Download an existing protocol to see what such a file looks like."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        max_length=None,
    )

    def read(self) -> Any:
        """Return the document in the file, not yet checked.

        Raises
        ------
        InvalidContentError
            When it cannot be read.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise too_large()
        return read_content(file.read())


@dataclass(frozen=True)
class CriterionGroup:
    """The fields of one criterion, in the groups in which the page shows them."""

    position: int
    title: str
    is_first: bool
    is_last: bool
    main: list[forms.BoundField]
    texts: list[forms.BoundField]
    options: list[forms.BoundField]
    bands: list[list[forms.BoundField]]
    levels: list[list[forms.BoundField]]
    guidance: list[forms.BoundField]
    counts: list[forms.BoundField]

    @property
    def guidance_has_errors(self) -> bool:
        return any(field.errors for field in self.guidance)


class EditProtocolForm(forms.Form):
    """All fields of a protocol; what they hold is checked by the protocol's own rules."""

    use_required_attribute = False

    def __init__(self, content: dict[str, Any], data: Any = None):
        super().__init__(data=data)
        self.outline = content
        self.problems: list[tuple[str, str]] = []
        self.plans: dict[str, FieldPlan] = {
            plan.name: plan for plan in plan_fields(content, Criterion.Scope.choices)
        }
        for name, plan in self.plans.items():
            self.fields[name] = plan.field
            self.initial[name] = plan.initial

    @classmethod
    def posted(cls, data: Any) -> EditProtocolForm:
        """Return the form with the fields that `data` was posted from, filled in."""
        return cls(outline_of(data), data)

    def content(self) -> dict[str, Any]:
        """Return the posted content, not yet checked."""
        self.is_valid()
        return ContentReader(self.outline, self.cleaned_data).content()

    def add_content_errors(self, errors: list[ContentError]) -> None:
        """Show each error at its field, and all of them in `problems`, with the field's id."""
        for error in errors:
            name = self._field_at(error.path)
            self.problems.append((self[name].id_for_label if name else "", str(error)))
            self.add_error(name, error.message if name else str(error))

    def general(self) -> list[forms.BoundField]:
        return [self[name] for name, plan in self.plans.items() if plan.group == "general"]

    def counts(self) -> list[forms.BoundField]:
        return [self["criteria-count"]]

    def criteria(self) -> list[CriterionGroup]:
        last = len(self.outline["criteria"]) - 1
        return [self._criterion_group(position, last) for position in range(last + 1)]

    def _criterion_group(self, position: int, last: int) -> CriterionGroup:
        prefix = f"criteria-{position}"

        def group(name: str) -> list[forms.BoundField]:
            wanted = f"{prefix}-{name}"
            return [self[key] for key, plan in self.plans.items() if plan.group == wanted]

        criterion = self.outline["criteria"][position]
        first = f"{prefix}-title-{get_language() or 'en'}"
        texts = sorted(group("texts"), key=lambda field: field.name != first)
        title = next((field.value() for field in texts if field.value()), "")
        return CriterionGroup(
            position=position,
            title=title or _("New criterion"),
            is_first=position == 0,
            is_last=position == last,
            main=group("main"),
            texts=group("texts"),
            options=group("options"),
            bands=[group(f"bands-{row}") for row in range(len(criterion.get("bands", [])))],
            levels=[group(f"levels-{row}") for row in range(len(criterion.get("levels", [])))],
            guidance=group("guidance"),
            counts=group("counts"),
        )

    def _field_at(self, path: Path) -> str | None:
        for length in range(len(path), 0, -1):
            name = "-".join(str(step) for step in path[:length])
            if name in self.fields:
                return name
        return "gate-minimum" if path[:1] == ("gate",) else None
