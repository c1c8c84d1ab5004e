"""Why an act of rating cannot be carried out; each says it in a sentence for the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Place = str | tuple[str, ...]


class RatingError(Exception):
    """An act that is not possible now; `problem` names the kind for programs."""

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


class NoAccess(RatingError):
    """The study is not running, does not take ratings this way, or the rater was withdrawn."""


class InvalidSubmission(RatingError):
    """Something in what was sent is wrong; `fields` says what and where.

    A field within another is given as its steps; `places` has the steps of each.
    """

    def __init__(
        self,
        fields: Mapping[str, str] | Mapping[Place, str],
        *,
        problem: str = "invalid",
        detail: str = "",
    ) -> None:
        super().__init__(problem, detail or " ".join(dict.fromkeys(fields.values())))
        self.places = {
            (place,) if isinstance(place, str) else place: text for place, text in fields.items()
        }
        self.fields = {".".join(steps): text for steps, text in self.places.items()}


class InvalidScores(InvalidSubmission):
    """A score breaks the protocol; `fields` are criteria."""


class NoSuchAssignment(RatingError):
    """The rater has no assignment with this token in the study."""

    def __init__(self, detail: str) -> None:
        super().__init__("not_found", detail)


class UnreadablePixels(RatingError):
    """The image's bytes are gone or damaged, or its values are not known."""

    def __init__(self, detail: str) -> None:
        super().__init__("unreadable", detail)


class RowsRefused(RatingError):
    """Some of many submissions cannot be stored, so none was; `errors` are by their place."""

    def __init__(self, errors: Mapping[int, RatingError]) -> None:
        super().__init__("rows", " ".join(dict.fromkeys(str(one) for one in errors.values())))
        self.errors = dict(errors)


class Replaced(RatingError):
    """The rating to be replaced is no longer the current one; nothing was written."""

    def __init__(self, detail: str, current: Any) -> None:
        super().__init__("replaced", detail)
        self.current = current
