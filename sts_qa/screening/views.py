"""Pages of screening decisions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sts_qa.accounts.addresses import safe_next
from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue.forms import FilterForm
from sts_qa.catalogue.item_facts import item_context
from sts_qa.catalogue.navigation import dataset_tabs
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.catalogue.queries.items import item_or_404
from sts_qa.catalogue.queries.pages import page_of
from sts_qa.screening import actions
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.screening.forms import DecisionForm
from sts_qa.screening.models import ScreeningDecision
from sts_qa.screening.queries import history

PAGE_SIZE = 100
Outcome = ScreeningDecision.Outcome


@require_POST
@coordinator_required
def decide_item(request: LoggedInRequest, dataset_id: int, item_id: int) -> HttpResponse:
    """Take the decision posted from the item's page; show the form again when it is incomplete."""
    dataset = dataset_or_404(request.user, dataset_id)
    item = item_or_404(dataset, item_id)
    address = safe_next(request, reverse("catalogue:show_item", args=[dataset.pk, item.pk]))
    form = DecisionForm(item, request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            decision = actions.decide(
                item=item,
                outcome=values["outcome"],
                reason=values["reason"],
                note=values["note"],
                acting_user=request.user,
            )
        except ScreeningRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            is_out = decision.outcome == Outcome.EXCLUDE
            messages.success(request, _("Excluded.") if is_out else _("Kept."))
            return redirect(address)
    context = {**item_context(item), "form": form, "next": address}
    return render(request, "screening/decide_item.html", context, status=422)


@require_safe
@coordinator_required
@never_cache
def list_decisions(request: LoggedInRequest, dataset_id: int) -> HttpResponse:
    dataset = dataset_or_404(request.user, dataset_id)
    address = FilterForm(request.GET)
    page = page_of(
        history(dataset),
        ["pk"],
        size=PAGE_SIZE,
        after=address.number("after"),
        before=address.number("before"),
        descending=True,
    )
    context = {
        "dataset": dataset,
        "tabs": dataset_tabs(dataset, "screening:list_decisions"),
        "decisions": page.rows,
        "previous_url": f"?before={page.before}" if page.before else "",
        "next_url": f"?after={page.after}" if page.after else "",
    }
    return render(request, "screening/list_decisions.html", context)
