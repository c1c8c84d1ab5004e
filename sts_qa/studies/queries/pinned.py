"""The versions that samples hold on to, whatever is imported after the draw."""

from __future__ import annotations

from django.db.models import QuerySet

from sts_qa.catalogue.models import Dataset
from sts_qa.studies.models import SampledItem


def pinned_versions(dataset: Dataset) -> QuerySet:
    """Return the primary keys of the item versions behind the tables of the dataset's studies.

    Placeholders, which have no checksum, stand for items without images and are left out.
    """
    units = SampledItem.objects.filter(
        study__dataset=dataset, kind=SampledItem.Kind.MAIN, withdrawn_at__isnull=True
    ).exclude(item_version__sha256="")
    return units.order_by().values("item_version")
