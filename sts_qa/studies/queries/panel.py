"""The panel behind a study's tables."""

from __future__ import annotations

from collections.abc import Iterable

from sts_qa.studies.models import Membership, Panel, Study


def current_panel(study: Study) -> tuple[list[Membership], Panel | None]:
    """Return the raters behind the tables and the record of their choice.

    Without a recorded choice these are all raters that are not withdrawn, and those whose
    replacement rates only what they had left. Programs are never among them.
    """
    panel = study.panels.order_by("-id").first()
    if panel is not None:
        return list(panel.memberships.order_by("pseudonym")), panel
    raters = list(study.memberships.order_by("pseudonym"))
    continued = continued_raters(raters)
    return [
        rater for rater in raters if rater.is_expert and (rater.is_active or rater.pk in continued)
    ], None


def continued_raters(raters: Iterable[Membership]) -> set[int | None]:
    """Return the keys of those whose replacement rates only what they had left."""
    return {rater.replaces_id for rater in raters if rater.only_the_rest and rater.is_active}
