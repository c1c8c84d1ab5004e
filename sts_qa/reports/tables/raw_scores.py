"""Every score ever submitted in a study, one row each, with what is needed to count it or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sts_qa.protocols.models import Criterion, ProtocolVersion
from sts_qa.rating.models import Rating, ReadingConditions, Score
from sts_qa.reports.tables.imported import is_time_known
from sts_qa.reports.tables.provenance import notes_of, provenance_of
from sts_qa.science.tables.model import Block, Column, Missing, ReportTable
from sts_qa.science.tables.stored_rows import StoredRows
from sts_qa.studies.models import Membership, SampledItem, Study
from sts_qa.studies.queries.panel import continued_raters

SLUG = "raw-scores"
BATCH = 500

COLUMNS = (
    Column("rater", "rater", kind="integer"),
    Column("rater_state", "rater_state"),
    Column("rater_kind", "rater_kind"),
    Column("model_name", "model_name"),
    Column("model_version", "model_version"),
    Column("item", "item", kind="integer"),
    Column("slice", "slice", kind="integer"),
    Column("category", "category"),
    Column("stratum", "stratum"),
    Column("probability", "probability", kind="number", decimals=6),
    Column("subject", "subject", kind="integer"),
    Column("item_state", "item_state"),
    Column("kind", "kind"),
    Column("position", "position", kind="integer"),
    Column("showing", "showing", kind="integer"),
    Column("criterion", "criterion"),
    Column("value", "value", kind="number", decimals=0),
    Column("code", "code"),
    Column("reason", "reason"),
    Column("reason_text", "reason_text"),
    Column("state", "state"),
    Column("late", "late"),
    Column("active_seconds", "active_seconds", kind="number", decimals=1),
    Column("wall_seconds", "wall_seconds", kind="number", decimals=1),
    Column("waiting_seconds", "waiting_seconds", kind="number", decimals=1),
    Column("room", "room"),
    Column("monitor", "monitor"),
    Column("sees_dark_patch", "sees_dark_patch"),
    Column("sees_bright_patch", "sees_bright_patch"),
    Column("viewer_state", "viewer_state"),
    Column("language", "language"),
    Column("clarification_seen", "clarification_seen", kind="integer"),
    Column("protocol_version", "protocol_version", kind="integer"),
    Column("channel", "channel"),
    Column("submitted_at", "submitted_at"),
    Column("received_at", "received_at"),
    Column("comment", "comment"),
    Column("rating", "rating"),
)

SECONDS = ("active_seconds", "wall_seconds", "waiting_seconds")
UNKNOWN, WHOLE_ITEM = Missing("unknown"), Missing("whole_item")
PERSON, NOT_STATED = Missing("person"), Missing("not_stated")
CONDITIONS = ("room", "monitor", "sees_dark_patch", "sees_bright_patch")


def raw_scores(study: Study, language: str) -> ReportTable:
    """Return the long table: superseded, late, practice and withdrawn rows are in it, marked."""
    members = list(study.memberships.filter(pseudonym__isnull=False).order_by("pseudonym"))
    return ReportTable(
        slug=SLUG,
        title=_("Raw scores"),
        blocks=[Block("scores", _("Scores"), _columns(study), StoredRows(_rows(study)))],
        notes=[
            *notes_of(study, _not_withdrawn(members), _all_ratings(study)),
            _("Raters and subjects are numbers in random order; items are report numbers."),
        ],
        provenance=provenance_of(study, members),
    )


def _columns(study: Study) -> list[Column]:
    """Show scores with as many decimals as the protocol lets raters type."""
    most = max(study.protocol_version.criteria.values_list("decimals", flat=True), default=0)
    return [
        replace(column, decimals=most) if column.code == "value" else column for column in COLUMNS
    ]


def _rows(study: Study) -> Iterator[dict]:
    ratings = (
        _all_ratings(study)
        .select_related("reading_conditions", "assignment")
        .prefetch_related("scores")
        .order_by("pk")
    )
    # Read once each: joined, they would be read again with every score
    members = study.memberships.in_bulk()
    continued = continued_raters(members.values())
    units = _units(study)
    criteria = Criterion.objects.filter(
        version__protocol=study.protocol_version.protocol_id
    ).in_bulk()
    versions = dict(
        ProtocolVersion.objects.filter(protocol=study.protocol_version.protocol_id).values_list(
            "pk", "number"
        )
    )
    subjects: dict[str, int] = {}
    for rating in ratings.iterator(chunk_size=BATCH):
        member = members[rating.assignment.membership_id]
        about = _about_rating(rating, member, study)
        about["rater_state"] = _rater_state(member, member.pk in continued)
        about |= units[rating.assignment.sampled_item_id]
        about["subject"] = _subject_number(about["subject"], subjects)
        about["protocol_version"] = versions[rating.protocol_version_id]
        scores = sorted(rating.scores.all(), key=lambda s: criteria[s.criterion_id].position)
        for score in scores:
            yield about | _about_score(score, criteria[score.criterion_id])


def _units(study: Study) -> dict[int, dict]:
    """Return what rows tell of each unit: its cells alone take a small part of its objects."""
    units = SampledItem.objects.filter(study=study)
    units = units.select_related("stratum__category", "item_version__item")
    return {unit.pk: _about_unit(unit) for unit in units.iterator(chunk_size=BATCH)}


def _about_unit(unit: SampledItem) -> dict:
    return {
        "item": unit.number,
        "slice": WHOLE_ITEM if unit.slice_index is None else unit.slice_index + 1,
        "category": unit.stratum.category.name,
        "stratum": unit.stratum.name,
        "probability": unit.probability_numerator / unit.probability_denominator,
        "item_state": _item_state(unit),
        "subject": unit.item_version.item.subject,
    }


def _subject_number(subject: str, subjects: dict[str, int]) -> int | Missing:
    return subjects.setdefault(subject, len(subjects) + 1) if subject else UNKNOWN


def _about_rating(rating: Rating, member: Membership, study: Study) -> dict:
    assignment = rating.assignment
    return {
        "rater": member.pseudonym,
        **_rater_kind(member),
        "kind": assignment.kind,
        "position": assignment.position,
        "showing": rating.showing,
        "state": "current" if rating.is_current else "superseded",
        "late": _lateness(rating),
        **_times(rating, study),
        **_conditions(rating.reading_conditions),
        "viewer_state": json.dumps(rating.viewer_state, sort_keys=True, ensure_ascii=False),
        "language": rating.language,
        "clarification_seen": rating.clarification_seen,
        "channel": rating.channel,
        "received_at": rating.received_at.isoformat(),
        "comment": rating.comment,
        "rating": str(rating.public_id),
    }


def _about_score(score: Score, criterion: Criterion) -> dict:
    return {
        "criterion": criterion.code,
        "value": Missing(score.code) if score.value is None else float(score.value),
        "code": score.code,
        "reason": score.reason,
        "reason_text": score.reason_text,
    }


def _times(rating: Rating, study: Study) -> dict[str, str | float | Missing]:
    """Return when and how long the item was looked at; of imported ratings that is seldom known."""
    submitted = rating.submitted_at.isoformat()
    if study.imported:
        seconds = dict.fromkeys(SECONDS, UNKNOWN)
        known = is_time_known(rating, study)
        return {**seconds, "submitted_at": submitted if known else UNKNOWN}
    return {
        "active_seconds": rating.active_ms / 1000,
        "wall_seconds": rating.wall_ms / 1000,
        "waiting_seconds": rating.waiting_ms / 1000,
        "submitted_at": submitted,
    }


def _conditions(stated: ReadingConditions | None) -> dict[str, str | Missing]:
    if stated is None:
        return dict.fromkeys(CONDITIONS, NOT_STATED)
    return {
        "room": stated.room,
        "monitor": stated.monitor,
        "sees_dark_patch": "yes" if stated.sees_dark_patch else "no",
        "sees_bright_patch": "yes" if stated.sees_bright_patch else "no",
    }


def _not_withdrawn(members: list[Membership]) -> list[Membership]:
    return [member for member in members if member.withdrawn_at is None]


def _all_ratings(study: Study) -> QuerySet[Rating]:
    return Rating.objects.filter(assignment__sampled_item__study=study)


def _rater_kind(member: Membership) -> dict[str, str | Missing]:
    if not member.is_program:
        return {"rater_kind": "expert", "model_name": PERSON, "model_version": PERSON}
    return {
        "rater_kind": "model",
        "model_name": member.model_name,
        "model_version": member.model_version,
    }


def _rater_state(member: Membership, is_continued: bool) -> str:
    """Return what decides on the panel where none was chosen: all but the withdrawn are in it."""
    if member.withdrawn_at is None:
        return "active"
    return "continued" if is_continued else "withdrawn"


def _item_state(unit) -> str:
    if unit.withdrawn_at is not None:
        return "withdrawn"
    return "added" if unit.added_at is not None else "drawn"


def _lateness(rating) -> str:
    if not rating.is_late:
        return "in time"
    return "admitted" if rating.admitted_at is not None else "not admitted"
