"""Pages about the API: one's own tokens, the reference, and what each kind of problem means."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.defaults import bad_request

from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.accounts.views import open_before_notice
from sts_qa.api import actions
from sts_qa.api.description import api_document, document_text
from sts_qa.api.errors import TokenRefused
from sts_qa.api.forms import SCOPES, CreateTokenForm
from sts_qa.api.problem_kinds import PROBLEMS
from sts_qa.api.problems import Problem, answer_to
from sts_qa.api.queries import own_token_or_404, tokens_of, working_tokens
from sts_qa.api.reference import objects_in, resources_in


@login_required
@require_safe
@never_cache
def list_tokens(request: LoggedInRequest) -> HttpResponse:
    context = {
        "tokens": tokens_of(request.user),
        "some_work": working_tokens(request.user).exists(),
        "scopes": SCOPES.values(),
    }
    return render(request, "api/list_tokens.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def create_token(request: LoggedInRequest) -> HttpResponse:
    """Show the form; a posted one makes the token, and the answer shows its secret this once."""
    form = CreateTokenForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            token, secret = actions.create_token(
                user=request.user,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                study=form.cleaned_data["study"],
                expires_at=form.expires_at(),
                acting_user=request.user,
            )
        except TokenRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            header = f"Authorization: Bearer {token.prefix}…"
            context = {"token": token, "secret": secret, "header": header}
            return render(request, "api/create_token.html", context)
    status = 422 if form.errors else 200
    return render(request, "api/create_token.html", {"form": form}, status=status)


@login_required
@require_POST
def revoke_token(request: LoggedInRequest, token_id: int) -> HttpResponse:
    token = own_token_or_404(request.user, token_id)
    actions.revoke_token(token=token, acting_user=request.user)
    messages.success(
        request,
        _("The token %(name)s is revoked: programs that use it are refused from now on.")
        % {"name": token.name},
    )
    return redirect("api:list_tokens")


@login_required
@require_POST
def revoke_all_tokens(request: LoggedInRequest) -> HttpResponse:
    """Revoke whatever still works, for who fears that somebody else got in."""
    count = actions.revoke_all_tokens(acting_user=request.user)
    messages.success(
        request,
        ngettext(
            "%(count)d token is revoked: programs that use it are refused from now on.",
            "%(count)d tokens are revoked: programs that use them are refused from now on.",
            count,
        )
        % {"count": count},
    )
    return redirect("api:list_tokens")


@open_before_notice
@require_safe
def show_reference(request: HttpRequest) -> HttpResponse:
    """Show every endpoint and object; it tells nothing of anybody's data, so all may read it."""
    document = api_document()
    address = request.build_absolute_uri("/api/v1/studies/")
    context = {
        "resources": resources_in(document),
        "objects": objects_in(document),
        "example": f'curl -H "Authorization: Bearer stsqa_…" {address}',
    }
    return render(request, "api/show_reference.html", context)


@open_before_notice
@require_safe
def send_document(request: HttpRequest) -> HttpResponse:
    return HttpResponse(document_text(), content_type="application/json")


@open_before_notice
@require_safe
def show_problem(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a problem's `type` means."""
    if slug not in PROBLEMS:
        raise Http404
    return render(request, "api/show_problem.html", {"slug": slug, "kind": PROBLEMS[slug]})


def refuse_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before any view, such as a wrong host: a page only to a page."""
    if not request.path.startswith("/api/"):
        return bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        text = _("The server does not go by the name in the header Host.")
    else:
        text = _("The request cannot be read.")
    return answer_to(Problem("malformed", text), request)


@open_before_notice
def no_such_address(request: HttpRequest) -> HttpResponse:
    """Answer what nothing else answers; a page would not do here."""
    return answer_to(Problem("not-found", _("There is no such address.")), request)


no_such_address.csrf_exempt = True  # type: ignore[attr-defined]
