"""Creating a study, and changing its plan while nothing is drawn."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.studies import actions
from sts_qa.studies.errors import StudyError
from sts_qa.studies.forms import CreateStudyForm, PlanForm
from sts_qa.studies.models import Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_study_or_404
from sts_qa.studies.queries.plan import Workload, plan_rows


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
@never_cache
def create_study(request: HttpRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = CreateStudyForm(data, user=request.user, dataset_id=request.GET.get("dataset", ""))
    status = 200
    if data is not None and form.is_valid() and not _wants_preview(request):
        try:
            study = actions.create_study(
                name=form.cleaned_data["name"],
                dataset=form.cleaned_data["dataset"],
                protocol_version=form.versions[form.cleaned_data["protocol_version"]],
                acting_user=request.user,
                **form.plan(),
            )
            messages.success(request, _("The study is a draft. Add its raters next."))
            return redirect("studies:show_study", study.public_id)
        except StudyError as error:
            form.add_error(None, str(error))
    if data is not None and not _wants_preview(request):
        status = 422
    context = {"form": form, **_preview(form, asked=_wants_preview(request))}
    return render(request, "studies/create_study.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def edit_plan(request: HttpRequest, public_id) -> HttpResponse:
    study, membership = coordinated_study_or_404(request.user, public_id)
    if study.drawn_at is not None or study.state != Study.State.DRAFT:
        messages.warning(request, _("The sample is drawn: the plan can no longer be changed."))
        return redirect("studies:show_study", study.public_id)
    data = request.POST if request.method == "POST" else None
    form = _plan_form(study, data)
    status = 200
    if data is not None and not _wants_preview(request):
        if form.is_valid():
            try:
                actions.update_plan(study=study, acting_user=request.user, **form.plan())
                messages.success(request, _("The plan is changed."))
                return redirect("studies:show_study", study.public_id)
            except StudyError as error:
                form.add_error(None, str(error))
        status = 422
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "studies:edit_plan"),
        "form": form,
        **_preview(form, asked=_wants_preview(request)),
    }
    return render(request, "studies/edit_plan.html", context, status=status)


@require_POST
@login_required
@never_cache
def preview_plan(request: HttpRequest, public_id=None) -> HttpResponse:
    """Answer with what the plan in the form would draw; nothing is stored."""
    if public_id is None:
        return _preview_new(request)
    study, _membership = coordinated_study_or_404(request.user, public_id)
    return _preview_answer(request, _plan_form(study, request.POST))


@coordinator_required
def _preview_new(request: HttpRequest) -> HttpResponse:
    return _preview_answer(request, CreateStudyForm(request.POST, user=request.user))


def _preview_answer(request: HttpRequest, form: PlanForm) -> HttpResponse:
    context = {
        "form": form,
        "sizes_changed": request.POST.get("sizes_shape") != form.sizes_shape(),
        **_preview(form, asked=True),
    }
    return render(request, "studies/preview_plan.html", context)


def _plan_form(study: Study, data: Any) -> PlanForm:
    return PlanForm(
        data,
        dataset=study.dataset,
        protocol_version=study.protocol_version,
        initial=PlanForm.initial_of(study),
    )


def _wants_preview(request: HttpRequest) -> bool:
    return request.method == "POST" and "preview" in request.POST


def _preview(form: PlanForm, *, asked: bool) -> dict[str, Any]:
    """Return what is drawn by the form as it stands, or by its initial values when unbound.

    Of a form that is only asked for its preview, errors in fields that the plan does not need
    stay unsaid.
    """
    source = form
    if not form.is_bound:
        source = PlanForm(
            _initial_data(form), dataset=form.chosen_dataset, protocol_version=form.chosen_protocol
        )
    source.is_valid()
    problems = [str(error) for error in source.non_field_errors()]
    problems += [
        f"{source[name].label}: {error}"
        for name, errors in source.errors.items()
        if name not in ("__all__", "name")
        for error in errors
    ]
    rows, total = plan_rows(source.planned) if source.planned else ([], None)
    hours = source.workload()
    return {
        "rows": rows,
        "total": total,
        "workload": hours,
        "workload_parts": _parts(hours) if hours else "",
        "workload_raters": source.raters() if hours else 0,
        "all_hours": hours.hours * source.raters() if hours else 0,
        "plan_problems": problems if asked or not form.is_bound else [],
    }


def _parts(hours: Workload) -> str:
    """Say what one rater's hours are made of."""
    parts = [
        (hours.radiographs, ngettext("%d radiograph", "%d radiographs", hours.radiographs)),
        (hours.volumes, ngettext("%d volume", "%d volumes", hours.volumes)),
        (hours.slices, ngettext("%d slice", "%d slices", hours.slices)),
        (hours.repeats, ngettext("%d repeat", "%d repeats", hours.repeats)),
    ]
    return ", ".join(text % number for number, text in parts if number)


def _initial_data(form: PlanForm) -> dict[str, Any]:
    data = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in data.items() if value is not None and value is not False}
