"""Everything the rating keeps, one subject a file."""

from sts_qa.rating.models.questions import Acknowledgement, Clarification, Question
from sts_qa.rating.models.ratings import (
    Draft,
    ProblemReport,
    Rating,
    ReadingConditions,
    Score,
)

__all__ = [
    "Acknowledgement",
    "Clarification",
    "Draft",
    "ProblemReport",
    "Question",
    "Rating",
    "ReadingConditions",
    "Score",
]
