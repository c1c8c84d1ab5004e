"""Questions: asked by raters, seen and settled by coordinators."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sts_qa.rating.actions import questions
from sts_qa.rating.actions.clarifications import refused_publication
from sts_qa.rating.decorators import body_of, for_the_page
from sts_qa.rating.errors import RatingError
from sts_qa.rating.forms import CloseQuestionForm
from sts_qa.rating.queries.access import own_assignment_or_404
from sts_qa.rating.queries.clarifications import active_raters, published
from sts_qa.rating.queries.item_pages import opens_item_pages
from sts_qa.rating.queries.questions import OPEN, open_questions, questions_of
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_items_or_404

SETTLED_SHOWN = 100


@for_the_page
@require_POST
def ask_question(request: HttpRequest, token: str) -> HttpResponse:
    assignment = own_assignment_or_404(request.user, token)
    asked = questions.ask_question(
        assignment=assignment,
        sent=questions.read_question(body_of(request)),
        acting_user=request.user,
    )
    return JsonResponse({}, status=200 if asked.is_resend else 201)


@login_required
@never_cache
@require_safe
def list_questions(request: HttpRequest, study) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:list_questions"),
        "open_questions": open_questions(coordinated),
        "settled_questions": questions_of(coordinated).exclude(OPEN)[:SETTLED_SHOWN],
        "opens_items": opens_item_pages(request.user, coordinated.dataset_id),
        "clarifications": published(coordinated),
        "rater_count": active_raters(coordinated).count(),
        "refusal": refused_publication(coordinated),
    }
    return render(request, "rating/list_questions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def close_question(request: HttpRequest, study, question) -> HttpResponse:
    coordinated, membership = coordinated_items_or_404(request.user, study)
    asked = get_object_or_404(questions_of(coordinated), public_id=question)
    form = CloseQuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            questions.close_question(
                question=asked, note=form.cleaned_data["note"], acting_user=request.user
            )
        except RatingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The question is settled."))
            return redirect("rating:list_questions", coordinated.public_id)
    context = {
        "study": coordinated,
        "tabs": study_tabs(coordinated, membership, "rating:list_questions"),
        "question": asked,
        "opens_items": opens_item_pages(request.user, coordinated.dataset_id),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "rating/close_question.html", context, status=status)
