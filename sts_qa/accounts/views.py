"""Pages of one's own account: logging in and out, password, look and language, the notice."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sts_qa.accounts import actions, languages
from sts_qa.accounts.addresses import safe_next
from sts_qa.accounts.forms import LogInForm
from sts_qa.accounts.queries import NOTICE_VERSION, demonstration_log_ins, working_token_count
from sts_qa.accounts.requests import LoggedInRequest

YEAR_SECONDS = 60 * 60 * 24 * 365
THEME_COOKIE = "theme"


def open_before_notice(view: Callable) -> Callable:
    """Mark a view as open to people who have not yet accepted the notice."""
    view.open_before_notice = True  # type: ignore[attr-defined]
    return view


class LogIn(LoginView):
    template_name = "accounts/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(demonstration_log_ins=demonstration_log_ins(), **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        if language := languages.language_to_keep(self.request, user):
            actions.set_language(acting_user=user, language=language)
        _keep(response, settings.LANGUAGE_COOKIE_NAME, user.language)
        return response


log_in = open_before_notice(LogIn.as_view())


@open_before_notice
@require_POST
@never_cache
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect(settings.LOGOUT_REDIRECT_URL)
    # Cached pixels must not be seen by the next person at the same computer. Over plain HTTP
    # browsers refuse the header and complain; there the addresses alone are the secret
    if request.is_secure():
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@open_before_notice
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    if theme not in actions.THEMES:
        return HttpResponseBadRequest(_("The appearance is light, dark or auto."))
    if request.user.is_authenticated:
        actions.set_theme(acting_user=request.user, theme=theme)
    response = redirect(safe_next(request, resolve_url("home")))
    _keep(response, THEME_COOKIE, theme)
    return response


@open_before_notice
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    if not languages.is_offered(language):
        return HttpResponseBadRequest(_("This language is not offered."))
    if request.user.is_authenticated:
        actions.set_language(acting_user=request.user, language=language)
    else:
        languages.note_choice(request, language)
    response = redirect(safe_next(request, resolve_url("home")))
    _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


@open_before_notice
@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def accept_notice(request: LoggedInRequest) -> HttpResponse:
    following = safe_next(request, resolve_url("home"))
    # What is accepted is the text that was on the page, not one that has replaced it since
    if request.method == "POST" and request.POST.get("version") == str(NOTICE_VERSION):
        actions.accept_notice(acting_user=request.user)
        return redirect(following)
    context = {"version": NOTICE_VERSION, "next": following}
    return render(request, "accounts/accept_notice.html", context)


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def change_password(request: LoggedInRequest) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_password(
            acting_user=request.user, password=form.cleaned_data["new_password1"]
        )
        update_session_auth_hash(request, request.user)
        messages.success(request, _("The password was changed; other browsers are logged out."))
        if count := working_token_count(request.user):
            messages.warning(request, _tokens_still_work(count))
            return redirect("api:list_tokens")
        return redirect("home")
    status = 422 if form.errors else 200
    return render(request, "accounts/change_password.html", {"form": form}, status=status)


def _tokens_still_work(count: int) -> str:
    text = ngettext(
        "%(count)d API token still works. Revoke it if somebody else may have it.",
        "%(count)d API tokens still work. Revoke those that somebody else may have.",
        count,
    )
    return text % {"count": count}


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SECURE, httponly=True
    )
