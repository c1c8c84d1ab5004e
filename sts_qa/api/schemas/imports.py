"""Imports as the API tells them."""

from __future__ import annotations

from rest_framework import serializers

from sts_qa.api.schemas.common import JobSchema, Schema, Whole
from sts_qa.catalogue.layouts import AUTO, LAYOUTS
from sts_qa.catalogue.models import ImportEntry, ImportRun

LAYOUT_NAMES = [AUTO, *LAYOUTS]


class NewImportSchema(Schema):
    """A folder on the server to import."""

    root = serializers.CharField(
        max_length=1000,
        help_text="Whole path of the folder, or of the CSV manifest in it. It must lie below one "
        "of the folders open for import (STS_QA_IMPORT_ROOTS).",
    )
    layout = serializers.ChoiceField(choices=LAYOUT_NAMES, default=AUTO)
    keep_files = serializers.BooleanField(
        default=False, help_text="Copy the files below the data folder when the plan is applied."
    )


class ImportRootSchema(Schema):
    """A folder on the server that is open for import."""

    root = serializers.CharField(help_text="Whole path; it may be imported itself.")
    folders = serializers.ListField(
        child=serializers.CharField(),
        help_text="Whole paths of folders directly below it, at most 200.",
    )


class NewUploadSchema(Schema):
    """A ZIP file to import; its files are kept on the server."""

    archive = serializers.FileField()
    layout = serializers.ChoiceField(choices=LAYOUT_NAMES, default=AUTO)


class OutcomeCountsSchema(Schema):
    """How many files a plan has of each outcome."""

    new = Whole(default=0)
    changed = Whole(default=0)
    unchanged = Whole(default=0)
    missing = Whole(default=0)
    error = Whole(default=0)
    held_back = Whole(default=0)
    ignored = Whole(default=0)


class PlannedCategorySchema(Schema):
    """What a plan finds of one category."""

    name = serializers.CharField()
    labelled = Whole()
    unlabelled = Whole()


class PlanSchema(Schema):
    """The sum of a plan. Sizes are in bytes."""

    counts = OutcomeCountsSchema()
    categories = PlannedCategorySchema(many=True)
    to_apply = Whole(help_text="Files that applying the plan has to do with.")
    total_bytes = Whole(help_text="All files found.")
    kept_bytes = Whole(help_text="Files that are copied below the data folder.")
    store_bytes = Whole(help_text="Volumes made ready for viewing.")
    free_bytes = Whole(help_text="Room on the disk of the data folder when the plan was made.")
    dataset_hash = serializers.CharField(
        help_text="SHA-256 over keys and checksums of all items, once applied; else empty."
    )


class ImportSchema(Schema):
    """One import: its plan, then what came of applying it."""

    identifies = {"run_id": "id", "job_id": "job/id"}

    id = Whole(source="run.pk")
    dataset = Whole(source="run.dataset_id")
    state = serializers.ChoiceField(source="run.state", choices=ImportRun.State.values)
    root = serializers.CharField(help_text="The folder on the server; empty for a ZIP file.")
    layout = serializers.CharField(source="run.layout")
    keep_files = serializers.BooleanField(source="run.keep_files")
    created_by = serializers.CharField(source="run.created_by.username")
    created_at = serializers.DateTimeField(source="run.created_at")
    applied_at = serializers.DateTimeField(source="run.applied_at", allow_null=True)
    may_be_applied = serializers.BooleanField(
        help_text="Whether it has a whole plan that waits to be applied and still holds."
    )
    plan = PlanSchema(allow_null=True, help_text="Null until the plan is made.")
    job = JobSchema(allow_null=True, help_text="The work on it that was asked for last.")


class EntryFilterSchema(Schema):
    """Which files of a plan are listed."""

    outcome = serializers.ChoiceField(choices=ImportEntry.Outcome.values, required=False)
    text = serializers.CharField(
        max_length=200, required=False, help_text="Part of the path or of the reason."
    )


class ImportEntrySchema(Schema):
    """What a plan says of one file."""

    key = serializers.CharField(source="entry.key", help_text="Path relative to the folder.")
    outcome = serializers.ChoiceField(source="entry.outcome", choices=ImportEntry.Outcome.values)
    reason_code = serializers.CharField(
        source="entry.reason_code", help_text="Stable; empty where there is nothing to say."
    )
    reason = serializers.CharField()
    category = serializers.CharField(allow_null=True)
    labelled = serializers.BooleanField(allow_null=True)
    size_bytes = Whole(source="entry.size_bytes")
    applied = serializers.BooleanField(source="entry.applied")
