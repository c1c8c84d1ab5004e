"""Who may follow a link from a study's page to an item of its dataset."""

from __future__ import annotations

from typing import Any

from sts_qa.accounts.queries import may_coordinate
from sts_qa.catalogue.queries import visible_datasets


def opens_item_pages(user: Any, dataset_id: int) -> bool:
    """Say whether the person may open the dataset's pages: a coordinator and its member."""
    return may_coordinate(user) and visible_datasets(user).filter(pk=dataset_id).exists()
