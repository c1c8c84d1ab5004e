"""Reading an image together with its mask, or a mask alone, as one unit of work."""

from dataclasses import dataclass
from pathlib import Path

from sts_qa.science.imaging.errors import UnreadableFile
from sts_qa.science.imaging.facts import FileFacts, read_facts
from sts_qa.science.imaging.masks import MaskFacts, check_pair, read_mask_facts


@dataclass(frozen=True)
class Problem:
    """Why a file cannot be used: the code and the sentence of `UnreadableFile`."""

    code: str
    reason: str


@dataclass(frozen=True)
class PairFacts:
    """What was found out about an image and its mask.

    Parameters
    ----------
    image : FileFacts or Problem
    mask : MaskFacts or Problem, optional
        None where there is no mask.
    difference : {"", "shape", "affine"}
        How the mask's grid differs from the image's, as `check_pair`; empty where it
        fits, or where one of both cannot be read.
    """

    image: FileFacts | Problem
    mask: MaskFacts | Problem | None
    difference: str


def read_pair(paths: tuple[Path | str, Path | str | None]) -> PairFacts:
    """Read an image and its mask; a damaged one becomes a `Problem`.

    Parameters
    ----------
    paths : (path-like, path-like or None)
        Of the image and of its mask.

    Returns
    -------
    PairFacts
    """
    image_path, mask_path = paths
    image: FileFacts | Problem
    mask: MaskFacts | Problem | None = None
    try:
        image = read_facts(image_path)
    except UnreadableFile as error:
        image = Problem(error.code, error.reason)
    if mask_path is not None:
        mask = read_mask_alone(mask_path)
    difference = ""
    if isinstance(image, FileFacts) and isinstance(mask, MaskFacts):
        difference = check_pair(image, mask) or ""
    return PairFacts(image, mask, difference)


def read_mask_alone(path: Path | str) -> MaskFacts | Problem:
    """Read a mask without its image; a damaged one becomes a `Problem`."""
    try:
        return read_mask_facts(path)
    except UnreadableFile as error:
        return Problem(error.code, error.reason)
