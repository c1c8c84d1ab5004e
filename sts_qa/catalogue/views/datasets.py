"""Pages of datasets: the list, a new one, and what one consists of."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.forms import CreateDatasetForm
from sts_qa.catalogue.models import ImportRun
from sts_qa.catalogue.navigation import address_of, dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.composition import (
    REASONS_OUT,
    composition,
    parts,
    sizes,
    stored_bytes,
)
from sts_qa.catalogue.queries.datasets import listed_datasets, members_of
from sts_qa.jobs.queries import latest_job, may_follow

SHOWN_IMPORTS = 10


@require_safe
@coordinator_required
@never_cache
def list_datasets(request: LoggedInRequest) -> HttpResponse:
    rows = listed_datasets(request.user)
    return render(request, "catalogue/list_datasets.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
def create_dataset(request: LoggedInRequest) -> HttpResponse:
    form = CreateDatasetForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            dataset = actions.create_dataset(
                name=form.cleaned_data["name"], acting_user=request.user
            )
        except CatalogueRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            text = _("The dataset %(name)s is made. Now import its files.")
            messages.success(request, text % {"name": dataset.name})
            return redirect("catalogue:start_import", dataset.pk)
    status = 422 if form.errors else 200
    return render(request, "catalogue/create_dataset.html", {"form": form}, status=status)


@require_safe
@coordinator_required
@never_cache
def show_dataset(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    counted = composition(dataset)
    size_rows, more_sizes = sizes(dataset)
    runs = ImportRun.objects.filter(dataset=dataset).select_related("created_by", "job")
    part_rows = parts(dataset)
    volumes_job = latest_job("build_stores", "dataset", dataset.pk)
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "catalogue:show_dataset"),
        "composition": counted,
        "reasons_out": REASONS_OUT,
        "parts": part_rows,
        "has_slices": any(row.slices for row in part_rows),
        "sizes": size_rows,
        "more_sizes": more_sizes,
        "stored": stored_bytes(dataset),
        "runs": runs.order_by("-pk")[:SHOWN_IMPORTS],
        "members": members_of(dataset),
        "metrics_url": address_of("measurements:show_metrics", dataset.pk),
        "metrics_job": latest_job("compute_metrics", "dataset", dataset.pk),
        "volumes_job": volumes_job,
        "may_follow_volumes": volumes_job is not None and may_follow(request.user, volumes_job),
    }
    return render(request, "catalogue/show_dataset.html", context)
