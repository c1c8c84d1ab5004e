"""Pages of protocols, for coordinators; raters see a rubric on their rating page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.protocols import actions, queries
from sts_qa.protocols.content_errors import InvalidContentError
from sts_qa.protocols.forms import EditProtocolForm, UploadProtocolForm
from sts_qa.protocols.models import ProtocolVersion
from sts_qa.protocols.outline import language_name, take_step
from sts_qa.protocols.rubric import KINDS, band_tables

# Django refuses a form with more; the token, the checksum and the button are sent beside the fields
MOST_FIELDS = 1000 - 3


@require_safe
@coordinator_required
def list_protocols(request: HttpRequest) -> HttpResponse:
    versions = queries.latest_versions()
    language = get_language() or "en"
    rows = [
        {
            "version": version,
            "title": queries.title_of(version, language),
            "languages": _language_names(version),
        }
        for version in versions
    ]
    return render(request, "protocols/list_protocols.html", {"rows": rows})


@require_safe
@coordinator_required
def show_protocol(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    version = _version_or_404(slug, number)
    language = request.GET.get("language") or get_language() or "en"
    kind = request.GET.get("kind", KINDS[0])
    if kind not in KINDS:
        raise Http404
    rubric = queries.rubric(version, language, kind)
    context = {
        "version": version,
        "rubric": rubric,
        "tables": band_tables(rubric.criteria),
        "versions": queries.versions_of(version.protocol),
        "languages": _language_names(version),
        "kind_tabs": _tabs(rubric, "kind", _kind_labels()),
        "language_tabs": _tabs(rubric, "language", _language_labels(version)),
    }
    return render(request, "protocols/show_protocol.html", context)


@require_safe
@coordinator_required
def download_protocol(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    version = _version_or_404(slug, number)
    data = actions.export_version(version=version, acting_user=request.user)
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{slug}-version-{number}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
def upload_protocol(request: HttpRequest) -> HttpResponse:
    form = UploadProtocolForm(request.POST or None, request.FILES or None)
    errors = []
    if request.method == "POST":
        form = UploadProtocolForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                version = actions.save_protocol(content=form.read(), acting_user=request.user)
                return _saved(request, version)
            except InvalidContentError as invalid:
                errors = invalid.errors
    status = 422 if form.errors or errors else 200
    context = {"form": form, "errors": errors}
    return render(request, "protocols/upload_protocol.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@coordinator_required
def edit_protocol(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    version = _version_or_404(slug, number)
    status = 200
    if request.method != "POST":
        form = EditProtocolForm(_copy(version))
        if len(form.fields) > MOST_FIELDS:
            messages.error(request, _too_large())
            return redirect("protocols:show_protocol", slug, number)
    elif "step" in request.POST:
        form = _after_step(request)
    else:
        form = EditProtocolForm.posted(request.POST)
        try:
            return _saved(request, _save(request, version, form.content()))
        except InvalidContentError as invalid:
            form.add_content_errors(invalid.errors)
            status = 422
    latest = queries.latest_version(slug)
    context = {
        "version": version,
        "title": queries.title_of(version, get_language() or "en"),
        "form": form,
        "latest_checksum": request.POST.get("latest_checksum", latest.checksum if latest else ""),
    }
    return render(request, "protocols/edit_protocol.html", context, status=status)


def _after_step(request: HttpRequest) -> EditProtocolForm:
    """Return the form with its outline changed by a button; nothing is checked or saved."""
    posted = EditProtocolForm.posted(request.POST)
    content = posted.content()
    take_step(content, request.POST["step"])
    form = EditProtocolForm(content)
    if len(form.fields) <= MOST_FIELDS:
        return form
    messages.error(request, _too_large())
    return posted


def _too_large() -> str:
    return _("This protocol is too large for the form. Download it, edit the file, upload it.")


def _save(request: HttpRequest, version: ProtocolVersion, content: Any) -> ProtocolVersion:
    """Save under the protocol's own name as its next version, under another as a new protocol."""
    protocol = version.protocol
    if protocol.built_in or content["slug"] != protocol.slug:
        return actions.create_protocol(content=content, acting_user=request.user)
    return actions.add_version(
        protocol=protocol,
        content=content,
        acting_user=request.user,
        expected_checksum=request.POST.get("latest_checksum", ""),
    )


def _copy(version: ProtocolVersion) -> dict[str, Any]:
    content = dict(version.content)
    if version.protocol.built_in:
        content["slug"] = f"{content['slug']}-copy"[:60]
    return content


def _saved(request: HttpRequest, version: ProtocolVersion) -> HttpResponse:
    text = _("Version %(number)d of “%(slug)s” is saved.")
    messages.success(request, text % {"number": version.number, "slug": version.protocol.slug})
    return redirect("protocols:show_protocol", version.protocol.slug, version.number)


def _version_or_404(slug: str, number: int | None) -> ProtocolVersion:
    version = queries.version_of(slug, number)
    if version is None:
        raise Http404
    return version


def _language_labels(version: ProtocolVersion) -> dict[str, str]:
    return {code: language_name(code) for code in version.content["languages"]}


def _language_names(version: ProtocolVersion) -> str:
    return _(", ").join(_language_labels(version).values())


def _kind_labels() -> dict[str, str]:
    return {"radiograph": _("Radiograph"), "volume": _("Volume"), "slice": _("Slice")}


def _tabs(rubric, name: str, labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return links that change one of the page's two settings and keep the other."""
    shown = {"language": rubric.language, "kind": rubric.kind}
    address = reverse("protocols:show_protocol", args=[rubric.slug, rubric.version])
    entries = []
    for value, label in labels.items():
        wanted = shown | {name: value}
        entries.append(
            {
                "label": label,
                "url": f"{address}?language={wanted['language']}&kind={wanted['kind']}",
                "current": shown[name] == value,
            }
        )
    return entries
