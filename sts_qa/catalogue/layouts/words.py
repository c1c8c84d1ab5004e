"""The names that folders of datasets have, whatever their spelling and case."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Role = Literal["", "image", "mask"]

_PART = "(?P<part>|tr|ts|train|training|val|validation|test)"
_IMAGE = re.compile(f"(images?|imgs?|pictures?|图像|图片|影像){_PART}")
_MASK = re.compile(
    "(masks?|labels?|segs?|segmentations?|gts?|groundtruths?|annotations?|标签|掩码|掩膜|标注)"
    + _PART
)
LABELLED = {"labeled", "labelled", "labeleddata", "labelleddata"}
UNLABELLED = {f"un{word}" for word in LABELLED}


@dataclass(frozen=True)
class Place:
    """What the folders of a file say of it.

    Attributes
    ----------
    role
        Image or mask, by the innermost folder with such a name.
    labelled
        None where no folder says so.
    pair_folder
        The folders without the one that gives the role: equal for an image and its mask.
    """

    role: Role
    labelled: bool | None
    pair_folder: tuple[str, ...]


def plain(name: str) -> str:
    """Return a name without case, spaces and punctuation: "STS-2D-Tooth" -> "sts2dtooth"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def place_of(folders: tuple[str, ...], above: tuple[str, ...] = ()) -> Place:
    """Read the place of a file from its folders; `above` are the folders that hold the root."""
    role: Role = ""
    pair_folder = folders
    for index in reversed(range(len(folders))):
        found, part = _role_of(folders[index])
        if found:
            role = found
            pair_folder = (*folders[:index], *((part,) if part else ()), *folders[index + 1 :])
            break
    return Place(role, _labelled((*above, *folders)), pair_folder)


def _role_of(name: str) -> tuple[Role, str]:
    word = plain(name)
    if match := _IMAGE.fullmatch(word):
        return "image", match["part"]
    if match := _MASK.fullmatch(word):
        return "mask", match["part"]
    return "", ""


def _labelled(folders: tuple[str, ...]) -> bool | None:
    for name in reversed(folders):
        word = plain(name)
        if word in LABELLED or word in UNLABELLED:
            return word in LABELLED
    return None
