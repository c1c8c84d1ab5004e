"""What screening, which lies above the catalogue, adds to items and their pages.

It fills these in when the application starts; without it no item has a decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, Value
from django.db.models.expressions import BaseExpression
from django.http import HttpRequest


@dataclass
class DecisionFields:
    """Of the decision that holds for an item, as expressions in a query of items.

    Both are null or empty for an item without a decision.
    """

    # "exclude" or "keep"
    outcome: Callable[[], BaseExpression]
    # The item version whose mask error was accepted
    accepted_version: Callable[[], BaseExpression]


@dataclass(frozen=True)
class ItemPanel:
    """A part of an item's page: a template, and what it needs."""

    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any]]


DECISIONS = DecisionFields(
    outcome=lambda: Value("", output_field=CharField()),
    accepted_version=lambda: Value(None, output_field=BigIntegerField()),
)
ITEM_PANELS: list[ItemPanel] = []
