"""One submission as it was sent, and the scores in it, checked against the protocol."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sts_qa.protocols.models import Criterion
from sts_qa.rating.body import Reader, check_storable, identifier_of, read_object
from sts_qa.rating.errors import InvalidScores, InvalidSubmission
from sts_qa.rating.models import Score
from sts_qa.rating.queries.criteria import AskedCriteria, Gate

FIELDS = (
    "idempotency_key",
    "replaces",
    "scores",
    "comment",
    "active_ms",
    "wall_ms",
    "waiting_ms",
    "viewer_state",
    "submitted_at",
    "clarification_seen",
    "conditions",
    "language",
)
# A program sends its key apart, and states no conditions of reading nor the language of a page
PAGE_FIELDS = ("idempotency_key", "conditions", "language")
PROGRAM_FIELDS = tuple(name for name in FIELDS if name not in PAGE_FIELDS)
SCORE_FIELDS = ("value", "code", "reason", "text")
LONGEST_REASON_TEXT = 300
MOST_VIEWER_STATE = 8 * 1024
NUMBER = re.compile(r"-?[0-9]{1,5}(?:\.([0-9]{1,3}))?")


@dataclass(frozen=True)
class Submission:
    """What a rater sent for one assignment; scores are still unchecked.

    `language` is that of the page when it was rated, empty where that is not known.
    """

    idempotency_key: str
    body_hash: str
    replaces: uuid.UUID | None
    scores: dict[str, Any]
    comment: str
    active_ms: int
    wall_ms: int
    waiting_ms: int
    viewer_state: dict[str, Any]
    submitted_at: datetime
    clarification_seen: int
    conditions: uuid.UUID | None
    language: str


def read_submission(data: bytes) -> Submission:
    """Read a submission from its JSON.

    Raises
    ------
    InvalidSubmission
        With a sentence for each field that is wrong.
    """
    return submission_of(read_object(data))


def submission_of(content: dict[str, Any]) -> Submission:
    """Return the submission that a JSON object holds; raises as `read_submission`."""
    reader = Reader(content)
    reader.refuse_others(FIELDS)
    return _submission(reader, sent=content)


def _submission(reader: Reader, *, sent: dict[str, Any]) -> Submission:
    """Read all fields; the hash is of `sent`, which may lack what `reader` was given besides."""
    submission = Submission(
        idempotency_key=reader.key("idempotency_key"),
        body_hash=hash_of(sent),
        replaces=reader.identifier("replaces"),
        scores=reader.table("scores"),
        comment=reader.text("comment"),
        active_ms=reader.whole("active_ms"),
        wall_ms=reader.whole("wall_ms"),
        waiting_ms=reader.whole("waiting_ms"),
        viewer_state=reader.table("viewer_state", MOST_VIEWER_STATE),
        submitted_at=reader.time("submitted_at"),  # type: ignore[arg-type]
        clarification_seen=_seen(reader.content.get("clarification_seen")),
        conditions=identifier_of(reader.content.get("conditions")),
        language=_language(reader.content.get("language")),
    )
    reader.finish()
    return submission


def read_program_submission(content: dict[str, Any], *, idempotency_key: str) -> Submission:
    """Read a submission of a program, which may leave out what only a browser knows.

    Raises
    ------
    InvalidSubmission
        With a sentence for each field that is wrong. Whether the scores fit the protocol is looked
        at later, as for the page.
    """
    given = Reader(content)
    given.refuse_others(PROGRAM_FIELDS)
    unusable = _unstorable(content)
    if "scores" not in content:
        given.errors["scores"] = _("Scores are missing.")
    sent = {name: value for name, value in content.items() if name not in unusable}
    sent["idempotency_key"] = idempotency_key
    # The hash is of what was sent, or a resend would differ by the time that is filled in
    reader = Reader({**_left_out(), **sent})
    for code, entry in reader.table("scores").items():
        if fault := _shape_fault(entry):
            reader.errors["scores", code[:60]] = fault
    if "clarification_seen" in sent:
        reader.whole("clarification_seen")
    reader.errors |= given.errors | {name[:60]: text for name, text in unusable.items()}
    return _submission(reader, sent=sent)


def _unstorable(content: dict[str, Any]) -> dict[str, str]:
    """Return the fields that no text column keeps, and why."""
    found = {}
    for name, value in content.items():
        try:
            check_storable({name: value})
        except InvalidSubmission as error:
            found[name] = error.detail
    return found


def _left_out() -> dict[str, Any]:
    now = timezone.now().isoformat()
    return {"active_ms": 0, "wall_ms": 0, "waiting_ms": 0, "submitted_at": now}


def _shape_fault(entry: Any) -> str:
    """Return what is wrong with the form of a score, as a program's schema has it."""
    if not isinstance(entry, dict):
        return _("A JSON object is expected.")
    for name, value in entry.items():
        if name not in SCORE_FIELDS:
            return _("This field is not known.")
        if not isinstance(value, str):
            return _("Text is expected.")
    if entry.get("code", Score.Code.CANNOT_JUDGE) != Score.Code.CANNOT_JUDGE:
        return _("Choose one of: %s.") % Score.Code.CANNOT_JUDGE
    if "reason" in entry and entry["reason"] not in Score.CannotJudge.values:
        return _("Choose one of: %s.") % ", ".join(Score.CannotJudge.values)
    if len(entry.get("text", "")) > LONGEST_REASON_TEXT:
        return _("At most %d characters are kept; shorten the text.") % LONGEST_REASON_TEXT
    return ""


def _seen(value: Any) -> int:
    """Return a clarification's number; no score is refused for what only describes its reading."""
    return max(value, 0) if type(value) is int else 0


def _language(value: Any) -> str:
    """Return the code of a language that pages come in, empty for anything else."""
    return value if value in [code for code, _name in settings.LANGUAGES] else ""


def hash_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a body, the same for the same fields in any order."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_scores(given: dict[str, Any], criteria: AskedCriteria, gate: Gate | None) -> list[Score]:
    """Return a score for every criterion of the protocol: a number, or exactly one code.

    Raises
    ------
    InvalidScores
        With a sentence for each criterion whose score is missing or wrong.
    """
    reader = Reader(given)
    scores: dict[str, Score] = {}
    for criterion in criteria.asked:
        if criterion.code in given:
            scores[criterion.code] = _score(reader, criterion)
    unasked = _unasked(criteria.asked, scores, gate)
    for criterion in criteria.asked:
        if criterion.code in unasked:
            if criterion.code in given:
                reader.errors[criterion.code] = _("This is not asked after the first score.")
            scores[criterion.code] = Score(criterion_id=criterion.pk, code=Score.Code.NOT_ASKED)
        elif criterion.code not in given:
            reader.errors[criterion.code] = _("A score is missing.")
    for criterion in criteria.not_applicable:
        if criterion.code in given:
            reader.errors[criterion.code] = _("This does not apply to the item.")
        scores[criterion.code] = Score(criterion_id=criterion.pk, code=Score.Code.NOT_APPLICABLE)
    for code in sorted(set(given) - set(scores) - set(reader.errors)):
        reader.errors[code[:60]] = _("The protocol has no such criterion.")
    if reader.errors:
        raise InvalidScores(reader.errors)
    return list(scores.values())


def _unasked(
    asked: Sequence[Criterion], scores: dict[str, Score], gate: Gate | None
) -> frozenset[str]:
    score = scores.get(gate.criterion) if gate else None
    if gate is None or score is None or score.value is None or score.value >= gate.minimum:
        return frozenset()
    return frozenset(criterion.code for criterion in asked if criterion.code != gate.criterion)


def _score(reader: Reader, criterion: Criterion) -> Score:
    entry = reader.content[criterion.code]
    if isinstance(entry, dict) and set(entry) == {"value"}:
        return Score(criterion_id=criterion.pk, value=_number(reader, criterion, entry["value"]))
    if isinstance(entry, dict) and entry.get("code") == Score.Code.CANNOT_JUDGE:
        return _cannot_judge(reader, criterion, entry)
    reader.errors[criterion.code] = _("Give either a number, or that it cannot be judged and why.")
    return Score(criterion_id=criterion.pk)


def _number(reader: Reader, criterion: Criterion, text: Any) -> Decimal | None:
    match = NUMBER.fullmatch(text) if isinstance(text, str) else None
    if match is None or len(match[1] or "") > criterion.decimals:
        reader.errors[criterion.code] = (
            ngettext(
                "At most %d digit after the decimal point.",
                "At most %d digits after the decimal point.",
                criterion.decimals,
            )
            % criterion.decimals
            if criterion.decimals
            else _("Whole numbers only.")
        )
        return None
    # Adding nothing turns -0 into 0
    number = Decimal(text) + 0
    if not criterion.minimum <= number <= criterion.maximum:
        reader.errors[criterion.code] = _("From %(minimum)s to %(maximum)s.") % {
            "minimum": f"{criterion.minimum:.{criterion.decimals}f}",
            "maximum": f"{criterion.maximum:.{criterion.decimals}f}",
        }
        return None
    return number


def _cannot_judge(reader: Reader, criterion: Criterion, entry: dict[str, Any]) -> Score:
    inner = Reader(entry)
    inner.refuse_others(("code", "reason", "text"))
    reason = inner.choice("reason", Score.CannotJudge.values)
    text = inner.text("text", LONGEST_REASON_TEXT).strip()
    if reason == Score.CannotJudge.OTHER and not text:
        inner.errors["text"] = _("Say why it cannot be judged.")
    if inner.errors:
        reader.errors[criterion.code] = " ".join(inner.errors.values())
    return Score(
        criterion_id=criterion.pk, code=Score.Code.CANNOT_JUDGE, reason=reason, reason_text=text
    )
