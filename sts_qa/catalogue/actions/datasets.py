"""Making datasets, and saying who sees them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sts_qa.audit import actions as audit
from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.models import NAME_LENGTH, Dataset, DatasetMember


@transaction.atomic
def create_dataset(*, name: str, acting_user: Any, is_demonstration: bool = False) -> Dataset:
    """Make an empty dataset with `acting_user` as its first member.

    Raises
    ------
    CatalogueRefused
        When the name is empty, too long or taken.
    """
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise CatalogueRefused(
            _("A dataset needs a name of 1 to %(longest)s characters.") % {"longest": NAME_LENGTH},
            field="name",
        )
    if Dataset.objects.filter(name=name).exists():
        raise CatalogueRefused(
            _("There is a dataset named %(name)s already. Choose another name.") % {"name": name},
            field="name",
        )
    dataset = Dataset.objects.create(
        name=name, created_by=acting_user, is_demonstration=is_demonstration
    )
    audit.record(
        chain=audit.dataset_chain(dataset.pk),
        action="dataset.created",
        acting_user=acting_user,
        subject=dataset,
        details={"is_demonstration": is_demonstration},
    )
    add_member(dataset=dataset, user=acting_user, acting_user=acting_user)
    return dataset


@transaction.atomic
def add_member(*, dataset: Dataset, user: Any, acting_user: Any) -> DatasetMember:
    """Let a person see the dataset; a member already stays one."""
    member, is_new = DatasetMember.objects.select_for_update().get_or_create(
        dataset=dataset, user=user
    )
    if not is_new and member.removed_at is None:
        return member
    DatasetMember.objects.filter(pk=member.pk).update(removed_at=None)
    member.removed_at = None
    _record_member("dataset.member_added", dataset, user, acting_user)
    return member


@transaction.atomic
def remove_member(*, dataset: Dataset, user: Any, acting_user: Any) -> None:
    """Take the dataset out of a person's sight.

    Raises
    ------
    CatalogueRefused
        When nobody would be left to see it.
    """
    members = DatasetMember.objects.select_for_update().filter(
        dataset=dataset, removed_at__isnull=True
    )
    person_ids = {member.user_id for member in members}
    if user.pk not in person_ids:
        return
    if person_ids == {user.pk}:
        raise CatalogueRefused(_("A dataset needs at least one member. Add another one first."))
    members.filter(user=user).update(removed_at=timezone.now())
    _record_member("dataset.member_removed", dataset, user, acting_user)


def _record_member(action: str, dataset: Dataset, user: Any, acting_user: Any) -> None:
    audit.record(
        chain=audit.dataset_chain(dataset.pk),
        action=action,
        acting_user=acting_user,
        subject=dataset,
        details={"person": str(user.opaque_id)},
    )
