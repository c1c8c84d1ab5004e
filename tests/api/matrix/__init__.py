"""What every endpoint answers to everybody: one file of lines per resource.

A line's statuses stand in the order of `ASKERS`:

    no log-in · rater of another study · rater · observer · coordinator (browser log-ins)
    | token with read · with rate · with manage | token with all scopes for another study

The tokens are the coordinator's, or the rater's where the line says `owner="rater"`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ASKERS = (
    *("nobody", "stranger", "rater", "observer", "coordinator"),
    *("read", "rate", "manage", "elsewhere"),
)


@dataclass(frozen=True)
class Line:
    """Expected statuses, and what is sent.

    `body` and `arguments` are functions of the world (`tests.api.matrix.world`), `arguments`
    for what differs from the world's own; `prepare` changes the world first.
    """

    statuses: str
    body: Callable[[Any], Any] | None = None
    arguments: Callable[[Any], dict[str, Any]] | None = None
    prepare: Callable[[Any], None] | None = None
    query: str = ""
    owner: str = "coordinator"

    @property
    def expected(self) -> dict[str, int]:
        numbers = [int(word) for word in self.statuses.replace("|", " ").split()]
        return dict(zip(ASKERS, numbers, strict=True))
