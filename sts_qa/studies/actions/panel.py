"""Choosing the raters behind the tables, on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sts_qa.audit.actions import record, study_chain
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import Membership, Panel, Study


def choose_panel(
    *, study: Study, memberships: Sequence[Membership], reason: str, acting_user: Any
) -> Panel:
    """Choose whose ratings the tables use; marked when results could be seen by then.

    Programs are no part of it: a report counts them only when it is asked to.
    """
    if not memberships or any(not m.is_expert or m.study_id != study.pk for m in memberships):
        raise StudyError(_("Choose at least one of this study's raters."))
    with transaction.atomic():
        study = Study.objects.select_for_update().get(pk=study.pk)
        return _record_panel(study, memberships, reason, acting_user)


def record_changed_panel(
    *,
    study: Study,
    before: Sequence[Membership],
    leaving: Membership | None = None,
    joining: Membership | None = None,
    reason: str,
    acting_user: Any,
) -> Panel | None:
    """Record the panel that withdrawing or replacing a rater leaves, where one must be recorded.

    Once results can be seen, the tables would otherwise change with the raters and nothing would
    say that their choice may have been made with the results in view. A panel chosen before would
    keep who left, and leave out who took the place. Runs inside the transaction of that act, with
    the study locked.

    Parameters
    ----------
    before
        The panel as it was before the act, from `current_panel`.
    """
    if study.started_at is None or (study.is_sealed and not study.panels.exists()):
        return None
    after = [rater for rater in before if leaving is None or rater.pk != leaving.pk]
    if joining is not None:
        after.append(joining)
    if study.is_sealed and not after:
        return None
    return _record_panel(study, after, reason, acting_user)


def _record_panel(
    study: Study, memberships: Sequence[Membership], reason: str, acting_user: Any
) -> Panel:
    panel = Panel.objects.create(
        study=study,
        reason=reason,
        chosen_by=acting_user,
        after_results_seen=not study.is_sealed,
    )
    panel.memberships.set(memberships)
    record(
        chain=study_chain(study.pk),
        action="panel.chosen",
        acting_user=acting_user,
        subject=panel,
        details={
            "members": sorted(membership.pk for membership in memberships),
            "after_results_seen": panel.after_results_seen,
        },
        note=reason,
    )
    return panel
