"""One folder per category, with images and masks in sibling folders or side by side.

    CATEGORY/image.png                     CATEGORY/images/a.png   CATEGORY/masks/a.png
    CATEGORY/Labeled/{Image,Mask}/a.png    CATEGORY/a.png          CATEGORY/a_mask.png

Images that lie in no such folder form one category with the name of the imported folder.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts.candidates import LayoutResult
from sts_qa.catalogue.layouts.listing import Listing
from sts_qa.catalogue.layouts.trees import Stratum, read_tree
from sts_qa.catalogue.layouts.words import place_of


def read_folders(listing: Listing) -> LayoutResult:
    """Sort a listing by its first folders."""

    def stratum_of(folders: tuple[str, ...]) -> Stratum | None:
        if folders:
            first = place_of(folders[:1])
            if not first.role and first.labelled is None:
                return Stratum(folders[0])
        return Stratum(listing.root.name) if listing.root.name else None

    return read_tree(
        listing,
        stratum_of,
        no_category=_("The file lies in no folder that could name its category."),
    )
