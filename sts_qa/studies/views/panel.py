"""Choosing the raters behind the tables."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sts_qa.studies import actions
from sts_qa.studies.errors import StudyError
from sts_qa.studies.forms import ChoosePanelForm
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_study_or_404
from sts_qa.studies.queries.panel import current_panel
from sts_qa.studies.queries.programs import active_programs


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def choose_panel(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = coordinated_study_or_404(request.user, public_id)
    if study.started_at is None and not study.imported:
        messages.info(request, _("The panel can be chosen once the study was started."))
        return redirect("studies:show_study", study.public_id)
    raters, panel = current_panel(study)
    form = ChoosePanelForm(
        request.POST if request.method == "POST" else None,
        study=study,
        initial={"memberships": raters},
    )
    if form.is_bound and form.is_valid():
        try:
            actions.choose_panel(
                study=study,
                memberships=list(form.cleaned_data["memberships"]),
                reason=form.cleaned_data["reason"],
                acting_user=request.user,
            )
            messages.success(request, _("The panel is recorded; tables use it from now on."))
            return redirect("studies:show_study", study.public_id)
        except StudyError as error:
            form.add_error(None, str(error))
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:choose_panel"),
        "panel": panel,
        "programs": active_programs(study),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "studies/choose_panel.html", context, status=status)
