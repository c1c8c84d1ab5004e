"""Every refusal as problem details (RFC 9457): one table of kinds, one of the errors behind them.

A new error of an action gets its line in `KINDS_OF_ERRORS`.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.signals import got_request_exception
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework import exceptions

from sts_qa.api.errors import TokenRefused
from sts_qa.api.problem_kinds import PROBLEMS
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.files import ChangedFile
from sts_qa.catalogue.pictures import Busy
from sts_qa.protocols.content_errors import InvalidContentError
from sts_qa.rating.errors import (
    InvalidScores,
    InvalidSubmission,
    NoAccess,
    NoSuchAssignment,
    RatingError,
    Replaced,
    RowsRefused,
)
from sts_qa.rating.queries.pixels import NoSuchPixels
from sts_qa.reports.actions import NotReadyError, SealedError
from sts_qa.reports.options import OptionError
from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.screening.errors import ScreeningRefused
from sts_qa.studies.errors import PlanRefused, StudyError
from sts_qa.studies.queries.plan import PlanError

MEDIA_TYPE = "application/problem+json"
TYPES_AT = "/api/v1/problems/"
LOGGER = logging.getLogger(__name__)
Fault = dict[str, str]


class Problem(Exception):
    """A refusal by the API itself; `slug` is a key of `PROBLEMS`."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: list[Fault] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.errors = errors or []
        self.headers = dict(headers or {})


def fault(field: str, detail: str) -> Fault:
    """Say what is wrong at one place: a JSON pointer into the body, or a parameter's name."""
    return {"field": field, "detail": detail}


def invalid(field: str, detail: str) -> Problem:
    """Return the refusal of one field."""
    return Problem("invalid", detail, errors=[fault(field, detail)])


def all_invalid(faults: list[Fault]) -> Problem:
    """Return one refusal for all the faults; its detail tells the first ones."""
    return Problem("invalid", _said(faults), errors=faults)


def faults_of_form(form: BaseForm) -> Problem:
    """Return the refusal of what a page's form finds wrong; each field is one of the body."""
    return all_invalid(
        [
            fault("" if name == NON_FIELD_ERRORS else pointer(name), str(text))
            for name, texts in form.errors.items()
            for text in texts
        ]
    )


def pointer(*steps: object) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _simple(slug: str) -> Callable[[Any], Problem]:
    return lambda error: Problem(slug, str(error))


def _refused(error: CatalogueRefused | StudyError) -> Problem:
    """Return the refusal by how things stand, with the field that is at odds with it, if any."""
    faults = [fault(pointer(error.field), str(error))] if error.field else []
    return Problem("refused", str(error), errors=faults)


def _of_token(error: TokenRefused) -> Problem:
    """Return the refusal of a field, or of making the token at all."""
    return invalid(pointer(error.field), str(error)) if error.field else _simple("refused")(error)


def _of_content(error: InvalidContentError) -> Problem:
    faults = [fault(pointer("content", *found.path), found.message) for found in error.errors]
    return Problem("invalid", str(error), errors=faults)


def _of_submission(error: InvalidSubmission) -> Problem:
    faults = [fault(pointer(*steps), text) for steps, text in error.places.items()]
    slug = "idempotency-key-reused" if error.problem == "idempotency" else "invalid"
    return Problem(slug, error.detail, errors=faults)


def _of_scores(error: InvalidScores) -> Problem:
    faults = [fault(pointer("scores", code), text) for code, text in error.fields.items()]
    return Problem("invalid", error.detail, errors=faults)


def _of_rows(error: RowsRefused) -> Problem:
    """Return the refusal of some of many ratings, every fault at its row."""
    faults = [
        fault(pointer("ratings", row) + found["field"], found["detail"])
        for row, inner in error.errors.items()
        for found in faults_of_rating(inner)
    ]
    return all_invalid(faults)


def faults_of_rating(error: RatingError) -> list[Fault]:
    """Return what is wrong with one rating, at least one fault."""
    problem = problem_of(error)
    assert problem is not None
    return problem.errors or [fault("", problem.detail)]


def _of_plan(error: PlanError) -> Problem:
    faults = [fault(pointer(*error.path), str(error))] if error.path else []
    return Problem("invalid", str(error), errors=faults)


def _of_model(error: ModelValidationError) -> Problem:
    if not hasattr(error, "error_dict"):
        return Problem("invalid", " ".join(error.messages))
    faults = [
        fault(pointer(name), text) for name, texts in error.message_dict.items() for text in texts
    ]
    return Problem("invalid", " ".join(error.messages), errors=faults)


def _of_body(error: exceptions.ValidationError) -> Problem:
    return all_invalid(list(faults_in(error.detail)))


def faults_in(detail: Any, *steps: object) -> Iterator[Fault]:
    """Yield a serializer's errors, however nested, each at its place."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from faults_in(inner, *(steps if name == "non_field_errors" else (*steps, name)))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from faults_in(inner, *(steps if isinstance(inner, str) else (*steps, number)))
    else:
        yield fault(pointer(*steps), str(detail))


def _said(faults: list[Fault]) -> str:
    return " ".join(
        f"{found['field']}: {found['detail']}" if found["field"] else found["detail"]
        for found in faults[:5]
    )


def _of_throttle(error: exceptions.Throttled) -> Problem:
    seconds = max(1, math.ceil(error.wait or 1))
    return Problem(
        "too-many-requests",
        ngettext(
            "Wait %(seconds)s second and send it again.",
            "Wait %(seconds)s seconds and send it again.",
            seconds,
        )
        % {"seconds": seconds},
        headers={"Retry-After": str(seconds)},
    )


def _of_log_in(error: exceptions.APIException) -> Problem:
    header = getattr(error, "auth_header", None)
    return Problem(
        "log-in", str(error.detail), headers={"WWW-Authenticate": header} if header else {}
    )


def _of_permission(error: Exception) -> Problem:
    return Problem("not-allowed", str(error) or _("Your role does not allow this."))


def _not_found(error: Exception) -> Problem:
    return Problem("not-found", _("There is no such thing here for you."))


# The first class that fits counts: a class before the ones that it is derived from
KINDS_OF_ERRORS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (InvalidScores, _of_scores),
    (InvalidSubmission, _of_submission),
    (RowsRefused, _of_rows),
    (
        Replaced,
        lambda error: Problem("replaced", error.detail, errors=[fault("/replaces", error.detail)]),
    ),
    (
        NoSuchAssignment,
        lambda error: Problem(
            "not-found", error.detail, errors=[fault("/assignment", error.detail)]
        ),
    ),
    (NoAccess, _simple("no-access")),
    (RatingError, lambda error: Problem("refused", error.detail)),
    (SealedError, _simple("sealed")),
    (NotReadyError, _simple("refused")),
    (PlanRefused, lambda error: invalid(pointer(error.field), str(error))),
    (StudyError, _refused),
    (PlanError, _of_plan),
    (OptionError, lambda error: invalid(error.field, error.detail)),
    (CatalogueRefused, _refused),
    (ScreeningRefused, _simple("refused")),
    (TokenRefused, _of_token),
    (InvalidContentError, _of_content),
    (NoSuchPixels, _simple("not-found")),
    (ChangedFile, _simple("refused")),
    (UnreadableFile, _simple("refused")),
    (
        Busy,
        lambda error: Problem(
            "busy", _("Another volume is being read."), headers={"Retry-After": "1"}
        ),
    ),
    (ModelValidationError, _of_model),
    (Http404, _not_found),
    (exceptions.NotFound, _not_found),
    (PermissionDenied, _of_permission),
    (exceptions.PermissionDenied, _of_permission),
    (exceptions.NotAuthenticated, _of_log_in),
    (exceptions.AuthenticationFailed, _of_log_in),
    (exceptions.ValidationError, _of_body),
    (exceptions.ParseError, _simple("malformed")),
    (exceptions.MethodNotAllowed, _simple("method-not-allowed")),
    (exceptions.NotAcceptable, _simple("not-acceptable")),
    (exceptions.UnsupportedMediaType, _simple("media-type")),
    (exceptions.Throttled, _of_throttle),
    (RequestDataTooBig, _simple("too-large")),
    (SuspiciousOperation, _simple("malformed")),
)


def problem_of(error: Exception) -> Problem | None:
    """Return what people are told of the error, or None when nobody foresaw it."""
    if isinstance(error, Problem):
        return error
    for kind, describe in KINDS_OF_ERRORS:
        if isinstance(error, kind):
            return describe(error)
    return None


def answer_to(problem: Problem, request: HttpRequest) -> HttpResponse:
    """Return the problem as the body and headers of an answer."""
    kind = PROBLEMS[problem.slug]
    content = {
        "type": f"{TYPES_AT}{problem.slug}/",
        "title": str(kind.title),
        "status": kind.status,
        "detail": problem.detail,
        "instance": request.path,
        "errors": problem.errors,
    }
    return HttpResponse(
        # A body's half characters stand in names of fields and cannot be sent
        json.dumps(content, ensure_ascii=False).encode(errors="replace"),
        status=kind.status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def answer_to_error(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer any error of an endpoint; one that nobody foresaw is logged and told as 500."""
    view, request = context["view"], context["request"]
    if (problem := problem_of(error)) is None:
        LOGGER.error("%s %s failed", request.method, request.path, exc_info=error)
        got_request_exception.send(sender=type(view), request=request._request)
        problem = Problem(
            "server-error",
            _("The fault is recorded in the server's log. Look what was done before you go on."),
        )
    return answer_to(problem, request._request)
