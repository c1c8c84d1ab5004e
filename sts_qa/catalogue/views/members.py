"""Who sees a dataset."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue import actions
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.forms import AddMemberForm
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.datasets import members_of


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
@never_cache
def manage_members(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    """List the members; a posted form adds one."""
    dataset = dataset_or_404(request.user, dataset_id)
    form = AddMemberForm(dataset, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.user is not None:
        actions.add_member(dataset=dataset, user=form.user, acting_user=request.user)
        text = _("%(person)s sees the dataset from now on.")
        messages.success(request, text % {"person": form.user})
        return redirect("catalogue:manage_members", dataset.pk)
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "catalogue:manage_members"),
        "members": list(members_of(dataset)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "catalogue/manage_members.html", context, status=status)


@require_POST
@coordinator_required
def remove_member(request: LoggedInRequest, dataset_id: int, user_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    member = members_of(dataset).filter(user=user_id).first()
    if member is None:
        raise Http404
    try:
        actions.remove_member(dataset=dataset, user=member.user, acting_user=request.user)
    except CatalogueRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("catalogue:manage_members", dataset.pk)
    text = _("%(person)s no longer sees the dataset.")
    messages.success(request, text % {"person": member.user})
    if member.user == request.user and not request.user.is_superuser:
        return redirect("catalogue:list_datasets")
    return redirect("catalogue:manage_members", dataset.pk)
