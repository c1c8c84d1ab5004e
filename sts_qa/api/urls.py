"""Addresses of the API, and of the pages about tokens.

Which endpoint has which address stands at the end of each resource's file.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext as _

from sts_qa.api.problems import Problem, answer_to
from sts_qa.api.resources import datasets

app_name = "api"

resources = [
    *datasets.addresses,
]


def no_such_address(request: HttpRequest, **arguments: object) -> HttpResponse:
    """Answer what nothing else answers; a page would not do here."""
    return answer_to(Problem("not-found", _("There is no such address.")), request)


no_such_address.open_before_notice = True  # type: ignore[attr-defined]
no_such_address.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [
    path("api/v1/", include(resources)),
    re_path(r"^api/", no_such_address, name="no_such_address"),
]
