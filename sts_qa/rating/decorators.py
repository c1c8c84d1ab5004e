"""What every endpoint of the rating page answers when something is in the way."""

from __future__ import annotations

from functools import wraps

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sts_qa.accounts.queries import NOTICE_VERSION, account_key
from sts_qa.rating.body import MOST_BYTES
from sts_qa.rating.errors import InvalidSubmission, NoAccess, RatingError, Replaced
from sts_qa.rating.queries.ratings import rating_json

ACCOUNT_HEADER = "X-Account"
OTHER_ACCOUNT = gettext_noop(
    "This browser is logged in as someone else by now. "
    "Your ratings are kept here and sent when you log in again."
)


def for_the_page(view):
    """Answer a page's own requests: log-in and notice as a status, problems as JSON.

    A redirect would reach the script as some other page, and a score would seem to be stored. A
    page left open says whose it is, and nothing of it is taken for somebody who logged in since.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return problem(401, "log_in", _("Log in again; nothing you entered is lost."))
        if request.user.notice_version < NOTICE_VERSION:
            return problem(401, "notice", _("Read the notice on what is recorded first."))
        if not _is_of_the_pages_account(request):
            return problem(403, "other_account", _(OTHER_ACCOUNT))
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return problem(404, "not_found", _("This item is not here for you, or no longer."))
        except PermissionDenied:
            return problem(403, "role", _("You take part in this study without rating."))
        except RatingError as error:
            return _answer_to(error)
        if "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response

    # The redirect to the notice is for pages; here the check above stands in for it
    answered.open_before_notice = True  # type: ignore[attr-defined]
    return answered


def _is_of_the_pages_account(request: HttpRequest) -> bool:
    account = request.headers.get(ACCOUNT_HEADER)
    return account is None or account == account_key(request.user)


def problem(status: int, slug: str, detail: str, **more) -> JsonResponse:
    response = JsonResponse({"problem": slug, "detail": detail, **more}, status=status)
    add_never_cache_headers(response)
    return response


def _answer_to(error: RatingError) -> JsonResponse:
    if isinstance(error, InvalidSubmission):
        return problem(422, error.problem, error.detail, fields=error.fields)
    if isinstance(error, Replaced):
        current = rating_json(error.current) if error.current else None
        return problem(409, error.problem, error.detail, rating=current)
    status = 403 if isinstance(error, NoAccess) else 409
    return problem(status, error.problem, error.detail)


def body_of(request: HttpRequest) -> bytes:
    """Return the body, refusing one that is too long before it is read."""
    try:
        announced = int(request.headers.get("Content-Length") or 0)
        if announced <= MOST_BYTES:
            return request.body
    except (ValueError, RequestDataTooBig):
        pass
    raise InvalidSubmission(
        {"body": _("What was sent is too long; the limit is %d bytes.") % MOST_BYTES}
    )
