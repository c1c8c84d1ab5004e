"""Clarifications: written, looked at and published by coordinators, acknowledged by raters."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts.languages import own_name
from sts_qa.rating.actions import clarifications
from sts_qa.rating.body import identifier_of
from sts_qa.rating.decorators import for_the_page
from sts_qa.rating.errors import InvalidSubmission, RatingError
from sts_qa.rating.forms import PublishClarificationForm, text_field
from sts_qa.rating.models import Clarification
from sts_qa.rating.queries.access import rating_membership_or_404
from sts_qa.rating.queries.clarifications import (
    active_raters,
    last_number,
    published,
    required_languages,
)
from sts_qa.studies.models import Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404

PREVIEW, PUBLISH = "preview", "publish"
EARLIER_SHOWN = 5


@for_the_page
@require_POST
def acknowledge_clarification(request: HttpRequest, study, number: int) -> HttpResponse:
    membership = rating_membership_or_404(request.user, study)
    try:
        acknowledged = clarifications.acknowledge_clarification(
            membership=membership, number=number, acting_user=request.user
        )
    except Clarification.DoesNotExist:
        raise Http404 from None
    return JsonResponse({"acknowledged": acknowledged})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def publish_clarification(request: HttpRequest, study) -> HttpResponse:
    """Write, look at it as raters will see it, publish: one form in two steps."""
    coordinated, membership = coordinated_items_or_404(request.user, study)
    form = _form(request, coordinated)
    step = request.POST.get("step", "")
    is_preview = False
    if step in (PREVIEW, PUBLISH) and form.is_valid():
        if step == PUBLISH and _publish(request, coordinated, form):
            return redirect("rating:list_questions", coordinated.public_id)
        is_preview = step == PREVIEW and _can_publish(coordinated, form)
    earlier = published(coordinated).reverse()[:EARLIER_SHOWN]
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:list_questions"),
        "form": form,
        "preview": _shown_texts(form) if is_preview else None,
        "number": last_number(coordinated) + 1,
        "earlier": earlier,
        "rater_count": active_raters(coordinated).count(),
        "refusal": clarifications.refused_publication(coordinated),
    }
    status = 422 if form.errors else 200
    return render(request, "rating/publish_clarification.html", context, status=status)


def _form(request: HttpRequest, study: Study) -> PublishClarificationForm:
    required = required_languages(study)
    if request.method == "POST":
        return PublishClarificationForm(request.POST, study=study, required=required)
    asked = [identifier_of(text) for text in request.GET.getlist("question")]
    initial = {"questions": [question for question in asked if question]}
    return PublishClarificationForm(study=study, required=required, initial=initial)


def _shown_texts(form: PublishClarificationForm) -> list[dict[str, str]]:
    return [
        {"language": code, "name": own_name(code), "text": text}
        for code, text in form.texts().items()
    ]


def _can_publish(study: Study, form: PublishClarificationForm) -> bool:
    refusal = clarifications.refused_publication(study)
    if refusal:
        form.add_error(None, refusal)
    return not refusal


def _publish(request: HttpRequest, study: Study, form: PublishClarificationForm) -> bool:
    try:
        done = clarifications.publish_clarification(
            study=study,
            number=form.cleaned_data["number"] or 0,
            texts=form.texts(),
            questions=[question.public_id for question in form.cleaned_data["questions"]],
            acting_user=request.user,
        )
    except InvalidSubmission as error:
        for code, sentence in error.fields.items():
            form.add_error(text_field(code), sentence)
        return False
    except RatingError as error:
        form.add_error(None, str(error))
        return False
    messages.success(
        request,
        _("Clarification %d is published. Every rater sees it at the next item.")
        % done.clarification.number,
    )
    return True
