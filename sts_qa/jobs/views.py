"""Pages of long work: following it and stopping it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sts_qa.accounts.addresses import safe_next
from sts_qa.jobs import actions
from sts_qa.jobs.models import Job
from sts_qa.jobs.queries import job_or_404, subject_link

MOST_ERRORS_SHOWN = 200


@login_required
@require_GET
@never_cache
def show_job(request: HttpRequest, public_id) -> HttpResponse:
    job = job_or_404(request.user, public_id)
    errors = job.result.get("errors", [])
    context = {
        "job": job,
        "subject_link": subject_link(job),
        "errors": errors[:MOST_ERRORS_SHOWN],
        "error_count": len(errors),
    }
    return render(request, "jobs/show_job.html", context)


@login_required
@require_GET
@never_cache
def show_progress(request: HttpRequest, public_id) -> HttpResponse:
    job = job_or_404(request.user, public_id)
    response = render(request, "jobs/show_progress.html", {"job": job})
    if job.state in {Job.State.FAILED, Job.State.CANCELLED}:
        # What the page around it offered is no longer to be had
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def cancel_job(request: HttpRequest, public_id) -> HttpResponse:
    job = job_or_404(request.user, public_id)
    was_finished = job.is_finished
    job = actions.request_cancel(job=job, acting_user=request.user)
    if was_finished:
        messages.info(request, _("The work had already ended; nothing was stopped."))
    elif job.state == Job.State.CANCELLED:
        messages.success(request, _("The work was cancelled."))
    else:
        messages.success(
            request, _("The work stops after its current step. What is done stays done.")
        )
    return redirect(safe_next(request, job.get_absolute_url()))
