"""Hiding and withdrawing an item that no rater has reported."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sts_qa.rating.actions import items
from sts_qa.rating.errors import RatingError
from sts_qa.rating.forms import ChangeItemForm
from sts_qa.studies.errors import StudyError
from sts_qa.studies.models import SampledItem, Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def change_item(request: HttpRequest, study, number: int) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    units = coordinated.sample.select_related("item_version__item__category", "frame_entry")
    unit = get_object_or_404(units, number=number)
    is_open = coordinated.state in (Study.State.RUNNING, Study.State.PAUSED)
    form = ChangeItemForm(
        request.POST or None,
        possible=items.possible_changes(unit) if is_open else [],
        is_slice=unit.slice_index is not None,
    )
    if request.method == "POST" and form.is_valid() and _change(request, unit, form):
        messages.success(request, _("Done, and recorded."))
        return redirect("rating:change_item", coordinated.public_id, number)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "studies:show_manifest"),
        "unit": unit,
        "slice_number": None if unit.slice_index is None else unit.slice_index + 1,
        "is_open": is_open,
        "form": form,
    }
    return render(request, "rating/change_item.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, unit: SampledItem, form: ChangeItemForm) -> bool:
    try:
        items.change_item(
            sampled_item=unit,
            change=form.cleaned_data["change"],
            whole_image=form.cleaned_data.get("whole_image", False),
            reason=form.cleaned_data["reason"],
            acting_user=request.user,
        )
    except (RatingError, StudyError) as error:
        form.add_error(None, str(error))
        return False
    return True
