"""What every response and every log-in must go through."""

from django.shortcuts import redirect
from django.urls import reverse

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
        return redirect(f"{reverse('accounts:accept_notice')}?next={request.get_full_path()}")
