"""All values of a dataset as a file."""

from __future__ import annotations

from django.http import Http404, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from sts_qa.accounts.decorators import coordinator_required
from sts_qa.accounts.requests import LoggedInRequest
from sts_qa.catalogue.queries import dataset_or_404
from sts_qa.measurements import exports


# Not for HEAD: each export is recorded
@require_GET
@coordinator_required
@never_cache
def export_metrics(request: LoggedInRequest, dataset_id: int, shape: str) -> StreamingHttpResponse:
    """Send the values, one row per value ("long") or one row per item ("wide")."""
    dataset = dataset_or_404(request.user, dataset_id)
    if shape not in exports.SHAPES:
        raise Http404
    lines = exports.export_metrics(dataset=dataset, shape=shape, acting_user=request.user)
    name = f"{slugify(dataset.name) or 'dataset'}-metrics-{shape}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
