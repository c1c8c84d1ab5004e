"""What score tables say of raters that are programs."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from sts_qa.studies.models import Membership, Study
from sts_qa.studies.queries.programs import program_label


def rater_name(member: Membership) -> str:
    """Return how a table names a rater: by number, a program with its name too."""
    number = _("rater %d") % member.pseudonym
    if not member.is_program:
        return number
    return _("%(rater)s: %(program)s") % {"rater": number, "program": program_label(member)}


def program_line(models: str, programs: Sequence[Membership]) -> str:
    """Return the provenance line on programs, empty where there are none and none are asked for.

    Parameters
    ----------
    models
        What becomes of them: 'none', 'beside' or 'panel'.
    """
    if not programs:
        return "" if models == "none" else _("none takes part in this study")
    names = ", ".join(program_label(program) for program in programs)
    return {
        "none": _("left out: %s"),
        "beside": _("in rows of their own, in no mean of the experts: %s"),
        "panel": _("counted as raters: %s"),
    }[models] % names


def program_notes(study: Study, models: str, programs: Sequence[Membership]) -> list[str]:
    """Return the notes on programs: how many ratings each gave, and which are left out."""
    notes = []
    if programs:
        given = ", ".join(_given(program) for program in programs)
        notes.append(
            {
                "none": _("Programs rated too and are left out: %s."),
                "beside": _(
                    "Programs have rows of their own: no mean, spread or number of the experts "
                    "counts them: %s."
                ),
                "panel": _("Programs count as raters here, as was asked for: %s."),
            }[models]
            % given
        )
    withdrawn = study.memberships.exclude(model_name="").filter(withdrawn_at__isnull=False)
    if models != "none" and withdrawn:
        given = ", ".join(_given(program) for program in withdrawn.order_by("pseudonym"))
        notes.append(_("Withdrawn programs are left out: %s.") % given)
    return notes


def _given(program: Membership) -> str:
    return _("%(program)s, %(done)d of %(due)d ratings") % {
        "program": program_label(program),
        "done": program.rated_count,
        "due": program.assigned_count,
    }
