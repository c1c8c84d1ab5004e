"""What a layout makes of a listing: candidates for items, and findings about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from sts_qa.catalogue.layouts.listing import Finding, FoundFile


@dataclass(frozen=True)
class Candidate:
    """An image that may become an item.

    Attributes
    ----------
    labelled
        Whether the item is labelled, or ought to be: then it has a mask or a mask error.
    mask_error, mask_reason
        "missing" or "ambiguous" where no mask could be chosen.
    subject, source
        As the manifest has them; they are hashed before anything is stored.
    """

    image: FoundFile
    category: str
    group: str = ""
    labelled: bool = False
    mask: FoundFile | None = None
    mask_error: str = ""
    mask_reason: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    subject: str = ""
    source: str = ""

    @property
    def key(self) -> str:
        return self.image.key


@dataclass
class LayoutResult:
    """All candidates of a folder, and what else there is to say about its files."""

    candidates: list[Candidate] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
