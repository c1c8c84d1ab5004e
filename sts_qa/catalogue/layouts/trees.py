"""What the layouts made of folders have in common: images and masks in sibling folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts.candidates import Candidate, LayoutResult
from sts_qa.catalogue.layouts.listing import Finding, FoundFile, Listing
from sts_qa.catalogue.layouts.pairing import choose, looks_like_mask, pair_masks
from sts_qa.catalogue.layouts.words import Place, place_of


@dataclass(frozen=True)
class Stratum:
    """Where a layout puts a file: category, group, attributes."""

    category: str
    group: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass
class _Pile:
    """Files that may belong together: same stratum, same folders but for image or mask."""

    stratum: Stratum
    labelled: bool | None
    images: list[FoundFile] = field(default_factory=list)
    masks: list[FoundFile] = field(default_factory=list)
    has_mask_folder: bool = False


def read_tree(
    listing: Listing,
    stratum_of: Callable[[tuple[str, ...]], Stratum | None],
    *,
    above: tuple[str, ...] = (),
    no_category: str,
) -> LayoutResult:
    """Sort a listing into candidates.

    Parameters
    ----------
    stratum_of
        From the folders of a file (below the root) to its stratum; None where it has none.
    above
        Names of the folders that hold the root, where they may say "Labeled".
    no_category
        Reason told for files without a stratum.
    """
    result = LayoutResult()
    piles: dict[tuple, _Pile] = {}
    for found in listing.files:
        place, stratum = place_of(found.folders, above), stratum_of(found.folders)
        if stratum is None:
            result.findings.append(Finding(found.key, "no-category", no_category, found.size_bytes))
            continue
        pile = _pile_of(piles, place, stratum)
        (pile.masks if place.role == "mask" else pile.images).append(found)
        pile.has_mask_folder |= place.role == "mask"
    _note_mask_folders(listing, piles, stratum_of, above)
    for pile in piles.values():
        _read_pile(pile, result)
    return result


def _pile_of(piles: dict[tuple, _Pile], place: Place, stratum: Stratum) -> _Pile:
    return piles.setdefault(
        (stratum, place.pair_folder, place.labelled), _Pile(stratum, place.labelled)
    )


def _note_mask_folders(
    listing: Listing,
    piles: dict[tuple, _Pile],
    stratum_of: Callable[[tuple[str, ...]], Stratum | None],
    above: tuple[str, ...],
) -> None:
    """An empty mask folder means that masks are missing, not that there ought to be none."""
    for key in listing.folders:
        folders = tuple(key.split("/"))
        place, stratum = place_of(folders, above), stratum_of(folders)
        pile = piles.get((stratum, place.pair_folder, place.labelled))
        if pile is not None and place.role == "mask":
            pile.has_mask_folder = True


def _read_pile(pile: _Pile, result: LayoutResult) -> None:
    if not pile.has_mask_folder:
        # No mask folder: masks may lie beside the images
        pile.masks = [found for found in pile.images if looks_like_mask(found)]
        pile.images = [found for found in pile.images if not looks_like_mask(found)]
    pairs = pair_masks(pile.images, pile.masks)
    labelled = pile.labelled
    if labelled is None:
        # Where one image has its mask, all ought to have one
        labelled = pile.has_mask_folder or bool(pairs.masks)
    for image in pile.images:
        mask, error, reason = choose(image, pairs) if labelled else (None, "", "")
        result.candidates.append(
            Candidate(
                image=image,
                category=pile.stratum.category,
                group=pile.stratum.group,
                labelled=labelled,
                mask=mask,
                mask_error=error,
                mask_reason=reason,
                attributes=dict(pile.stratum.attributes),
            )
        )
    for mask in pairs.left_over if labelled else pile.masks:
        reason = _("A mask that fits no image. Name it after its image.")
        if pile.labelled is False:
            reason = _("A mask among unlabelled images. Move both to the labelled folder.")
        result.findings.append(Finding(mask.key, "mask-without-image", reason, mask.size_bytes))
