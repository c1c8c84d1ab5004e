"""The form fields of a protocol; a field's name is its path in the content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from sts_qa.protocols.outline import language_name
from sts_qa.protocols.rubric import KINDS


@dataclass(frozen=True)
class FieldPlan:
    """One field: its name, the group it is shown in, and what it holds at first."""

    name: str
    group: str
    field: forms.Field
    initial: Any


class TextField(forms.CharField):
    """Any text; the protocol's own rules say whether it will do, so that each fault shows once."""

    def validate(self, value: Any) -> None:
        pass


class ScopeField(forms.ChoiceField):
    """A choice that the protocol's own rules check."""

    def validate(self, value: Any) -> None:
        pass


def plan_fields(content: dict[str, Any], scopes: list) -> Iterator[FieldPlan]:
    """Return the fields that `content`, finished or not, is edited in."""
    languages = content.get("languages", [])
    yield FieldPlan(
        "slug",
        "general",
        _line(_("Name in addresses"), _("Lower-case letters, digits and hyphens.")),
        content.get("slug", ""),
    )
    yield FieldPlan(
        "languages",
        "general",
        _line(_("Languages"), _("Codes such as en, zh-hans.")),
        ", ".join(languages),
    )
    yield from _localized("general", "title", content, languages, _("Title"))
    yield from _localized("general", "description", content, languages, _("Description"), long=True)
    yield FieldPlan(
        "source",
        "general",
        _line(_("Source"), _("Publication or address."), required=False),
        content.get("source", ""),
    )
    yield FieldPlan(
        "gate-minimum",
        "general",
        _number(
            _("Gate on the first criterion"),
            _("Lowest score with which the rest is asked, if the study says so."),
            required=False,
        ),
        content.get("gate", {}).get("minimum", ""),
    )
    criteria = content.get("criteria", [])
    yield _count("criteria-count", "counts", len(criteria))
    for position, criterion in enumerate(criteria):
        yield from _criterion_fields(f"criteria-{position}", criterion, languages, scopes)


def _criterion_fields(
    prefix: str, criterion: dict[str, Any], languages: list[str], scopes: list
) -> Iterator[FieldPlan]:
    def plan(name: str, group: str, field: forms.Field, default: Any = "") -> FieldPlan:
        return FieldPlan(
            f"{prefix}-{name}", f"{prefix}-{group}", field, criterion.get(name, default)
        )

    yield plan("code", "main", _line(_("Code")))
    yield plan("scope", "main", ScopeField(label=_("Assesses"), choices=scopes), "image")
    yield plan("minimum", "main", _number(_("Lowest score")))
    yield plan("maximum", "main", _number(_("Highest score")))
    yield plan("decimals", "main", _number(_("Digits after the point"), required=False))
    yield plan("threshold", "main", _number(_("Threshold"), required=False))
    for name, label, long in (("title", _("Title"), False), ("question", _("Question"), True)):
        yield from _localized(f"{prefix}-texts", name, criterion, languages, label, prefix, long)
    ends = criterion.get("ends", {})
    for name, label in (
        ("minimum", _("At the lowest score")),
        ("maximum", _("At the highest score")),
    ):
        yield from _localized(f"{prefix}-texts", name, ends, languages, label, f"{prefix}-ends")
    yield plan("ordinal", "options", _check(_("Ordinal: tables also show counts per level")), False)
    yield plan(
        "applies_to_slice_without_mask_pixels",
        "options",
        _check(_("Applies to slices on which the mask has no pixels")),
        True,
    )
    yield from _row_fields(prefix, criterion, languages)
    yield from _guidance_fields(prefix, criterion, languages)


def _row_fields(
    prefix: str, criterion: dict[str, Any], languages: list[str]
) -> Iterator[FieldPlan]:
    for part in ("bands", "levels"):
        rows = criterion.get(part, [])
        yield _count(f"{prefix}-{part}-count", f"{prefix}-counts", len(rows))
        for position, row in enumerate(rows):
            start = group = f"{prefix}-{part}-{position}"
            numbers = (
                [("from", _("From")), ("to", _("To"))]
                if part == "bands"
                else [("value", _("Score"))]
            )
            for name, label in numbers:
                yield FieldPlan(f"{start}-{name}", group, _number(label), row.get(name, ""))
            yield from _localized(group, "label", row, languages, _("Label"), start)
            if part == "levels":
                yield from _localized(group, "text", row, languages, _("Text"), start, long=True)
                yield FieldPlan(f"{start}-is_gloss", group, _gloss(), row.get("is_gloss", False))
                yield FieldPlan(
                    f"{start}-source",
                    group,
                    _line(_("Source"), required=False),
                    row.get("source", ""),
                )


def _guidance_fields(
    prefix: str, criterion: dict[str, Any], languages: list[str]
) -> Iterator[FieldPlan]:
    group = f"{prefix}-guidance"
    labels = {
        "radiograph": _("Guidance for radiographs"),
        "volume": _("Guidance for volumes"),
        "slice": _("Guidance for slices"),
    }
    for kind in KINDS:
        start = f"{prefix}-guidance-{kind}"
        guidance = criterion.get("guidance", {}).get(kind, {})
        yield from _localized(group, "text", guidance, languages, labels[kind], start, long=True)
        yield FieldPlan(f"{start}-is_gloss", group, _gloss(), guidance.get("is_gloss", False))
        yield FieldPlan(
            f"{start}-source", group, _line(_("Source"), required=False), guidance.get("source", "")
        )
    structures = criterion.get("required_structures", {})
    for language in languages:
        names = structures.get("names", {}).get(language, [])
        label = _("Required structures, one in each line")
        field = _text(f"{label} ({language_name(language)})")
        field.widget.attrs["lang"] = language
        yield FieldPlan(
            f"{prefix}-required_structures-names-{language}",
            group,
            field,
            "\n".join(names),
        )
    yield FieldPlan(
        f"{prefix}-required_structures-is_gloss",
        group,
        _gloss(),
        structures.get("is_gloss", False),
    )


def _localized(
    group: str,
    name: str,
    content: dict[str, Any],
    languages: list[str],
    label: str,
    prefix: str = "",
    long: bool = False,
) -> Iterator[FieldPlan]:
    start = f"{prefix}-{name}" if prefix else name
    for language in languages:
        shown = f"{label} ({language_name(language)})"
        field = _text(shown) if long else _line(shown)
        field.widget.attrs["lang"] = language
        yield FieldPlan(
            f"{start}-{language}", group, field, content.get(name, {}).get(language, "")
        )


def _line(label: str, help_text: str = "", required: bool = True) -> forms.Field:
    return TextField(label=label, help_text=help_text, required=required)


def _text(label: str, required: bool = False) -> forms.Field:
    return TextField(label=label, required=required, widget=forms.Textarea(attrs={"rows": 2}))


def _number(label: str, help_text: str = "", required: bool = True) -> forms.Field:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return TextField(label=label, help_text=help_text, required=required, widget=widget)


def _check(label: str) -> forms.Field:
    return forms.BooleanField(label=label, required=False)


def _gloss() -> forms.Field:
    return _check(_("Gloss"))


def _count(name: str, group: str, count: int) -> FieldPlan:
    return FieldPlan(
        name, group, forms.CharField(required=False, widget=forms.HiddenInput), str(count)
    )
