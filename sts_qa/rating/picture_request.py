"""Reading what a picture's address asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from django.utils.translation import gettext as _

from sts_qa.rating.errors import InvalidSubmission
from sts_qa.rating.queries.pictures import Picture
from sts_qa.rating.queries.windows import Window

TRUTHS = {"": False, "0": False, "false": False, "1": True, "true": True}
# More than any volume has
MOST_SLICES = 1_000_000
LONGEST_NUMBER = 40


def read_picture(query: Mapping[str, str]) -> Picture:
    """Read plane, slice, window, inversion and outline; each may be left out.

    Raises
    ------
    InvalidSubmission
        With a sentence for each part that is wrong.
    """
    errors: dict[str, str] = {}
    picture = Picture(
        plane=query.get("plane", "")[:LONGEST_NUMBER],
        index=_index(query.get("slice", ""), errors),
        window=_window(query.get("low", ""), query.get("high", ""), errors),
        inverted=_truth("inverted", query, errors),
        outlined=_truth("mask", query, errors),
    )
    if errors:
        raise InvalidSubmission(errors)
    return picture


def _truth(name: str, query: Mapping[str, str], errors: dict[str, str]) -> bool:
    truth = TRUTHS.get(query.get(name, ""))
    if truth is None:
        errors[name] = _("Choose one of: %s.") % "0, 1"
    return bool(truth)


def _index(text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < len(str(MOST_SLICES)):
        return int(text)
    errors["slice"] = _("The number of a slice is expected, counted from 0.")
    return None


def _window(low: str, high: str, errors: dict[str, str]) -> Window | None:
    if not low and not high:
        return None
    limits = []
    for name, text in (("low", low), ("high", high)):
        number = _number(text)
        if number is None:
            errors[name] = _("A number is expected; give both ends of the window or neither.")
        else:
            limits.append(number)
    if len(limits) < 2:
        return None
    if limits[0] > limits[1]:
        errors["high"] = _("The upper end of the window must not lie below the lower one.")
    return limits[0], limits[1]


def _number(text: str) -> float | None:
    try:
        number = float(text[:LONGEST_NUMBER])
    except ValueError:
        return None
    return number if math.isfinite(number) else None
