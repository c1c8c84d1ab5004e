"""The kinds of problems that the API tells, each with its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ProblemKind:
    """One kind of refusal: its HTTP status, its short name, and what to do about it."""

    status: int
    title: Any
    meaning: Any


PROBLEMS = {
    "malformed": ProblemKind(
        400,
        _("The request cannot be read"),
        _(
            "The body is no JSON, or a header or form is damaged. Correct it before sending it "
            "again."
        ),
    ),
    "idempotency-key-missing": ProblemKind(
        400,
        _("An Idempotency-Key is needed"),
        _(
            "Send a header Idempotency-Key with a new random text for each new request, so that a"
            " resend is not carried out twice."
        ),
    ),
    "log-in": ProblemKind(
        401,
        _("Not logged in"),
        _("Send a token that is neither expired nor revoked, or log in with the browser."),
    ),
    "not-allowed": ProblemKind(
        403,
        _("Not allowed"),
        _(
            "The account takes part, but its role does not allow this, or the header X-CSRFToken "
            "is missing."
        ),
    ),
    "notice": ProblemKind(
        403,
        _("The notice is not accepted"),
        _("Log in to the pages once and accept the notice on what is recorded."),
    ),
    "scope": ProblemKind(
        403,
        _("The token lacks a scope"),
        _("Make a token that may do this: read, rate or manage."),
    ),
    "token-limit": ProblemKind(
        403,
        _("The token is limited to one study"),
        _("It reaches its study and that study's dataset. Make a token without this limit."),
    ),
    "no-access": ProblemKind(
        403,
        _("The study is not open to you now"),
        _("It has not started, is paused or closed, or the account was withdrawn from it."),
    ),
    "sealed": ProblemKind(
        403,
        _("Results are sealed"),
        _(
            "Scores can be seen when the study is closed, or when a coordinator unseals them on "
            "record."
        ),
    ),
    "not-found": ProblemKind(
        404,
        _("Not found"),
        _("It does not exist, or the account or token does not reach it."),
    ),
    "method-not-allowed": ProblemKind(
        405,
        _("Method not allowed"),
        _("The header Allow names the methods of this address."),
    ),
    "not-acceptable": ProblemKind(
        406,
        _("No such format"),
        _("The answer is not to be had in this format; the reference names those that are."),
    ),
    "refused": ProblemKind(
        409,
        _("Not possible as things stand"),
        _("The state of things does not allow this now; the detail says why and what to do."),
    ),
    "replaced": ProblemKind(
        409,
        _("No longer the current rating"),
        _("The item was scored again meanwhile. Read the current rating, then decide."),
    ),
    "in-progress": ProblemKind(
        409,
        _("Still being carried out"),
        _(
            "An earlier request with the same Idempotency-Key has not ended. Ask again a little "
            "later."
        ),
    ),
    "broken-off": ProblemKind(
        409,
        _("The first request broke off"),
        _(
            "It ended without an answer and may have been done or not. Look whether it was; if "
            "not, send it with a new key."
        ),
    ),
    "shown-once": ProblemKind(
        409,
        _("Done already; its secret is shown once"),
        _(
            "An earlier request with the same Idempotency-Key did this. What it showed is not "
            "shown again: make a new one."
        ),
    ),
    "too-large": ProblemKind(
        413,
        _("The request is too large"),
        _("Send less at once; the detail gives the limit."),
    ),
    "media-type": ProblemKind(
        415,
        _("The body has the wrong media type"),
        _("Send JSON as application/json, files as multipart/form-data."),
    ),
    "invalid": ProblemKind(
        422,
        _("Something that was sent is wrong"),
        _("Each of the errors names its field: a JSON pointer into the body, or a parameter."),
    ),
    "idempotency-key-reused": ProblemKind(
        422,
        _("The Idempotency-Key was used before"),
        _("It came with another request. Take a new key for each new request."),
    ),
    "too-many-requests": ProblemKind(
        429,
        _("Too many requests"),
        _("Wait as many seconds as the header Retry-After says."),
    ),
    "server-error": ProblemKind(
        500,
        _("Something went wrong here"),
        _("The fault is recorded in the server's log. Tell whoever runs the server."),
    ),
    "busy": ProblemKind(
        503,
        _("Busy for a moment"),
        _("Ask again after as many seconds as the header Retry-After says."),
    ),
}
