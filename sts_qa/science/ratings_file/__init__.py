"""Ratings that were given elsewhere, read from CSV or XLSX in the forms in which people keep them.

Only reading: what the scores mean to a protocol and a dataset is for the application to check.
"""

from sts_qa.science.ratings_file.model import (
    FileError,
    FileItem,
    FileRater,
    GivenRating,
    GivenScore,
    RatingsFile,
    ReadingOptions,
)
from sts_qa.science.ratings_file.reading import read_ratings
from sts_qa.science.ratings_file.roles import FORMS, ROLES

__all__ = [
    "FORMS",
    "ROLES",
    "FileError",
    "FileItem",
    "FileRater",
    "GivenRating",
    "GivenScore",
    "RatingsFile",
    "ReadingOptions",
    "read_ratings",
]
