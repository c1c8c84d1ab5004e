"""Who must not see a dataset although they are its member.

Studies lie above the catalogue, so they say so through this list, which they fill when the
application starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Each takes a user and a dataset's id, and says whether seeing the dataset would bias the person
BLINDING_CHECKS: list[Callable[[Any, int], bool]] = []


def is_blinded(user: Any, dataset_id: int) -> bool:
    return any(check(user, dataset_id) for check in BLINDING_CHECKS)


def is_blinded_to_job(user: Any, subject_type: str, subject_id: int) -> bool:
    """Say so of a job about the subject: its words name files of the dataset."""
    return subject_type == "dataset" and is_blinded(user, subject_id)
