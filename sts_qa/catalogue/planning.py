"""Comparing one file of a folder with the catalogue: what applying an import would do to it.

Nothing is read from or written to disk or database here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts import Candidate, Finding, FoundFile
from sts_qa.catalogue.layouts.listing import short_key
from sts_qa.catalogue.models import ImageKind, ImportEntry, ImportRun, Item, ItemVersion
from sts_qa.catalogue.queries.imports import StoredItem
from sts_qa.science.imaging.facts import FileFacts
from sts_qa.science.imaging.masks import MaskFacts
from sts_qa.science.imaging.pairs import PairFacts, Problem
from sts_qa.science.imaging.readers import VOLUME_ENDINGS

Outcome = ImportEntry.Outcome
REASON_LENGTH = 300
# Of what `mask_content` returns, what a mask's version stores
MASK_FIELDS = (
    "key",
    "sha256",
    "size_bytes",
    "location",
    "shape",
    "dtype",
    "spacing",
    "affine",
    "values",
    "nonzero",
    "extent",
)


@dataclass(frozen=True)
class Comparison:
    """What every entry of one run is compared with."""

    run: ImportRun
    stored: dict[str, StoredItem]
    salt: str

    def hashed(self, kind: str, text: str, digits: int) -> str:
        """Return a salted hash in place of something that could identify a person or a site."""
        if not text:
            return ""
        return hmac.new(self.salt.encode(), f"{kind}:{text}".encode(), "sha256").hexdigest()[
            :digits
        ]


def change_words() -> dict[str, str]:
    """Return what is said of each change of an item."""
    return {
        "image": _("the image has changed"),
        "mask": _("the mask has changed"),
        "mask_error": _("image and mask fit differently"),
        "details": _("category or other details have changed"),
        "state": _("the file is back"),
        "location": _("the same file lies elsewhere"),
    }


def clean(text: str, length: int = REASON_LENGTH) -> str:
    """Return text that any database can store, cut to its field."""
    printable = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", text).strip()
    return printable if len(printable) <= length else f"{printable[: length - 1]}…"


def signature(candidate: Candidate) -> str:
    """Return a short text that changes with everything that a plan's entry was made from."""
    files = [
        (found.path, found.size_bytes, found.modified_ns) if found else ()
        for found in (candidate.image, candidate.mask)
    ]
    parts = repr((files, candidate.category, candidate.group, candidate.labelled,
                  candidate.mask_error, sorted(candidate.attributes.items()),
                  candidate.subject, candidate.source))  # fmt: skip
    return hashlib.sha256(parts.encode(errors="replace")).hexdigest()[:16]


def plan_candidate(candidate: Candidate, facts: PairFacts, comparison: Comparison) -> ImportEntry:
    """Return what the plan says of an image, from the facts read."""
    stored = comparison.stored.get(candidate.key)
    content = _content(candidate, stored, comparison)
    image = facts.image
    size = candidate.image.size_bytes + (candidate.mask.size_bytes if candidate.mask else 0)
    if isinstance(image, Problem):
        return _unreadable(candidate.key, image, stored, content, comparison.run, size)
    content["image"] = _image_content(candidate, image)
    _add_mask(content, candidate, image, facts)
    content["store_bytes"] = _store_bytes(content)
    content["changes"] = _changes(content, stored, keep_files=comparison.run.keep_files)
    if content["changes"] in ([], ["location"]):
        outcome = Outcome.UNCHANGED
    else:
        outcome = Outcome.CHANGED if stored else Outcome.NEW
    if content["mask_error"]:
        outcome, code = Outcome.HELD_BACK, f"mask-{content['mask_error']}"
        reason = content["mask_error_reason"]
    else:
        code = "-".join(change for change in content["changes"] if change != "new")
        words = change_words()
        reason = ", ".join(words[change] for change in content["changes"] if change in words)
    return _entry(comparison.run, candidate.key, outcome, code, reason, size, content)


def plan_finding(finding: Finding, comparison: Comparison, key: str) -> ImportEntry:
    """Return what the plan says of a file that is not imported.

    `key` is the item's key where an item of that name is in the catalogue, else the finding's.
    """
    stored = comparison.stored.get(key)
    if stored and finding.ignored:
        return plan_missing(key, stored, comparison.run, finding.reason)
    if stored:
        problem = Problem(finding.code, finding.reason)
        return _unreadable(key, problem, stored, {}, comparison.run, finding.size_bytes)
    outcome = Outcome.IGNORED if finding.ignored else Outcome.ERROR
    return _entry(
        comparison.run,
        key,
        outcome,
        finding.code,
        finding.reason,
        finding.size_bytes,
        {"changes": []},
    )


def plan_missing(key: str, stored: StoredItem, run: ImportRun, reason: str = "") -> ImportEntry:
    """Return what the plan says of an item whose file is not there."""
    changes = [] if stored.state == Item.State.MISSING else ["missing"]
    reason = reason or _("The file is no longer in the folder.")
    return _entry(run, key, Outcome.MISSING, "missing", reason, 0, {"changes": changes})


def _entry(
    run: ImportRun,
    key: str,
    outcome: str,
    code: str,
    reason: str,
    size: int,
    content: dict[str, Any],
) -> ImportEntry:
    return ImportEntry(
        run=run,
        key=short_key(key),
        outcome=outcome,
        reason_code=code[:40],
        reason=clean(reason),
        size_bytes=size,
        content=content,
        # Where nothing would change there is nothing to apply
        applied=not content["changes"],
    )


def _unreadable(
    key: str,
    problem: Problem,
    stored: StoredItem | None,
    content: dict[str, Any],
    run: ImportRun,
    size: int,
) -> ImportEntry:
    reason = clean(problem.reason)
    if stored is None:
        changes = ["new"]
    elif (stored.state, stored.state_reason) == (Item.State.UNREADABLE, reason):
        changes = []
    else:
        changes = ["unreadable"]
    content = {**content, "changes": changes}
    return _entry(run, key, Outcome.ERROR, problem.code, reason, size, content)


def _content(
    candidate: Candidate, stored: StoredItem | None, comparison: Comparison
) -> dict[str, Any]:
    """Return what is stored of the item itself. What the source no longer says is kept."""
    is_volume = candidate.key.lower().endswith(VOLUME_ENDINGS)
    subject = comparison.hashed("subject", candidate.subject, 64)
    source = comparison.hashed("source", candidate.source, 8)
    attributes = dict(candidate.attributes)
    labelled = candidate.labelled
    if stored:
        subject, source = subject or stored.subject, source or stored.source
        attributes = {**stored.attributes, **attributes}
        # A labelled item is never turned into an unlabelled one
        labelled = labelled or stored.labelled
    return {
        "signature": signature(candidate),
        "kind": ImageKind.VOLUME if is_volume else ImageKind.RADIOGRAPH,
        "category": candidate.category,
        "group": candidate.group,
        "labelled": labelled,
        "attributes": attributes,
        "subject": subject,
        "source": source,
    }


def _image_content(candidate: Candidate, facts: FileFacts) -> dict[str, Any]:
    return {
        "sha256": facts.sha256,
        "size_bytes": facts.size_bytes,
        "location": candidate.image.path,
        "modified_ns": candidate.image.modified_ns,
        "shape": list(facts.shape),
        "channels": facts.channels,
        "dtype": facts.dtype,
        "spacing": _listed(facts.spacing),
        "orientation": facts.orientation,
        "affine": facts.affine,
        "scale_slope": facts.scale_slope,
        "scale_intercept": facts.scale_intercept,
        "notices": [clean(notice) for notice in facts.notices],
    }


def _add_mask(
    content: dict[str, Any], candidate: Candidate, image: FileFacts, facts: PairFacts
) -> None:
    """Add the mask and what is wrong with it."""
    error, reason = candidate.mask_error, candidate.mask_reason
    mask = facts.mask
    content["mask"] = None
    if isinstance(mask, Problem):
        error, reason = "unreadable", mask.reason
    elif mask is not None and candidate.mask is not None:
        content["mask"] = mask_content(candidate.mask, mask)
        error, reason = facts.difference, difference_reason(facts.difference, image, mask)
    elif content["labelled"] and not error:
        error, reason = "missing", _("The item had a mask before, and now there is none.")
    content["mask_error"] = error
    content["mask_error_reason"] = clean(reason)


def mask_content(found: FoundFile, facts: MaskFacts) -> dict[str, Any]:
    """Return what is stored of a mask, from the facts read."""
    return {
        "key": found.key,
        "sha256": facts.sha256,
        "size_bytes": facts.size_bytes,
        "location": found.path,
        "modified_ns": found.modified_ns,
        "shape": list(facts.shape),
        "dtype": facts.dtype,
        "values": list(facts.values),
        "nonzero": facts.nonzero_voxels,
        "extent": None if facts.extent is None else [list(pair) for pair in facts.extent],
        "spacing": _listed(facts.spacing),
        "affine": facts.affine,
        "notices": [clean(notice) for notice in facts.notices],
    }


def difference_reason(kind: str, image: FileFacts | ItemVersion, mask: MaskFacts) -> str:
    """Return what is said of a difference that `check_pair` has found."""
    if kind == "shape":
        return _("The image has %(image)s pixels, the mask %(mask)s.") % {
            "image": " x ".join(map(str, image.shape)),
            "mask": " x ".join(map(str, mask.shape)),
        }
    if kind == "affine" and None in (image.affine, mask.affine):
        return _("Only one of image and mask says where it lies.")
    if kind == "affine":
        return _("Image and mask lie at different places (more than 0.01 voxel apart).")
    return ""


def _changes(content: dict[str, Any], stored: StoredItem | None, *, keep_files: bool) -> list[str]:
    """Return how the item differs from what is stored, as names of `change_words`."""
    if stored is None:
        return ["new"]
    mask = content["mask"]
    details = ("category", "group", "labelled", "attributes", "subject", "source")
    differs = {
        "image": content["image"]["sha256"] != stored.sha256,
        "mask": (mask["sha256"] if mask else None) != stored.mask_sha256,
        "mask_error": content["mask_error"] != (stored.mask_error or ""),
        "details": any(content[name] != getattr(stored, name) for name in details),
        "state": stored.state != Item.State.PRESENT,
    }
    changes = [name for name, differ in differs.items() if differ]
    places = [(content["image"]["location"], stored.location)]
    if mask:
        places.append((mask["location"], stored.mask_location))
    if not keep_files and not differs["image"] and not differs["mask"]:
        changes += ["location"] if any(new != old for new, old in places) else []
    return changes


def _listed(spacing: tuple[float, ...] | None) -> list[float] | None:
    return None if spacing is None else list(spacing)


def _store_bytes(content: dict[str, Any]) -> int:
    """Return the most that the item can take in the volume store."""
    if content["kind"] != ImageKind.VOLUME:
        return 0
    image = content["image"]
    return int(np.prod(image["shape"], dtype=np.int64)) * np.dtype(image["dtype"]).itemsize
