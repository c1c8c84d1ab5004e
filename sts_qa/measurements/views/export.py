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
from sts_qa.measurements.export_tables import SHAPES


# Not for HEAD: each export is recorded
@require_GET
@coordinator_required
@never_cache
def export_metrics(
    request: LoggedInRequest, dataset_id: int, shape: str, file_format: str
) -> StreamingHttpResponse:
    """Send the values, one row per value ("long") or one row per item ("wide")."""
    dataset = dataset_or_404(request.user, dataset_id)
    if shape not in SHAPES or file_format not in exports.FORMATS:
        raise Http404
    blocks = exports.export_metrics(
        dataset=dataset, shape=shape, file_format=file_format, acting_user=request.user
    )
    name = f"{slugify(dataset.name) or 'dataset'}-metrics-{shape}.{file_format}"
    return StreamingHttpResponse(
        blocks,
        content_type=exports.FORMATS[file_format].media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
