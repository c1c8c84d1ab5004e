"""Pages on which a coordinator gives a rater that is a program its tokens, and revokes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.api import actions
from sts_qa.api.errors import TokenRefused
from sts_qa.api.forms import ProgramTokenForm
from sts_qa.api.models import PROGRAM_SCOPES
from sts_qa.api.queries import own_token_or_404, tokens_of
from sts_qa.studies.models import Membership, Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import coordinated_study_or_404
from sts_qa.studies.queries.programs import program_label, program_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def manage_program_tokens(request: LoggedInRequest, study_id: Any, member: int) -> HttpResponse:
    """List the program's tokens; a POST makes one, and the answer shows its secret this once."""
    study, own = coordinated_study_or_404(request.user, study_id)
    program = _program_or_404(study, member)
    form = ProgramTokenForm(request.POST if request.method == "POST" else None)
    made: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        try:
            made["token"], made["secret"] = actions.create_token(
                user=program.user,
                name=form.cleaned_data["name"],
                scopes=PROGRAM_SCOPES,
                study=study,
                expires_at=form.expires_at(),
                acting_user=request.user,
            )
            form = ProgramTokenForm()
        except TokenRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
    context = {
        "study": study,
        "tabs": study_tabs(study, own, "studies:manage_members"),
        "program": program,
        "label": program_label(program),
        "tokens": tokens_of(program.user),
        "form": form,
        **made,
    }
    status = 422 if form.errors else 200
    return render(request, "api/manage_program_tokens.html", context, status=status)


@login_required
@require_POST
def revoke_program_token(
    request: LoggedInRequest, study_id: Any, member: int, token_id: int
) -> HttpResponse:
    study, _own = coordinated_study_or_404(request.user, study_id)
    program = _program_or_404(study, member)
    token = own_token_or_404(program.user, token_id)
    actions.revoke_token(token=token, acting_user=request.user)
    messages.success(
        request,
        _("The token %(name)s is revoked: programs that use it are refused from now on.")
        % {"name": token.name},
    )
    return redirect("api:manage_program_tokens", study.public_id, program.pk)


def _program_or_404(study: Study, member: int) -> Membership:
    found = program_of(study, member)
    if found is None:
        raise Http404
    return found
