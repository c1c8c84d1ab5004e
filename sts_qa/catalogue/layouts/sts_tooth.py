"""The folder tree of the STS-Tooth dataset, in any spelling and case of its inner folders.

    STS-2D-Tooth/A-PXI/Labeled/{Image,Mask}     STS-3D-Tooth/ROI/Labeled/{Image,Mask}
    STS-2D-Tooth/C-PXI/Unlabeled/Image          STS-3D-Tooth/Integrity/Unlabeled/Image

The imported folder may also lie above this tree, or be one of its inner folders.
"""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext as _

from sts_qa.catalogue.layouts.candidates import LayoutResult
from sts_qa.catalogue.layouts.listing import Listing
from sts_qa.catalogue.layouts.trees import Stratum, read_tree
from sts_qa.catalogue.layouts.words import place_of, plain

GROUP_2D = "STS-2D-Tooth"
CATEGORY_3D = "STS-3D-Tooth"
CATEGORIES_2D = {"apxi": "A-PXI", "cpxi": "C-PXI"}
REGIONS = {"roi": "ROI", "integrity": "Integrity"}
# In the order of the paper's tables
CATEGORY_ORDER = ("A-PXI", "C-PXI", CATEGORY_3D)


def read_sts_tooth(listing: Listing) -> LayoutResult:
    """Sort a listing by the STS-Tooth tree."""
    above = _above(listing)
    return read_tree(
        listing,
        partial(stratum_of, above=above),
        above=above,
        no_category=_("The file lies in none of the folders A-PXI, C-PXI and STS-3D-Tooth."),
    )


def looks_like_sts_tooth(listing: Listing) -> bool:
    """Say whether most images lie in a category and in a folder Labeled or Unlabeled."""
    above = _above(listing)
    fitting = sum(
        stratum_of(found.folders, above=above) is not None
        and place_of(found.folders, above).labelled is not None
        for found in listing.files
    )
    return 2 * fitting > len(listing.files)


def stratum_of(folders: tuple[str, ...], *, above: tuple[str, ...] = ()) -> Stratum | None:
    words = [plain(name) for name in (*above, *folders)]
    for word in reversed(words):
        if word in CATEGORIES_2D:
            return Stratum(CATEGORIES_2D[word], GROUP_2D)
    region = next((REGIONS[word] for word in reversed(words) if word in REGIONS), "")
    if region or plain(CATEGORY_3D) in words:
        return Stratum(CATEGORY_3D, "", (("region", region),) if region else ())
    return None


def _above(listing: Listing) -> tuple[str, ...]:
    return listing.root.parts[-2:]
