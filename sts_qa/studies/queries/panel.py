"""The panel behind a study's tables."""

from __future__ import annotations

from sts_qa.studies.models import Membership, Panel, Study


def current_panel(study: Study) -> tuple[list[Membership], Panel | None]:
    """Return the raters behind the tables and the record of their choice.

    Without a recorded choice these are all raters that are not withdrawn.
    """
    panel = study.panels.order_by("-id").first()
    if panel is not None:
        return list(panel.memberships.order_by("pseudonym")), panel
    raters = study.memberships.filter(withdrawn_at__isnull=True).order_by("pseudonym")
    return [membership for membership in raters if membership.rates], None
