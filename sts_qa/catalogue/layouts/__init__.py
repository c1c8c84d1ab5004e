"""The table of layouts: how the folders of a dataset are read.

A new layout is one function from a listing to candidates, and one line here.
"""

from collections.abc import Callable

from sts_qa.catalogue.layouts.candidates import Candidate, LayoutResult
from sts_qa.catalogue.layouts.folders import read_folders
from sts_qa.catalogue.layouts.listing import Finding, FoundFile, Listing, list_folder
from sts_qa.catalogue.layouts.manifest import find_manifest, read_manifest
from sts_qa.catalogue.layouts.sts_tooth import looks_like_sts_tooth, read_sts_tooth

AUTO = "auto"
LAYOUTS: dict[str, Callable[[Listing], LayoutResult]] = {
    "sts-tooth": read_sts_tooth,
    "folders": read_folders,
    "manifest": read_manifest,
}


def detect_layout(listing: Listing) -> str:
    """Return the name of the layout that a listing has."""
    if find_manifest(listing) is not None:
        return "manifest"
    return "sts-tooth" if looks_like_sts_tooth(listing) else "folders"


__all__ = [
    "AUTO",
    "LAYOUTS",
    "Candidate",
    "Finding",
    "FoundFile",
    "LayoutResult",
    "Listing",
    "detect_layout",
    "list_folder",
]
