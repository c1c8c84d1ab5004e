"""Accepting an invitation: the only page that sets a person's first password."""

from __future__ import annotations

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from sts_qa.accounts import languages
from sts_qa.accounts.actions import count_log_in_failure, set_language
from sts_qa.accounts.models import User
from sts_qa.accounts.queries import seconds_to_wait
from sts_qa.accounts.views import open_before_notice
from sts_qa.studies import actions
from sts_qa.studies.errors import StudyError
from sts_qa.studies.forms import FirstPasswordForm
from sts_qa.studies.models import Invitation
from sts_qa.studies.navigation import start_address
from sts_qa.studies.queries.people import invitation_of, is_usable

BACKEND = "django.contrib.auth.backends.ModelBackend"
TEMPLATE = "studies/use_invitation.html"
NOT_FOUND, GONE, TOO_MANY = 404, 410, 429


@open_before_notice
@sensitive_post_parameters()
@sensitive_variables("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def use_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Let the invited person set a password, or log in where there is one, and go on."""
    guesser = f"\x00invitation {request.META.get('REMOTE_ADDR', '')}"
    if wait := seconds_to_wait(guesser):
        answer = _dead(request, "wait", TOO_MANY, seconds=wait)
        answer["Retry-After"] = str(wait)
        return answer
    invitation = invitation_of(secret)
    if invitation is None:
        # Counted per address: a wrong link is a guess or a slip, a dead one is neither
        count_log_in_failure(username=guesser)
        return _dead(request, "unknown", NOT_FOUND)
    person = invitation.membership.user
    _speak_to(person, request)
    if not is_usable(invitation):
        why = _why_dead(invitation)
        # Who goes back to the link, or opens it again, is where it leads already
        if why == "used" and request.user == person:
            return redirect(start_address(invitation.membership.study, invitation.membership))
        return _dead(request, why, GONE)
    if request.user.is_authenticated and request.user != person:
        return render(request, TEMPLATE, {"state": "other_account"})
    if person.has_usable_password():
        return _join(request, invitation)
    return _set_password(request, invitation)


def _speak_to(person: User, request: HttpRequest) -> None:
    """Open in the language of the invitation, unless the reader has switched to another."""
    if request.user.is_authenticated or languages.SESSION_KEY in request.session:
        return
    if languages.is_offered(person.language):
        languages.speak(request, person.language)


def _dead(request: HttpRequest, state: str, status: int, **more: int) -> HttpResponse:
    return render(request, TEMPLATE, {"state": state, **more}, status=status)


def _why_dead(invitation: Invitation) -> str:
    if invitation.membership.withdrawn_at is not None:
        return "withdrawn"
    if invitation.used_at is not None:
        return "used"
    return "cancelled" if invitation.cancelled_at is not None else "expired"


def _join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Take a person with an account to the study; only its own password opens the account."""
    if not request.user.is_authenticated:
        return render(request, TEMPLATE, {"state": "log_in", "invitation": invitation})
    if request.method == "POST":
        try:
            actions.use_invitation(invitation=invitation, password=None)
        except StudyError:
            return _dead(request, "used", GONE)
        return redirect(start_address(invitation.membership.study, invitation.membership))
    return render(request, TEMPLATE, {"state": "join", "invitation": invitation})


def _set_password(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = FirstPasswordForm(
        invitation.membership.user, request.POST if request.method == "POST" else None
    )
    if form.is_bound and form.is_valid():
        try:
            user = actions.use_invitation(
                invitation=invitation, password=form.cleaned_data["new_password1"]
            )
        except StudyError:
            return _dead(request, "used", GONE)
        except ValidationError as error:
            form.add_error("new_password1", error)
        else:
            login(request, user, backend=BACKEND)
            # That of the invitation, which the reader may have switched, else the browser's
            language = languages.take_choice(request) or languages.current_language()
            set_language(acting_user=user, language=language)
            return redirect(start_address(invitation.membership.study, invitation.membership))
    context = {"state": "password", "invitation": invitation, "form": form}
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)
