"""Reading datasets, items and imports; and who may see them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.models import Dataset


def visible_datasets(user) -> QuerySet[Dataset]:
    """Return the datasets of which `user` is a member; all of them to a superuser.

    A person who rates in an open study of a dataset sees neither it nor its metrics
    (`studies.queries.rates_openly`, checked where the layers allow it).
    """
    if user.is_superuser:
        return Dataset.objects.all()
    return Dataset.objects.filter(members__user=user, members__removed_at__isnull=True)


def dataset_or_404(user, dataset_id: int) -> Dataset:
    """Return the dataset, or answer 404 as if it did not exist when `user` may not see it."""
    if not may_coordinate(user):
        raise Http404
    dataset = visible_datasets(user).filter(pk=dataset_id).first()
    if dataset is None:
        raise Http404
    return dataset
