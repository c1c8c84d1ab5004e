"""What every table ends with: where its numbers come from, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sts_qa.protocols.queries import title_of
from sts_qa.rating.models import Rating
from sts_qa.reports.queries.sample import sample_counts
from sts_qa.reports.queries.scores import COUNTED
from sts_qa.reports.tables.imported import days_of_ratings, imported_note, imported_origin
from sts_qa.reports.tables.programs import rater_name
from sts_qa.studies.actions.life_cycle import program_rating_counts, rating_counts
from sts_qa.studies.models import Assignment, Membership, Study
from sts_qa.studies.queries.panel import current_panel

NOTHING = "-"


def provenance_of(
    study: Study, panel: Sequence[Membership] = (), *, programs: str = ""
) -> dict[str, str]:
    """Return the provenance line as label and text, in the order printed.

    `programs` says what became of raters that are programs.
    """
    version = study.protocol_version
    counts = sample_counts(study).values()
    drawn, frame = sum(c["drawn"] for c in counts), sum(c["frame"] for c in counts)
    lines = {
        _("Study"): study.name,
        _("Protocol"): _("%(title)s, version %(number)d, SHA-256 %(checksum)s")
        % {
            "title": title_of(version, get_language() or "en"),
            "number": version.number,
            "checksum": version.checksum,
        },
        _("Clarifications"): _clarifications(study),
        _("Dataset"): study.dataset.name,
        _("Frame hash"): study.frame_hash,
        **(imported_origin(study) if study.imported else _drawing(study, drawn, frame)),
    }
    lines[_("View")] = _view(study)
    if panel:
        lines[_("Panel")] = ", ".join(rater_name(member) for member in panel)
    if programs:
        lines[_("Programs")] = programs
    lines[_("Dates")] = _("%(start)s to %(end)s") % _dates(study)
    lines[_("Results seen before closing")] = _seen_before_closing(study)
    lines[_("Software")] = f"STS-QA {settings.SOFTWARE_VERSION}"
    lines[_("Cite as")] = _cited(study)
    return lines


def _drawing(study: Study, drawn: int, frame: int) -> dict[str, str]:
    return {
        _("Seed"): str(study.seed),
        _("Drawn"): _("%(drawn)d of %(frame)d") % {"drawn": drawn, "frame": frame},
    }


def _dates(study: Study) -> dict[str, str]:
    if study.imported:
        first, last = days_of_ratings(study)
        return {"start": _day(first), "end": _day(last)}
    return {"start": _day(study.started_at), "end": _day(study.closed_at)}


def _cited(study: Study) -> str:
    text = (
        _("%(name)s. Imported ratings, STS-QA %(version)s, sample %(hash)s.")
        if study.imported
        else _("%(name)s. STS-QA %(version)s, sample %(hash)s, seed %(seed)d.")
    )
    return text % {
        "name": study.name,
        "version": settings.SOFTWARE_VERSION,
        "hash": study.frame_hash[:12],
        "seed": study.seed,
    }


def _clarifications(study: Study) -> str:
    """Return how many there were, then each with its day and the ratings made before it."""
    lines = [
        ngettext(
            "number %(number)d on %(day)s after %(n)d rating",
            "number %(number)d on %(day)s after %(n)d ratings",
            clarification.ratings_before,
        )
        % {
            "number": clarification.number,
            "day": _day(clarification.published_at),
            "n": clarification.ratings_before,
        }
        for clarification in study.clarifications.order_by("number")
    ]
    return f"{len(lines)}: {'; '.join(lines)}" if lines else "0"


def _view(study: Study) -> str:
    """Say how freely raters could look; of ratings given elsewhere that is not known."""
    if study.imported:
        return NOTHING
    if study.view_policy == Study.ViewPolicy.LOCKED:
        return _("locked to the standard view")
    if study.carries_window:
        return _("standard, then free; a window stayed for the next images of the same kind")
    return _("standard, then free")


def _day(moment) -> str:
    return moment.date().isoformat() if moment else NOTHING


def _seen_before_closing(study: Study) -> str:
    if study.imported:
        return NOTHING
    return _("yes") if study.live_results or study.unsealed_at is not None else _("no")


def notes_of(
    study: Study,
    panel: Sequence[Membership],
    ratings: QuerySet[Rating],
    *,
    beside: Sequence[Membership] = (),
) -> list[str]:
    """Return what a reader of score tables must know, one sentence each.

    `ratings` are those in the table; `beside` are programs in rows of their own.
    """
    programs = any(member.is_program for member in (*panel, *beside))
    notes: list[str] = []
    if study.simulated:
        notes.append(_("Simulated ratings: no expert has seen these images."))
    if study.imported:
        notes.append(imported_note())
    return [
        *notes,
        *_progress_notes(study, programs=programs),
        _channel_note(ratings),
        *_panel_notes(study, panel),
        *_late_notes(study, panel),
        *_sample_notes(study, panel),
    ]


def _progress_notes(study: Study, *, programs: bool) -> list[str]:
    """Say how many ratings there were at closing and when results were first seen.

    Those of `programs` are counted where the table holds ratings of any.
    """
    notes = []
    done, due = rating_counts(study)
    if programs:
        by_programs, due_by_programs = program_rating_counts(study)
        done, due = done + by_programs, due + due_by_programs
    if study.state == Study.State.CLOSED and done < due:
        notes.append(
            _("The study was closed incomplete: %(done)d of %(due)d ratings.")
            % {"done": done, "due": due}
        )
    if study.live_results:
        notes.append(_("Results seen from 0 of %d ratings on.") % due)
    elif study.unsealed_at is not None:
        notes += _unsealing_notes(study, programs=programs)
    return notes


def _unsealing_notes(study: Study, *, programs: bool) -> list[str]:
    done, due = study.ratings_at_unsealing or 0, study.ratings_due_at_unsealing or 0
    by_programs = study.program_ratings_at_unsealing
    if programs:
        done += by_programs or 0
        due += study.program_ratings_due_at_unsealing or 0
    seen = _("Results seen from %(done)d of %(due)d ratings on.") % {"done": done, "due": due}
    if programs and by_programs is None:
        return [seen, _("Ratings of programs were not counted when results were first seen.")]
    return [seen]


def _channel_note(ratings: QuerySet[Rating]) -> str:
    counts = dict(ratings.order_by().values_list("channel").annotate(n=Count("id")))
    given = ", ".join(
        _("%(channel)s %(n)d") % {"channel": channel.label, "n": counts.get(channel.value, 0)}
        for channel in Rating.Channel
    )
    return _("Ratings by channel: %s.") % given


def _of(panel: Sequence[Membership], membership: str) -> Q:
    """Return the condition for what is of people, or of a program that is in the panel."""
    return Q(**{f"{membership}__model_name": ""}) | Q(**{f"{membership}__in": panel})


def _late_notes(study: Study, panel: Sequence[Membership]) -> list[str]:
    late = Rating.objects.filter(
        _of(panel, "assignment__membership"),
        assignment__sampled_item__study=study,
        is_late=True,
    )
    counts = late.aggregate(all=Count("id"), admitted=Count("id", filter=COUNTED))
    if not counts["all"]:
        return []
    return [
        _("Late ratings: %(admitted)d admitted, %(left_out)d left out.")
        % {"admitted": counts["admitted"], "left_out": counts["all"] - counts["admitted"]}
    ]


def _sample_notes(study: Study, panel: Sequence[Membership]) -> list[str]:
    notes = []
    if not study.sample.exclude(item_version__item__subject="").exists():
        notes.append(_("Subjects unknown: items treated as independent."))
    dropped = Assignment.objects.filter(
        _of(panel, "membership"),
        membership__study=study,
        kind=Assignment.Kind.REPEAT,
        drop_reason="repeat_distance",
    ).count()
    if dropped:
        notes.append(
            ngettext(
                "%d repeat was dropped because its least distance could not be kept.",
                "%d repeats were dropped because their least distance could not be kept.",
                dropped,
            )
            % dropped
        )
    return notes


def _panel_notes(study: Study, panel: Sequence[Membership]) -> list[str]:
    notes = []
    unblinded = sum(member.role == Membership.Role.COORDINATOR for member in panel)
    if unblinded:
        notes.append(
            _("Unblinded raters: %(unblinded)d of %(raters)d.")
            % {"unblinded": unblinded, "raters": len(panel)}
        )
    chosen = {member.pk for member in panel}
    left_out = [
        member
        for member in study.memberships.order_by("pseudonym")
        if member.is_expert and member.pk not in chosen and member.pseudonym is not None
    ]
    if left_out:
        names = ", ".join(rater_name(member) for member in left_out)
        notes.append(
            ngettext(
                "Left out of the panel: %(names)s (%(n)d rating).",
                "Left out of the panel: %(names)s (%(n)d ratings).",
                sum(member.rated_count for member in left_out),
            )
            % {"names": names, "n": sum(member.rated_count for member in left_out)}
        )
    choice = current_panel(study)[1]
    if choice is not None:
        text = (
            _("The panel was chosen after results could be seen, on %(day)s: %(reason)s")
            if choice.after_results_seen
            else _("The panel was chosen before results could be seen, on %(day)s: %(reason)s")
        )
        notes.append(text % {"day": _day(choice.chosen_at), "reason": choice.reason or NOTHING})
    return notes + _replacement_notes(panel)


def _replacement_notes(panel: Sequence[Membership]) -> list[str]:
    return [
        (
            _("Rater %(new)d rated what rater %(old)d had left.")
            if member.only_the_rest
            else _("Rater %(new)d replaces rater %(old)d.")
        )
        % {"new": member.pseudonym, "old": member.replaces.pseudonym}
        for member in panel
        if member.replaces is not None and member.replaces.pseudonym is not None
    ]
