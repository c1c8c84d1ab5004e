"""Why an act of rating cannot be carried out; each says it in a sentence for the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RatingError(Exception):
    """An act that is not possible now; `problem` names the kind for programs."""

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


class NoAccess(RatingError):
    """The study is not running, does not take ratings this way, or the rater was withdrawn."""


class InvalidSubmission(RatingError):
    """Something in what was sent is wrong; `fields` says what and where."""

    def __init__(
        self, fields: Mapping[str, str], *, problem: str = "invalid", detail: str = ""
    ) -> None:
        super().__init__(problem, detail or " ".join(dict.fromkeys(fields.values())))
        self.fields = dict(fields)


class Replaced(RatingError):
    """The rating to be replaced is no longer the current one; nothing was written."""

    def __init__(self, detail: str, current: Any) -> None:
        super().__init__("replaced", detail)
        self.current = current
