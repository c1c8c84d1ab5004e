"""Reading datasets, items and imports; and who may see them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.access import is_blinded
from sts_qa.catalogue.models import Dataset


def visible_datasets(user) -> QuerySet[Dataset]:
    """Return the datasets of which `user` is a member; all of them to a superuser.

    Some of them may be blinded (`catalogue.access`), which `dataset_or_404` checks.
    """
    if user.is_superuser:
        return Dataset.objects.all()
    return Dataset.objects.filter(members__user=user, members__removed_at__isnull=True)


def dataset_or_404(user, dataset_id: int) -> Dataset:
    """Return the dataset, or answer 404 as if it did not exist when `user` may not see it.

    Raises
    ------
    PermissionDenied
        When the person is a member but seeing the dataset would bias ratings still to be given.
    """
    if not may_coordinate(user):
        raise Http404
    dataset = visible_datasets(user).filter(pk=dataset_id).first()
    if dataset is None:
        raise Http404
    if is_blinded(user, dataset.pk):
        raise PermissionDenied(
            _("You rate in an open study of this dataset, so its pages are closed to you for now.")
        )
    return dataset
