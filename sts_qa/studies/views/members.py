"""Who takes part: adding, inviting, withdrawing, replacing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.studies import actions
from sts_qa.studies.actions.people import INVITATION_DAYS
from sts_qa.studies.errors import StudyError
from sts_qa.studies.forms import AddMemberForm, AddModelRaterForm, ReasonForm, ReplaceRaterForm
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_study_or_404
from sts_qa.studies.queries.people import members_of
from sts_qa.studies.queries.programs import program_label


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def manage_members(request: HttpRequest, public_id) -> HttpResponse:
    """Show everyone; a POST adds one person and shows the invitation link this once."""
    study, own = coordinated_study_or_404(request.user, public_id)
    form = AddMemberForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            membership, secret = _add(request, study, form)
        except (StudyError, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            return _show_members(request, study, own, invited=membership, secret=secret)
    return _show_members(request, study, own, form=form, status=422 if form.errors else 200)


def _add(request: HttpRequest, study: Study, form: AddMemberForm) -> tuple[Membership, str]:
    with transaction.atomic():
        user = _account(request, form)
        membership = actions.add_member(
            study=study, user=user, role=form.cleaned_data["role"], acting_user=request.user
        )
        return membership, _first_link(request, membership)


def _account(request: HttpRequest, form: Any):
    if form.cleaned_data["user"] is not None:
        return form.cleaned_data["user"]
    return actions.create_account(
        username=form.cleaned_data["username"],
        full_name=form.cleaned_data["full_name"],
        language=form.cleaned_data["language"],
        acting_user=request.user,
    )


def _first_link(request: HttpRequest, membership: Membership) -> str:
    return actions.first_invitation(membership=membership, acting_user=request.user)


def _show_members(
    request: HttpRequest,
    study: Study,
    own: Membership,
    *,
    form: AddMemberForm | None = None,
    program_form: AddModelRaterForm | None = None,
    invited: Membership | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    link = reverse("studies:use_invitation", args=[secret]) if secret else ""
    members = members_of(study, with_names=True)
    context = {
        "study": study,
        "tabs": study_tabs(study, own, "studies:manage_members"),
        "members": members,
        "coordinators": sum(
            m.membership.role == Membership.Role.COORDINATOR and m.membership.is_active
            for m in members
        ),
        "own": own,
        "form": form or AddMemberForm(),
        "program_form": program_form or AddModelRaterForm(),
        "invited": invited,
        "invitation_link": request.build_absolute_uri(link) if link else "",
        "invitation_days": INVITATION_DAYS,
        "is_open": study.state != Study.State.CLOSED,
    }
    return render(request, "studies/manage_members.html", context, status=status)


def _to_members(study: Study) -> HttpResponse:
    """Go to the page of people, for who opens an address again that answered with that page."""
    return redirect("studies:manage_members", study.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def add_model_rater(request: HttpRequest, public_id) -> HttpResponse:
    """Let a program rate; an error stands in the form on the page of people."""
    study, own = coordinated_study_or_404(request.user, public_id)
    if request.method != "POST":
        return _to_members(study)
    form = AddModelRaterForm(request.POST)
    if form.is_valid():
        try:
            membership = actions.create_model_rater(
                study=study,
                name=form.cleaned_data["name"],
                version=form.cleaned_data["version"],
                acting_user=request.user,
            )
        except StudyError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%s takes part.") % program_label(membership))
            return redirect("studies:manage_members", study.public_id)
    return _show_members(request, study, own, program_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def invite_member(request: HttpRequest, public_id, member: int) -> HttpResponse:
    """Make a new link and show it this once; the former one stops working."""
    study, own = coordinated_study_or_404(request.user, public_id)
    if request.method != "POST":
        return _to_members(study)
    membership = _member_or_404(study, member)
    try:
        secret = actions.create_invitation(membership=membership, acting_user=request.user)
    except StudyError as error:
        messages.error(request, str(error))
        return redirect("studies:manage_members", study.public_id)
    return _show_members(request, study, own, invited=membership, secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def withdraw_member(request: HttpRequest, public_id, member: int) -> HttpResponse:
    study, own = coordinated_study_or_404(request.user, public_id)
    membership = _member_or_404(study, member)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.withdraw_member(
                membership=membership,
                reason=form.cleaned_data["reason"],
                acting_user=request.user,
            )
        except StudyError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%s was withdrawn.") % membership.user)
            if membership.pk == own.pk:
                return redirect("studies:list_studies")
            return redirect("studies:manage_members", study.public_id)
    context = {
        "study": study,
        "tabs": study_tabs(study, own, "studies:manage_members"),
        "membership": membership,
        "is_self": membership.pk == own.pk,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "studies/withdraw_member.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def replace_rater(request: HttpRequest, public_id, member: int) -> HttpResponse:
    study, own = coordinated_study_or_404(request.user, public_id)
    membership = _member_or_404(study, member)
    if membership.role != Membership.Role.RATER or membership.is_program:
        raise Http404
    form = ReplaceRaterForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            replacement, secret = _replace(request, membership, form)
        except (StudyError, ValidationError) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            return _show_members(request, study, own, invited=replacement, secret=secret)
    context = {
        "study": study,
        "tabs": study_tabs(study, own, "studies:manage_members"),
        "membership": membership,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "studies/replace_rater.html", context, status=status)


def _replace(
    request: HttpRequest, membership: Membership, form: ReplaceRaterForm
) -> tuple[Membership, str]:
    with transaction.atomic():
        replacement = actions.replace_rater(
            membership=membership,
            user=_account(request, form),
            only_the_rest=form.cleaned_data["only_the_rest"],
            reason=form.cleaned_data["reason"],
            acting_user=request.user,
        )
        return replacement, _first_link(request, replacement)


@require_POST
@login_required
def set_also_rates(request: HttpRequest, public_id, member: int) -> HttpResponse:
    study, _own = coordinated_study_or_404(request.user, public_id)
    membership = _member_or_404(study, member)
    try:
        actions.set_also_rates(
            membership=membership,
            also_rates=request.POST.get("also_rates") == "yes",
            acting_user=request.user,
        )
    except StudyError as error:
        messages.error(request, str(error))
    return redirect("studies:manage_members", study.public_id)


def _member_or_404(study: Study, member: int) -> Membership:
    found = study.memberships.select_related("user", "study").filter(pk=member).first()
    if found is None:
        raise Http404
    return found
