"""Reports of problems by raters, and what coordinators decide on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.rating.actions.locking import locked_assignment, locked_membership, locked_study
from sts_qa.rating.body import Reader, read_object
from sts_qa.rating.errors import InvalidSubmission, RatingError
from sts_qa.rating.models import ProblemReport
from sts_qa.rating.queries.access import check_open
from sts_qa.rating.queries.problems import open_privacy_reports, refused_decisions
from sts_qa.studies.actions import (
    add_from_reserve,
    hide_sampled_item,
    show_sampled_item,
    withdraw_sampled_item,
)
from sts_qa.studies.actions.sample_changes import keep_entry, next_of_reserve
from sts_qa.studies.models import Assignment, SampledItem, Study
from sts_qa.studies.queries.sample import units_of_same_image

FIELDS = ("idempotency_key", "kind", "text")
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class SentProblem:
    idempotency_key: str
    kind: str
    text: str


@dataclass(frozen=True)
class Reported:
    """The stored report, whether its item is hidden by it, and whether it is a resend."""

    report: ProblemReport
    hidden: bool
    is_resend: bool


def read_problem(data: bytes) -> SentProblem:
    """Read a report from its JSON; raises `InvalidSubmission` where something is wrong."""
    return problem_of(read_object(data))


def problem_of(content: dict[str, Any]) -> SentProblem:
    """Read the same from a JSON object."""
    reader = Reader(content)
    reader.refuse_others(FIELDS)
    sent = SentProblem(
        idempotency_key=reader.key("idempotency_key"),
        kind=reader.choice("kind", ProblemReport.Kind.values),
        text=reader.text("text", LONGEST_TEXT).strip(),
    )
    if sent.kind == ProblemReport.Kind.OTHER and not sent.text:
        reader.errors.setdefault("text", _("Say what is wrong."))
    reader.finish()
    return sent


def report_problem(*, assignment: Assignment, sent: SentProblem, acting_user: Any) -> Reported:
    """Store a rater's report; "privacy" hides the image, with all its slices, at once.

    Also taken while the study is paused: what it says may be why it should not go on.
    """
    with transaction.atomic():
        study = locked_study(assignment.membership.study_id)
        membership = locked_membership(assignment.membership_id, study)
        assignment = locked_assignment(assignment.pk, membership)
        hides = sent.kind == ProblemReport.Kind.PRIVACY
        key = sent.idempotency_key
        first = assignment.problem_reports.filter(idempotency_key=key).first()
        if first is not None:
            if (first.kind, first.text) != (sent.kind, sent.text):
                raise InvalidSubmission(
                    {"idempotency_key": _("This key was used for another report of the item.")},
                    problem="idempotency",
                )
            return Reported(first, hides, is_resend=True)
        check_open(membership, or_paused=True)
        report = ProblemReport.objects.create(
            assignment=assignment, kind=sent.kind, text=sent.text, idempotency_key=key
        )
        _record(report, study, acting_user, "problem.reported", {"kind": report.kind})
        if hides:
            for unit in units_of_same_image(assignment.sampled_item):
                hide_sampled_item(sampled_item=unit, reason="privacy", acting_user=acting_user)
        return Reported(report, hides, is_resend=False)


def decide_problem(
    *, report: ProblemReport, decision: str, note: str = "", acting_user: Any
) -> ProblemReport:
    """Keep the item, withdraw it, or withdraw it and take the next of the reserve.

    Raises
    ------
    RatingError
        When the report was decided already, the decision is not possible now, or the reason of a
        withdrawal is missing.
    sts_qa.studies.errors.StudyError
        When the item cannot be replaced; nothing is changed then.
    """
    unit, note = report.assignment.sampled_item, note.strip()
    if decision == ProblemReport.Decision.REPLACE:
        _keep_next_of_reserve(unit)
    with transaction.atomic():
        study = locked_study(unit.study_id, no_key=False)
        report = ProblemReport.objects.select_for_update().get(pk=report.pk)
        unit = SampledItem.objects.get(pk=unit.pk)
        if report.decision:
            raise RatingError("decided", _("This report was decided already."))
        if refusal := refused_decisions(study, unit).get(decision):
            raise RatingError("refused", refusal)
        if decision != ProblemReport.Decision.KEEP and not note:
            raise RatingError("reason", _("Say why the item is withdrawn."))
        report.decision = decision
        report.decision_note = note
        report.decided_by = acting_user
        report.decided_at = timezone.now()
        report.save(update_fields=["decision", "decision_note", "decided_by", "decided_at"])
        details = {"decision": decision}
        _record(report, study, acting_user, "problem.decided", details, note)
        _carry_out(report, unit, acting_user)
    return report


def _carry_out(report: ProblemReport, unit: SampledItem, acting_user: Any) -> None:
    reason = f"{report.kind}: {report.decision_note}".strip(": ")
    if report.decision == ProblemReport.Decision.KEEP:
        if not open_privacy_reports(unit).exists():
            for shown in units_of_same_image(unit):
                show_sampled_item(sampled_item=shown, reason=reason, acting_user=acting_user)
        return
    replaces = report.decision == ProblemReport.Decision.REPLACE
    if replaces and unit.withdrawn_at is not None:
        raise RatingError("withdrawn", _("This item was withdrawn already; it is not replaced."))
    # What identifies a person does so on every slice, and only a whole volume can be replaced
    whole_image = replaces or report.kind == ProblemReport.Kind.PRIVACY
    for withdrawn in units_of_same_image(unit) if whole_image else [unit]:
        if withdrawn.withdrawn_at is None:
            withdraw_sampled_item(sampled_item=withdrawn, reason=reason, acting_user=acting_user)
    if replaces:
        add_from_reserve(replaces=unit, acting_user=acting_user)


def _keep_next_of_reserve(unit: SampledItem) -> None:
    """Copy the next item's bytes before the transaction, which must stay short."""
    if refused_decisions(unit.study, unit).get(ProblemReport.Decision.REPLACE):
        return
    entry = next_of_reserve(unit)
    if entry is not None:
        keep_entry(unit.study, entry)


def _record(
    report: ProblemReport,
    study: Study,
    acting_user: Any,
    action: str,
    details: dict,
    note: str = "",
) -> None:
    record(
        chain=study_chain(study.pk),
        action=action,
        acting_user=acting_user,
        subject=report,
        details={"assignment": report.assignment_id, **details},
        note=note,
    )
