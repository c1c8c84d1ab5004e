"""What a coordinator states about viewing: the shape of pixels, and presets for windows.

Each says itself what is wrong with it, so that forms and actions refuse the same things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.catalogue.models import NAME_LENGTH, ImageKind

LARGEST_SHAPE = 1000
LARGEST_VALUE = 10_000_000
MOST_PRESETS = 12
# Percentiles of a volume are stored in steps of a tenth
PERCENTILE_DECIMALS = 1

# Field and text of what is wrong; an empty field means all of it together
Problem = tuple[str, str]


@dataclass(frozen=True)
class PixelShape:
    """Millimetres of a pixel, or its height over its width, or nothing: square."""

    height_mm: Decimal | None = None
    width_mm: Decimal | None = None
    ratio: Decimal | None = None

    def problem(self) -> Problem | None:
        given = {"height_mm": self.height_mm, "width_mm": self.width_mm, "ratio": self.ratio}
        for field, value in given.items():
            if value is not None and not (value.is_finite() and 0 < value <= LARGEST_SHAPE):
                return field, _("Write a number above 0 and at most %d.") % LARGEST_SHAPE
        if (self.height_mm is None) != (self.width_mm is None):
            missing = "height_mm" if self.height_mm is None else "width_mm"
            return missing, _("Give both millimetres, or neither.")
        if self.ratio is not None and self.height_mm is not None:
            return "ratio", _("Give either millimetres or the ratio, not both.")
        return None

    @property
    def height_over_width(self) -> Decimal:
        if self.height_mm is not None and self.width_mm is not None:
            return self.height_mm / self.width_mm
        return Decimal(1) if self.ratio is None else self.ratio


@dataclass(frozen=True)
class Preset:
    """A window that raters can choose: percentiles of the image's values, or centre and width."""

    # Text by language code; English is always there
    name: Mapping[str, str]
    kind: str
    percentiles: tuple[Decimal | None, Decimal | None] = (None, None)
    centre: Decimal | None = None
    width: Decimal | None = None

    def problem(self) -> Problem | None:
        if not self.name.get("en"):
            return "name_en", _("Give the preset a name in English.")
        if any(len(text) > NAME_LENGTH or not text.isprintable() for text in self.name.values()):
            return "name_en", _("A name is one line of at most %d characters.") % NAME_LENGTH
        if self.kind not in ImageKind.values:
            return "kind", _("A preset is for radiographs or for volumes.")
        has_percentiles = self.percentiles != (None, None)
        has_window = (self.centre, self.width) != (None, None)
        if has_percentiles == has_window:
            return "", _("Give either two percentiles, or centre and width.")
        return self._percentile_problem() if has_percentiles else self._window_problem()

    def _percentile_problem(self) -> Problem | None:
        for field, value in zip(("low", "high"), self.percentiles, strict=True):
            if value is None:
                return field, _("Give both percentiles.")
            if not (
                value.is_finite() and 0 <= value <= 100 and _decimals(value) <= PERCENTILE_DECIMALS
            ):
                return field, _("Write a percentile from 0 to 100 with at most one decimal.")
        low, high = self.percentiles
        if low is not None and high is not None and low >= high:
            return "high", _("The second percentile must be above the first.")
        return None

    def _window_problem(self) -> Problem | None:
        if self.centre is None:
            return "centre", _("Give the centre too.")
        if self.width is None:
            return "width", _("Give the width too.")
        if not (self.centre.is_finite() and abs(self.centre) <= LARGEST_VALUE):
            return "centre", _("Write a number of at most %d.") % LARGEST_VALUE
        if not (self.width.is_finite() and 0 < self.width <= LARGEST_VALUE):
            return "width", _("Write a number above 0 and at most %d.") % LARGEST_VALUE
        return None

    def stored(self) -> dict[str, Any]:
        """Return the preset as `Dataset.window_presets` holds it; only of one without problem."""
        named = {"name": dict(self.name), "kind": self.kind}
        if self.centre is not None and self.width is not None:
            return {**named, "centre": float(self.centre), "width": float(self.width)}
        low, high = self.percentiles
        assert low is not None, "checked by problem()"
        assert high is not None, "checked by problem()"
        return {**named, "percentiles": [plain(low), plain(high)]}


def problem_of_all(presets: Sequence[Preset]) -> str:
    """Return what is wrong with the presets of a dataset together, or an empty string."""
    if len(presets) > MOST_PRESETS:
        return _("A dataset has at most %d presets.") % MOST_PRESETS
    names = [(preset.kind, preset.name.get("en", "")) for preset in presets]
    for kind, name in names:
        if name and names.count((kind, name)) > 1:
            return _("Two presets are named “%s”. Give each its own name.") % name
    return ""


def plain(number: Decimal | float) -> str:
    """Return a number as people write it: without exponent and without zeros at its end."""
    text = format(Decimal(str(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
