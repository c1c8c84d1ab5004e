"""Drawing the sample, starting, pausing, resuming, closing, and unsealing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.studies import actions
from sts_qa.studies.actions.life_cycle import program_rating_counts, rating_counts
from sts_qa.studies.errors import StudyError
from sts_qa.studies.forms import ReasonForm
from sts_qa.studies.models import Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_study_or_404
from sts_qa.studies.queries.people import members_of
from sts_qa.studies.queries.plan import PlanError


@require_POST
@login_required
def draw_sample(request: HttpRequest, public_id) -> HttpResponse:
    return _act(request, public_id, actions.draw_sample, _("The sample is drawn."))


@require_POST
@login_required
def start_study(request: HttpRequest, public_id) -> HttpResponse:
    """Queue the start; its progress is shown by the page that follows."""
    return _act(request, public_id, actions.start_study, "")


@require_POST
@login_required
def pause_study(request: HttpRequest, public_id) -> HttpResponse:
    text = _("The study is paused. What raters still send is kept as late.")
    return _act(request, public_id, actions.pause_study, text)


@require_POST
@login_required
def resume_study(request: HttpRequest, public_id) -> HttpResponse:
    return _act(request, public_id, actions.resume_study, _("The study runs again."))


def _act(request: HttpRequest, public_id, action: Callable[..., Any], success: str) -> HttpResponse:
    study, _membership = coordinated_study_or_404(request.user, public_id)
    try:
        action(study=study, acting_user=request.user)
    except (StudyError, PlanError) as error:
        messages.error(request, str(error))
    else:
        if success:
            messages.success(request, success)
    return redirect("studies:show_study", study.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def close_study(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = coordinated_study_or_404(request.user, public_id)
    if request.method == "POST":
        text = _("The study is closed; its results are open.")
        return _act(request, public_id, actions.close_study, text)
    if study.state not in (Study.State.RUNNING, Study.State.PAUSED):
        messages.warning(request, _("Only a running or paused study can be closed."))
        return redirect("studies:show_study", study.public_id)
    raters = [
        member
        for member in members_of(study, with_names=True)
        if member.membership.rates and member.membership.is_active
    ]
    done, due = rating_counts(study)
    by_programs, due_by_programs = program_rating_counts(study)
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:close_study"),
        "raters": [member for member in raters if member.membership.is_expert],
        "programs": [member for member in raters if member.membership.is_program],
        "done": done,
        "due": due,
        "missing": due - done,
        "by_programs": by_programs,
        "due_by_programs": due_by_programs,
    }
    return render(request, "studies/close_study.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def unseal_results(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = coordinated_study_or_404(request.user, public_id)
    if study.started_at is None:
        messages.info(request, _("This study was not started; there are no results to unseal."))
        return redirect("studies:show_study", study.public_id)
    if not study.is_sealed:
        messages.info(request, _("The results of this study are open already."))
        return redirect("studies:show_study", study.public_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.unseal_results(
                study=study, reason=form.cleaned_data["reason"], acting_user=request.user
            )
            messages.success(request, _("The results are open; every table will say so."))
            return redirect("studies:show_study", study.public_id)
        except StudyError as error:
            form.add_error(None, str(error))
    done, due = rating_counts(study)
    by_programs, due_by_programs = program_rating_counts(study)
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:unseal_results"),
        "form": form,
        "done": done,
        "due": due,
        "by_programs": by_programs,
        "due_by_programs": due_by_programs,
    }
    status = 422 if form.errors else 200
    return render(request, "studies/unseal_results.html", context, status=status)
