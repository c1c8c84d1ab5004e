"""What every response and every log-in must go through."""

from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from sts_qa.accounts.languages import language_of, speak
from sts_qa.accounts.queries import NOTICE_VERSION

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Let pages load from this server only, and run no inline script or style."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class AccountLanguage:
    """Speak the language of the account, whatever the cookie or the browser asks for.

    Also to an account without one: studies count on what `language_of` says of it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            speak(request, language_of(request.user))
        return self.get_response(request)


class RecordingNotice:
    """Send people to the notice on what is recorded until they have accepted its current text."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, view_args, view_kwargs):
        user = request.user
        if not user.is_authenticated or user.notice_version >= NOTICE_VERSION:
            return None
        if getattr(view, "open_before_notice", False):
            return None
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('accounts:accept_notice')}?{query}")


class WholePageForPartials:
    """Answer a partial update that needs a log-in or the notice by moving the whole page there.

    htmx would follow the redirect itself and put the log-in page into the middle of the old one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "HX-Request" not in request.headers or response.status_code != 302:
            return response
        path = urlsplit(response.headers["Location"]).path
        if path not in {reverse("accounts:log_in"), reverse("accounts:accept_notice")}:
            return response
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
        following = f"{current.path or '/'}?{current.query}".rstrip("?")
        query = urlencode({"next": following})
        return HttpResponse(status=204, headers={"HX-Redirect": f"{path}?{query}"})
