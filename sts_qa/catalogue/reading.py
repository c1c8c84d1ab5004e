"""From a folder to the entries of a plan. Reads the folder; writes nothing anywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from sts_qa.catalogue.errors import CatalogueRefused
from sts_qa.catalogue.layouts import AUTO, LAYOUTS, Candidate, Finding, Listing, detect_layout
from sts_qa.catalogue.layouts.candidates import LayoutResult
from sts_qa.catalogue.layouts.listing import list_folder, without_duplicates
from sts_qa.catalogue.models import NAME_LENGTH, ImportEntry
from sts_qa.catalogue.planning import Comparison, plan_candidate, plan_finding, plan_missing
from sts_qa.science.imaging.pairs import PairFacts, Problem, read_pair

# Does many units of work, as `jobs.running.JobContext.map_units`
MapUnits = Callable[[Callable, Iterable], Iterator[tuple]]


def read_folder(
    root: Path, layout: str, check: Callable[[], None] = lambda: None
) -> tuple[str, LayoutResult]:
    """List a folder and sort its files; return the name of the layout used and the result.

    Raises
    ------
    CatalogueRefused
        When nothing can be imported from there at all.
    """
    try:
        listing = list_folder(root, check)
    except OSError as error:
        raise CatalogueRefused(
            _("The folder %(root)s cannot be listed: %(text)s.")
            % {"root": root, "text": error.strerror}
        ) from error
    name = detect_layout(listing) if layout == AUTO else layout
    result = LAYOUTS[name](listing)
    result.findings += listing.findings + _unused_tables(listing, name)
    if not result.candidates and all(finding.ignored for finding in result.findings):
        # More likely a disk that is not mounted than a dataset of which every file is gone
        raise CatalogueRefused(
            _("There are no images in the folder “%(name)s”. Check what was given.")
            % {"name": listing.root.name}
        )
    return name, _without_bad_categories(result)


def candidate_entries(
    candidates: Iterable[Candidate], comparison: Comparison, map_units: MapUnits
) -> Iterator[ImportEntry]:
    """Read every candidate's files and yield its entry, as they are read."""
    by_paths = {
        (found.image.path, found.mask.path if found.mask else None): found for found in candidates
    }
    for paths, facts, error in map_units(read_pair, by_paths):
        if facts is None:
            facts = PairFacts(Problem("not-read", error or ""), None, "")
        yield plan_candidate(by_paths[paths], facts, comparison)


def other_entries(
    findings: Iterable[Finding], comparison: Comparison, taken: set[str]
) -> list[ImportEntry]:
    """Return entries for files that are not imported, and for items whose files are gone.

    `taken` are the keys of the candidates.
    """
    entries: dict[str, ImportEntry] = {}
    for finding in without_duplicates(findings):
        normal = unicodedata.normalize("NFC", finding.key)
        is_item = normal in comparison.stored and normal not in taken | entries.keys()
        key = normal if is_item else finding.key
        if key not in taken and key not in entries:
            entry = plan_finding(finding, comparison, key)
            entries[entry.key] = entry
    for key, stored in comparison.stored.items():
        if key not in taken and key not in entries:
            entries[key] = plan_missing(key, stored, comparison.run)
    return list(entries.values())


def _unused_tables(listing: Listing, layout: str) -> list[Finding]:
    manifest = listing.manifest_name.casefold() if layout == "manifest" else ""
    return [
        Finding(table.key, "no-image", _("No image."), table.size_bytes, ignored=True)
        for table in listing.tables
        if table.key.casefold() != manifest
    ]


def _without_bad_categories(result: LayoutResult) -> LayoutResult:
    """Turn candidates whose category cannot be stored, or has two groups, into findings."""
    good, findings = [], list(result.findings)
    groups: dict[str, str] = {}
    for candidate in result.candidates:
        name, group = candidate.category, candidate.group
        if len(name) > NAME_LENGTH or len(group) > NAME_LENGTH or not name.isprintable():
            reason = _(
                "The category's name is longer than %(longest)s characters, or not printable."
            ) % {"longest": NAME_LENGTH}
        elif groups.setdefault(name, group) != group:
            reason = _("The category %(name)s stands in two groups.") % {"name": name}
        else:
            good.append(candidate)
            continue
        findings.append(Finding(candidate.key, "bad-category", reason))
    return LayoutResult(good, findings)
