"""Studies made of ratings that were given elsewhere."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.request import Request

from sts_qa.api.endpoint import Answer, endpoint
from sts_qa.api.problems import Problem, fault, faults_of_form, invalid, pointer
from sts_qa.api.routing import route
from sts_qa.api.schemas.imported import RatingsFileSchema, RatingsReportSchema
from sts_qa.protocols.queries import latest_version
from sts_qa.rating.actions import import_ratings as importing
from sts_qa.rating.import_form import ImportRatingsForm, is_too_large, too_large


def check_size(request: Request) -> None:
    """Refuse what announces to be too large before any of it is read."""
    if is_too_large(request.META.get("CONTENT_LENGTH")):
        raise Problem("too-large", too_large())


@endpoint(
    "POST",
    scope="manage",
    body={"multipart/form-data": RatingsFileSchema},
    answers={201: RatingsReportSchema, 200: RatingsReportSchema},
    idempotent="accepted",
    # The whole file is read and checked before anything is written
    atomic=False,
    # Once it is written, carrying it out again would make a second study of the same ratings
    told_when_broken_off=True,
    coordinators=True,
    before_reading=check_size,
    located=[201],
)
def import_ratings(request: Request, body: dict[str, Any]) -> Answer:
    """Make a closed study of ratings that were given elsewhere; nobody ever rates in it here.

    A file with an error in any row changes nothing: `errors` name each as /file/row/column, rows
    as in the file. A dry run is answered 200, with the errors in its report.
    """
    form = _checked(request, body)
    report = importing.import_ratings(
        **form.arguments(), acting_user=request.user, dry_run=body["dry_run"]
    )
    if body["dry_run"]:
        return Answer(_told(report), status=200)
    if report.study is None:
        raise _refused(report)
    place = reverse("api:show_study", args=[report.study.public_id])
    return Answer(_told(report), status=201, headers={"Location": place})


def _checked(request: Request, body: dict[str, Any]) -> ImportRatingsForm:
    fields = {name: value for name, value in body.items() if name not in ("file", "dry_run")}
    if slug := fields.pop("protocol", ""):
        version = latest_version(slug)
        if version is None:
            raise invalid("/protocol", _("There is no such protocol."))
        fields["protocol"] = version.pk
    form = ImportRatingsForm(fields, {"file": body["file"]}, user=request.user)
    if not form.is_valid():
        raise faults_of_form(form)
    return form


def _refused(report: importing.ImportReport) -> Problem:
    found = [
        fault(pointer("file", one.row, *([one.column] if one.column else [])), one.message)
        for one in report.errors
    ]
    text = ngettext(
        "The file has %(count)d error; nothing is imported.",
        "The file has %(count)d errors; nothing is imported.",
        report.error_count,
    )
    return Problem("invalid", text % {"count": report.error_count}, errors=found)


def _told(report: importing.ImportReport) -> dict[str, Any]:
    return {**vars(report), "study": report.study.public_id if report.study else None}


addresses = [*route("studies/imported/", import_ratings)]
