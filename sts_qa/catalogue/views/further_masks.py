"""The page that imports further masks, and tells what became of the latest import."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.forms import MasksForm
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.jobs.queries import latest_job

MOST_ERRORS_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
@never_cache
def import_masks(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    if request.method != "POST":
        return _page(request, dataset, MasksForm())
    form = MasksForm(request.POST)
    if form.is_valid():
        try:
            actions.start_mask_import(
                dataset=dataset,
                root=form.place(),
                name=form.cleaned_data["name"],
                dry_run=form.cleaned_data["dry_run"],
                acting_user=request.user,
                roots=settings.IMPORT_ROOTS,
            )
            return redirect("catalogue:import_masks", dataset.pk)
        except CatalogueRefused as refusal:
            form.add_error(None, str(refusal))
    return _page(request, dataset, form)


def _page(request: LoggedInRequest, dataset: Dataset, form: MasksForm) -> HttpResponse:
    job = latest_job("import_masks", "dataset", dataset.pk)
    errors = job.result.get("errors", []) if job is not None else []
    context = {
        "dataset": dataset,
        "form": form,
        "has_roots": bool(settings.IMPORT_ROOTS),
        "folders": MasksForm.suggestions(),
        "job": job,
        "is_busy": job is not None and not job.is_finished,
        "errors": errors[:MOST_ERRORS_SHOWN],
        "error_count": job.result.get("refused", 0) if job is not None else 0,
    }
    status = 422 if form.errors else 200
    return render(request, "catalogue/import_masks.html", context, status=status)
