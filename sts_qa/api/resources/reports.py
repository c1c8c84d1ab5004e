"""Reports of a study: the list, and each as JSON or as any file that the page offers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from rest_framework.request import Request

from sts_qa.api.access import overseen_items
from sts_qa.api.conditional import is_known
from sts_qa.api.endpoint import endpoint
from sts_qa.api.negotiation import preferred_type
from sts_qa.api.paging import Listing
from sts_qa.api.routing import route
from sts_qa.api.schemas.reports import ReportQuerySchema, ReportSchema, ReportTableSchema
from sts_qa.reports.actions import record_export, report_file
from sts_qa.reports.files import ReportFile, file_answer
from sts_qa.reports.registry import REPORTS, Report
from sts_qa.science.tables.writers import WRITERS
from sts_qa.studies.models import Study

JSON = "json"
# By media type; JSON first, as the first one is taken by who accepts anything
FORMATS = {WRITERS[name].media_type: name for name in sorted(WRITERS, key=lambda one: one != JSON)}
FILES: dict[Any, Any] = {
    (200, media_type.partition(";")[0]): bytes
    for media_type, name in FORMATS.items()
    if name != JSON
}


@endpoint("GET", scope="read", access=overseen_items, answers=ReportSchema, paged=True)
def list_reports(request: Request, study: Study) -> Listing:
    """List the reports of a study, and what can be chosen in each."""
    rows = [
        {"place": place, **_told(study, slug, report)}
        for place, (slug, report) in enumerate(REPORTS.items())
    ]
    return Listing(rows, order=("place",))


@endpoint(
    "GET",
    scope="read",
    access=overseen_items,
    answers={200: ReportTableSchema, **FILES},
    query=ReportQuerySchema,
)
def show_report(
    request: Request, study: Study, report: str, query: dict[str, Any]
) -> HttpResponseBase:
    """Give a report as JSON, or as a file in another format by Accept or `format`.

    Each time it is handed out is recorded, as a download on the page. Scores are sealed until the
    study is closed.
    """
    if report not in REPORTS:
        raise Http404
    options = {name: value for name, value in query.items() if name != "format"}
    file_format = _format(request, query)
    file = report_file(
        study=study,
        slug=report,
        file_format=file_format,
        language=get_language() or "en",
        options=options,
    )
    answer = _answer(file, file_format)
    if request.method != "HEAD" and not is_known(request._request, answer["ETag"]):
        record_export(
            study=study,
            slug=report,
            file_format=file_format,
            file=file,
            acting_user=request.user,
            options=options,
        )
    return answer


def _format(request: Request, query: dict[str, Any]) -> str:
    if "format" in query:
        return query["format"]
    preferred = preferred_type(request, list(FORMATS))
    return FORMATS[preferred] if preferred else JSON


def _answer(file: ReportFile, file_format: str) -> HttpResponseBase:
    answer = file_answer(file)
    answer["ETag"] = f'"{file.sha256[:32]}"'
    if file_format != JSON:
        answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    patch_vary_headers(answer, ["Accept"])
    return answer


def _told(study: Study, slug: str, report: Report) -> dict[str, Any]:
    return {
        "slug": slug,
        "title": str(report.title),
        "meaning": str(report.meaning),
        "is_sealed": report.is_sealed_until_closed and study.is_sealed,
        "needs_sample": report.needs_sample,
        "options": [
            {
                "name": name,
                "label": str(option.label),
                "values": [
                    {"value": value, "label": str(label)} for value, label in option.values.items()
                ],
            }
            for name, option in report.options.items()
        ],
        "formats": list(WRITERS),
    }


reports = "studies/<uuid:study_id>/reports/"
addresses = [
    *route(reports, list_reports),
    *route(f"{reports}<slug:report>/", show_report),
]
