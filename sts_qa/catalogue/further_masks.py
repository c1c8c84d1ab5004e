"""Which item a further mask belongs to, and what importing it would do.

The files are named and lie as the item's own mask would: the rules are those of
`layouts.pairing`, and folders, where there are any, are those of the item. Nothing is read from
disk or written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts.listing import Finding, FoundFile, Listing, without_duplicates
from sts_qa.catalogue.layouts.pairing import Pairs, choose, image_base, mask_base, pair_masks
from sts_qa.catalogue.layouts.words import place_of, plain
from sts_qa.catalogue.models import ImageKind, Item, ItemVersion, MaskVersion
from sts_qa.catalogue.planning import MASK_FIELDS, clean, difference_reason, mask_content
from sts_qa.catalogue.queries.further_masks import PairableItem, newest_further_masks
from sts_qa.science.imaging.masks import Grid, MaskFacts, check_grids
from sts_qa.science.imaging.readers import VOLUME_ENDINGS, stem_of


@dataclass
class PairedMasks:
    """Each file with the id of its item, and the files that are refused."""

    chosen: list[tuple[FoundFile, int]] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class ReadMask:
    """A file that was read, and the item that it belongs to."""

    item_id: int
    found: FoundFile
    facts: MaskFacts


@dataclass
class ComparedMasks:
    """What importing some masks would do; `unchanged` come with the place where they lie now."""

    new: list[MaskVersion] = field(default_factory=list)
    unchanged: list[tuple[MaskVersion, str]] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)


def mask_files(listing: Listing) -> list[FoundFile]:
    """Return the files that may be masks: not the images beside folders of masks."""
    roles = {found.key: place_of(found.folders).role for found in listing.files}
    has_mask_folder = "mask" in roles.values()
    return [
        found for found in listing.files if not (has_mask_folder and roles[found.key] == "image")
    ]


def pair_with_items(files: Iterable[FoundFile], items: Iterable[PairableItem]) -> PairedMasks:
    """Find each file's item. More than one that fits is never guessed at."""
    index = _ItemIndex(items)
    pairs, refused = Pairs(), []
    for mask in files:
        named_like = index.named_like(mask)
        fitting = [image for image in named_like if index.lies_with(image, mask)]
        found = pair_masks(fitting, [mask])
        if found.left_over:
            elsewhere = not pair_masks(named_like, [mask]).left_over
            refused.append(Finding(mask.key, "no-item", _no_item(mask, elsewhere=elsewhere)))
        for key, masks in found.masks.items():
            pairs.masks[key] += masks
        pairs.shared |= found.shared
    paired = PairedMasks(refused=refused)
    for key, masks in pairs.masks.items():
        chosen, error, reason = choose(index.images[key], pairs)
        if chosen is not None:
            paired.chosen.append((chosen, index.ids[key]))
        else:
            paired.refused += [Finding(mask.key, error, reason) for mask in masks]
    paired.refused = without_duplicates(paired.refused)
    return paired


def compare_masks(name: str, read: Sequence[ReadMask]) -> ComparedMasks:
    """Compare masks with the images that they belong to, and with what the name has already."""
    item_ids = [mask.item_id for mask in read]
    items = Item.objects.select_related("current_version").in_bulk(item_ids)
    newest = newest_further_masks(item_ids, name=name)
    compared = ComparedMasks()
    for mask in read:
        version = items[mask.item_id].current_version
        last = next(iter(newest.get(mask.item_id, [])), None)
        if reason := _misfit(version, mask.facts):
            compared.refused.append(Finding(mask.found.key, "misfit", clean(reason)))
        elif last is not None and last.sha256 == mask.facts.sha256:
            compared.unchanged.append((last, mask.found.path))
        else:
            compared.new.append(_next_version(items[mask.item_id], name, last, mask))
    return compared


class _ItemIndex:
    """Images by every name that a mask of theirs may have."""

    def __init__(self, items: Iterable[PairableItem]) -> None:
        self.images: dict[str, FoundFile] = {}
        self.ids: dict[str, int] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._by_name: dict[tuple[bool, str], dict[str, FoundFile]] = defaultdict(dict)
        for item in items:
            image = FoundFile(item.key, "", 0, 0)
            self.images[item.key], self.ids[item.key] = image, item.id
            self._places[item.key] = _place(image)
            stem = stem_of(image.name)
            for name in (stem, image_base(stem)):
                self._by_name[item.kind == ImageKind.VOLUME, name][item.key] = image

    def named_like(self, mask: FoundFile) -> list[FoundFile]:
        """Return the images that the mask's name may mean, wherever they lie."""
        stem = stem_of(mask.name)
        found: dict[str, FoundFile] = {}
        for name in (stem, mask_base(stem) or stem):
            found |= self._by_name.get((_is_volume(mask), name), {})
        return list(found.values())

    def lies_with(self, image: FoundFile, mask: FoundFile) -> bool:
        """Say whether the mask's folders are folders of the image, in their order."""
        folders = iter(self._places[image.key])
        return all(folder in folders for folder in _place(mask))


def _place(found: FoundFile) -> tuple[str, ...]:
    """Return the file's folders without the one that says image or mask."""
    return tuple(plain(folder) for folder in place_of(found.folders).pair_folder)


def _is_volume(found: FoundFile) -> bool:
    return found.key.lower().endswith(VOLUME_ENDINGS)


def _no_item(mask: FoundFile, *, elsewhere: bool) -> str:
    if elsewhere:
        return _(
            "The image of this name lies in other folders of the dataset. Put the mask into "
            "folders named as there, or into none."
        )
    if _is_volume(mask):
        return _("The dataset has no volume of this name. Name the mask after its volume.")
    return _("The dataset has no radiograph of this name. Name the mask after its image.")


def _misfit(version: ItemVersion | None, facts: MaskFacts) -> str:
    """Return why the mask does not lie on the image's grid, or nothing."""
    if version is None:
        return _("No import could read the image, so the mask cannot be compared with it.")
    if facts.sha256 == version.sha256:
        return _("This is the image itself. Put its mask there instead.")
    image = Grid(tuple(version.shape), version.affine)
    difference = check_grids(image, Grid(facts.shape, facts.affine))
    return difference_reason(difference, version, facts) if difference else ""


def _next_version(item: Item, name: str, last: MaskVersion | None, mask: ReadMask) -> MaskVersion:
    content = mask_content(mask.found, mask.facts)
    return MaskVersion(
        item=item,
        name=name,
        number=last.number + 1 if last else 1,
        **{field_name: content[field_name] for field_name in MASK_FIELDS},
    )
