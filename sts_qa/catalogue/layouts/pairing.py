"""Finding each image's mask by the names of the files.

First by equal stem; then, among masks that no image has by its own name, by the stem without
`_mask`, `-mask`, `_label`, `_seg`, `_gt`, or the image's without `_0000`. More than one that fits
is never guessed at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts.listing import FoundFile
from sts_qa.science.imaging.readers import stem_of

_MASK_SUFFIX = re.compile(r"(.+)(_mask|-mask|_label|_seg|_gt)", re.IGNORECASE)
_IMAGE_SUFFIX = "_0000"


@dataclass
class Pairs:
    """Masks by key of the image, and the masks that fit no image."""

    masks: dict[str, list[FoundFile]] = field(default_factory=lambda: defaultdict(list))
    # Images that want one and the same mask
    shared: dict[str, FoundFile] = field(default_factory=dict)
    left_over: list[FoundFile] = field(default_factory=list)


def pair_masks(images: Iterable[FoundFile], masks: Iterable[FoundFile]) -> Pairs:
    """Pair images and masks of one place."""
    by_stem: dict[str, list[FoundFile]] = defaultdict(list)
    by_short_stem: dict[str, list[FoundFile]] = defaultdict(list)
    for image in images:
        stem = stem_of(image.name)
        by_stem[stem].append(image)
        by_short_stem[image_base(stem)].append(image)
    pairs = Pairs()
    for mask in masks:
        stem = stem_of(mask.name)
        base = mask_base(stem) or stem
        wanted = by_stem.get(stem) or by_stem.get(base) or by_short_stem.get(base, [])
        if not wanted:
            pairs.left_over.append(mask)
        for image in wanted:
            pairs.masks[image.key].append(mask)
            if len(wanted) > 1:
                pairs.shared[image.key] = mask
    return pairs


def mask_base(stem: str) -> str:
    """Return a mask's stem without its suffix, or nothing when it has none."""
    match = _MASK_SUFFIX.fullmatch(stem)
    return match[1] if match else ""


def image_base(stem: str) -> str:
    return stem.removesuffix(_IMAGE_SUFFIX)


def looks_like_mask(found: FoundFile) -> bool:
    """Say whether a file is a mask by its name alone."""
    return bool(mask_base(stem_of(found.name)))


def choose(image: FoundFile, pairs: Pairs) -> tuple[FoundFile | None, str, str]:
    """Return the image's mask, or None with "missing" or "ambiguous" and the reason."""
    fitting = pairs.masks.get(image.key, [])
    if not fitting:
        return None, "missing", _("No mask with this name was found.")
    if len(fitting) > 1:
        names = ", ".join(mask.name for mask in fitting)
        return None, "ambiguous", _("More than one mask fits: %(names)s.") % {"names": names}
    if image.key in pairs.shared:
        return (
            None,
            "ambiguous",
            _("The mask %(name)s fits more than one image.") % {"name": fitting[0].name},
        )
    return fitting[0], "", ""
