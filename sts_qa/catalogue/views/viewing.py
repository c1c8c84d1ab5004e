"""How a dataset's images are shown to raters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import actions
from sts_qa.catalogue.forms import ViewingForms
from sts_qa.catalogue.forms.viewing import with_row, without_row
from sts_qa.catalogue.models import Dataset
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.viewing import MOST_PRESETS


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
@never_cache
def set_viewing(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """Show the settings; a posted form stores them, or only adds or removes a row of presets."""
    dataset = dataset_or_404(request.user, dataset_id)
    if request.method != "POST":
        return _page(request, dataset, ViewingForms(dataset))
    if "add_row" in request.POST:
        return _page(request, dataset, ViewingForms(dataset, with_row(request.POST)).quiet())
    if "remove_row" in request.POST:
        data = without_row(request.POST, request.POST["remove_row"])
        return _page(request, dataset, ViewingForms(dataset, data).quiet())
    viewing = ViewingForms(dataset, request.POST)
    if "preview" in request.POST:
        return _page(request, dataset, viewing.quiet())
    if not viewing.is_valid():
        return _page(request, dataset, viewing, status=422)
    if actions.set_viewing(dataset=dataset, acting_user=request.user, **viewing.settings()):
        text = _("The settings for viewing are stored. Studies that have started keep theirs.")
        messages.success(request, text)
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect("catalogue:set_viewing", dataset.pk)


@require_POST
@coordinator_required
@never_cache
def preview_viewing(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """Answer with what would come of the settings as they are typed; nothing is stored."""
    dataset = dataset_or_404(request.user, dataset_id)
    context = {"viewing": ViewingForms(dataset, request.POST).quiet()}
    return render(request, "catalogue/preview_viewing.html", context)


def _page(
    request: LoggedInRequest, dataset: Dataset, viewing: ViewingForms, status: int = 200
) -> HttpResponse:
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "catalogue:set_viewing"),
        "viewing": viewing,
        "problems": list(viewing.problems()) if status != 200 else [],
        "most_presets": MOST_PRESETS,
    }
    return render(request, "catalogue/set_viewing.html", context, status=status)
