"""What all bodies and answers of the API are made of.

A schema describes a JSON object in both directions. Read from a body it is strict: no field that it
does not know, and no value of another JSON type, so that a slip is told and not guessed at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.utils import html

from sts_qa.rating.body import is_storable

LARGEST_WHOLE = 2**63 - 1
DEEPEST = 100
WHOLE_TEXT = re.compile(r"-?[0-9]{1,19}")

# Which JSON types a field takes; the first class that fits counts
JSON_TYPES: tuple[tuple[type[serializers.Field], tuple[type, ...]], ...] = (
    (serializers.BooleanField, (bool,)),
    (serializers.IntegerField, (int,)),
    (serializers.FloatField, (int, float)),
    (serializers.DecimalField, (str,)),
    (serializers.CharField, (str,)),
    (serializers.ChoiceField, (str,)),
    (serializers.UUIDField, (str,)),
    (serializers.DateTimeField, (str,)),
    (serializers.DateField, (str,)),
)
WANTED = {
    bool: gettext_lazy("Give true or false."),
    int: gettext_lazy("Give a whole number."),
    float: gettext_lazy("Give a number."),
    str: gettext_lazy("Give a text."),
}


class Schema(serializers.Serializer):
    """One kind of JSON object.

    `identifies` names parameters of addresses and where an object of this kind holds them
    (`{"job_id": "job/id"}`): the OpenAPI document links such answers to the endpoints that are
    about what they name.
    """

    identifies: ClassVar[Mapping[str, str]] = {}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (wrong := dict(self._faults(data))):
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)

    def _faults(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        for name in data:
            if name not in writable:
                yield str(name), [_("There is no such field.")]
        # A form and an address hold text only
        as_text = html.is_html_input(data) or self.context.get("as_text")
        wrong = _wrong_text if as_text else _wrong_type
        for name in writable & data.keys():
            if text := wrong(self.fields[name], data[name]):
                yield name, [text]


class AnyObject(serializers.DictField):
    """A JSON object of any content that every database can keep."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("Give a JSON object."))
        if wrong := _why_not_stored(data):
            raise serializers.ValidationError(wrong)
        return data


class Whole(serializers.IntegerField):
    """A whole number that every database can keep."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": LARGEST_WHOLE, **options})


class FaultSchema(Schema):
    """What is wrong at one place."""

    field = serializers.CharField(
        help_text="A JSON pointer into the body, or the name of a parameter."
    )
    detail = serializers.CharField()


class ProblemSchema(Schema):
    """Problem details (RFC 9457): why a request was refused."""

    type = serializers.CharField(help_text="Address of the kind of problem; stable.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong here and what to do.")
    instance = serializers.CharField(help_text="Address that was asked for.")
    errors = FaultSchema(many=True)


class JobErrorSchema(Schema):
    """What could not be done; the rest was."""

    where = serializers.CharField(help_text="A file, or what else it is about.")
    reason = serializers.CharField()


class JobCountsSchema(Schema):
    """How much came out of it; each kind of work counts some of these."""

    new = Whole(required=False, help_text="Imports: files of the plan; so the next six.")
    changed = Whole(required=False, help_text="Also further masks with another content.")
    unchanged = Whole(required=False, help_text="Also further masks that were there.")
    missing = Whole(required=False, help_text="Also metrics that have no value, and say why.")
    error = Whole(required=False)
    held_back = Whole(required=False)
    ignored = Whole(required=False)
    added = Whole(required=False, help_text="Further masks.")
    refused = Whole(required=False, help_text="Further masks.")
    built = Whole(required=False, help_text="Volumes and masks made ready; so the next three.")
    present = Whole(required=False, help_text="Were ready.")
    left_out = Whole(required=False, help_text="For want of room.")
    ready = Whole(required=False, help_text="Of one volume and its masks.")
    failed = Whole(required=False, help_text="Also items whose metrics failed.")
    computed = Whole(required=False, help_text="Items whose metrics were computed.")
    up_to_date = Whole(required=False, help_text="Items that lacked no metric.")
    values = Whole(required=False, help_text="Metrics.")
    kept = Whole(required=False, help_text="Files of a study that starts.")


class JobResultSchema(Schema):
    """What the work has come to; nothing is counted before its end."""

    counts = JobCountsSchema()
    errors = JobErrorSchema(many=True, help_text="The first ones, some hundred at most.")

    def to_representation(self, stored: Any) -> Any:
        # An import stores its plan, which the import itself tells
        counts = stored.get("counts", stored)
        return super().to_representation({"counts": counts, "errors": stored.get("errors", [])})


class JobSchema(Schema):
    """Long work: its state and progress."""

    identifies = {"job_id": "id"}

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=["queued", "running", "done", "failed", "cancelled"])
    done = Whole(help_text="Units of work done.")
    total = Whole(help_text="Units of work in all; 0 while not known.")
    message = serializers.CharField()
    error = serializers.CharField(help_text="Why it failed; else empty.")
    result = JobResultSchema()
    cancel_requested = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class PageQuery(Schema):
    """Which part of a list."""

    cursor = serializers.CharField(
        required=False, help_text="From `next` of the page before; opaque."
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=1000, default=100, help_text="Most items of the page."
    )


class StreamQuery(PageQuery):
    stream = serializers.BooleanField(
        default=False, help_text="The whole list as NDJSON, one item a line."
    )


@cache
def page_schema(item: type[Schema]) -> serializers.Serializer:
    """Return the schema of one page of items."""
    return inline_serializer(
        name=f"{item.__name__.removesuffix('Schema')}PageSchema",
        fields={
            "items": item(many=True),
            "next": serializers.CharField(
                allow_null=True, help_text="Address of the next page; null on the last one."
            ),
        },
    )


def merged(parts: tuple[type[Schema], ...]) -> type[Schema]:
    """Return one schema with the fields of all parts."""
    if len(parts) == 1:
        return parts[0]
    return type("".join(part.__name__ for part in parts), parts, {})


def _wrong_type(field: serializers.Field, value: Any) -> str:
    if value is None:
        # Whether null is allowed is for the field to say
        return ""
    for kind, types in JSON_TYPES:
        if isinstance(field, kind):
            if type(value) not in types:
                return str(WANTED[types[-1]])
            break
    if isinstance(value, float) and not math.isfinite(value):
        return _("Give a finite number.")
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        return _("This number is too large.")
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next(filter(None, (_wrong_type(field.child, inner) for inner in value)), "")
    if isinstance(field, serializers.DictField) and isinstance(value, dict):
        return next(filter(None, (_wrong_type(field.child, inner) for inner in value.values())), "")
    return ""


def _wrong_text(field: serializers.Field, value: Any) -> str:
    if isinstance(field, serializers.BooleanField) and value not in ("true", "false"):
        return str(WANTED[bool])
    if isinstance(field, serializers.IntegerField) and not WHOLE_TEXT.fullmatch(str(value)):
        return str(WANTED[int])
    return ""


def _why_not_stored(content: Any) -> str:
    """Say why some database could not keep the content, nothing when all can."""
    level = [content]
    for _depth in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                inner += value
            elif not is_storable(value):
                return _("Texts must not hold NUL or half characters, numbers must be finite.")
        level = inner
    return _("What was sent is nested too deeply.") if level else ""
