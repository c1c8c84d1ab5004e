"""What has happened in the catalogue to drawn items since the draw, for the coordinator to know."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Item, ItemVersion
from sts_qa.screening.queries import excluded_item_ids
from sts_qa.studies.models import Study


@dataclass(frozen=True)
class Difference:
    """One drawn item, and how it now differs from what was drawn."""

    item: Item
    # "missing", "unreadable", "excluded", "image" or "mask"
    reason: str

    @property
    def label(self) -> str:
        return {
            "missing": _("missing at the last import"),
            "unreadable": _("unreadable at the last import"),
            "excluded": _("excluded since"),
            "image": _("another image since"),
            "mask": _("another mask since"),
        }[self.reason]


def changed_since_draw(study: Study) -> list[Difference]:
    """Return the drawn items that the catalogue now has otherwise or not at all, by key.

    Units that were withdrawn are decided already and left out, and placeholders never had a file.
    """
    drawn = study.sample.filter(withdrawn_at__isnull=True).order_by()
    # Only drawn ones: a dataset may have more exclusions than a query takes values
    excluded = excluded_item_ids(study.dataset) & set(
        drawn.values_list("item_version__item", flat=True)
    )
    differs = (
        ~Q(item__state=Item.State.PRESENT)
        | Q(item__current_version__isnull=True)
        | ~Q(item__current_version=F("pk"))
        | Q(item__in=excluded)
    )
    versions = (
        ItemVersion.objects.filter(differs, pk__in=drawn.values("item_version"))
        .exclude(sha256="")
        .select_related("item__current_version__mask", "mask")
        .order_by("item__key")
    )
    return [Difference(version.item, _reason(version, excluded)) for version in versions]


def _reason(drawn: ItemVersion, excluded: set[int]) -> str:
    item = drawn.item
    if item.state != Item.State.PRESENT:
        return item.state
    if item.pk in excluded:
        return "excluded"
    now = item.current_version
    if now is None:
        return Item.State.UNREADABLE.value
    return "mask" if now.sha256 == drawn.sha256 else "image"
