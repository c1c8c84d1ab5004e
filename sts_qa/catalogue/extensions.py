"""What screening and studies, which lie above the catalogue, add to it.

They fill these in when the application starts; without them no item has a decision, and no store
is needed by a study.
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
# Each returns those of the checksums whose stores must stay, whatever the limit of the store
NEEDED_CHECKSUMS: list[Callable[[set[str]], set[str]]] = []
