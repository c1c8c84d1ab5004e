"""Report pages and downloads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sts_qa.reports.actions import NotReadyError, export_report, make_report
from sts_qa.reports.files import file_answer
from sts_qa.reports.options import OptionError
from sts_qa.reports.registry import REPORTS
from sts_qa.science.tables.model import Block, Column, shown_value
from sts_qa.science.tables.writers import WRITERS
from sts_qa.studies.models import Study
from sts_qa.studies.navigation import study_tabs
from sts_qa.studies.queries.access import overseen_items_or_404

SHORT_TEXT = 28
# An identifier, which is never read as a sentence
SHORT_CODE = 36
PLAIN_TEXT = "text/plain; charset=utf-8"


def _known(slug: str) -> None:
    if slug not in REPORTS:
        raise Http404


@require_GET
@login_required
def list_reports(request, study_id):
    study, membership = overseen_items_or_404(request.user, study_id)
    reports = [
        {
            "slug": slug,
            "report": report,
            "sealed": report.is_sealed_until_closed and study.is_sealed,
        }
        for slug, report in REPORTS.items()
    ]
    return render(
        request,
        "reports/list_reports.html",
        {
            "study": study,
            "tabs": study_tabs(study, membership, "reports:list_reports"),
            "reports": reports,
            "formats": WRITERS,
            "is_drawn": study.drawn_at is not None,
        },
    )


@require_GET
@login_required
def show_report(request, study_id, slug):
    study, membership = overseen_items_or_404(request.user, study_id)
    _known(slug)
    given = request.GET.dict()
    context = {
        "study": study,
        "tabs": study_tabs(study, membership, "reports:list_reports"),
        "slug": slug,
        "report": REPORTS[slug],
        "formats": WRITERS,
        "options": _shown_options(study, slug, given),
        "query": urlencode(given),
    }
    try:
        table = make_report(study=study, slug=slug, language=get_language() or "en", options=given)
    except OptionError as error:
        context |= {"reason": error, "is_wrong_option": True}
        return render(request, "reports/not_ready.html", context, status=400)
    except NotReadyError as error:
        context |= {"reason": error, "is_sealed": error.is_sealed}
        return render(request, "reports/not_ready.html", context, status=403)
    blocks = [_shown_block(block, REPORTS[slug].rows_on_page) for block in table.blocks]
    return render(
        request, "reports/show_report.html", {**context, "table": table, "blocks": blocks}
    )


def _shown_options(study: Study, slug: str, given: Mapping[str, str]) -> list[dict]:
    return [
        {"name": name, "option": option, "chosen": given.get(name, option.default)}
        for name, option in REPORTS[slug].options.items()
        if option.is_shown(study)
    ]


def _shown_block(block: Block, rows_on_page: int) -> dict:
    rows = [
        [
            {"text": (text := shown_value(row, column)), "kind": _cell_kind(column, text)}
            for column in block.columns
        ]
        for row in block.rows[:rows_on_page]
    ]
    return {
        "block": block,
        "headers": block.headers(),
        "rows": rows,
        "left_out": max(0, len(block.rows) - rows_on_page),
    }


def _cell_kind(column: Column, text: str) -> str:
    """Return the cell's class: numbers align right, short words and codes stay on one line."""
    if column.kind != "text":
        return "num"
    if text.startswith("{"):
        return "record"
    is_code = text.isascii() and " " not in text
    return "short" if len(text) <= (SHORT_CODE if is_code else SHORT_TEXT) else "long"


@require_GET
@login_required
def download_report(request, study_id, slug):
    study, _membership = overseen_items_or_404(request.user, study_id)
    _known(slug)
    options = request.GET.dict()
    file_format = options.pop("format", "csv")
    if file_format not in WRITERS:
        raise Http404
    try:
        file = export_report(
            study=study,
            slug=slug,
            file_format=file_format,
            language=get_language() or "en",
            acting_user=request.user,
            options=options,
        )
    except OptionError as error:
        return HttpResponse(str(error), status=400, content_type=PLAIN_TEXT)
    except NotReadyError as error:
        return HttpResponse(str(error), status=403, content_type=PLAIN_TEXT)
    response = file_answer(file)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response
