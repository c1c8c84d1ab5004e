"""Exceptions from the share that is drawn: one small field per category and stratum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _

from sts_qa.catalogue.models import Category, Dataset, Item

STRATA = ("labelled", "unlabelled")
Size = dict[str, object]


@dataclass(frozen=True)
class SizeCell:
    """One field of the table of exceptions, and the name its size has in the plan."""

    field: str
    name: str
    category: Category
    stratum: str


class SizeField(forms.CharField):
    """A whole number ("50"), or a share in percent ("40%")."""

    widget = forms.TextInput(attrs={"inputmode": "text", "size": 6, "class": "num"})

    def to_python(self, value: object) -> Size | None:  # type: ignore[override]
        text = str(super().to_python(value)).replace("％", "%").replace(" ", "")
        if not text:
            return None
        if text.isdecimal():
            return {"number": int(text)}
        share = re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,6})?)%", text)
        if share and 0 < (percent := Decimal(share[1].replace(",", "."))) <= 100:
            return {"fraction": plain(percent / 100)}
        raise forms.ValidationError(
            _("Write a whole number such as 50, or a percentage such as 40%."), code="size"
        )


def size_text(size: Size) -> str:
    """Return what one would type for a size of a plan."""
    if "number" in size:
        return str(size["number"])
    return f"{plain(Decimal(str(size['fraction'])) * 100)}%"


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def size_cells(dataset: Dataset) -> list[SizeCell]:
    """Return a cell per category, and per stratum where there is more than one to choose from."""
    found = set(Item.objects.filter(dataset=dataset).values_list("category_id", "labelled"))
    cells = []
    for category in dataset.categories.order_by("position", "name"):
        name = f"size-{category.pk}"
        cells.append(SizeCell(name, category.name, category, ""))
        cells += [
            SizeCell(f"{name}-{stratum}", f"{category.name}/{stratum}", category, stratum)
            for stratum in STRATA
            if (category.pk, stratum == "labelled") in found
        ]
    return cells
