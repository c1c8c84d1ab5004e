"""Folders of the server that coordinators may import."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

# More folders than this make a list that nobody reads
SUGGESTED_FOLDERS = 200


def open_folders() -> dict[Path, list[str]]:
    """Return each import root with the names of folders directly below it, in order."""
    return {root: _folders_in(root) for root in settings.IMPORT_ROOTS}


def _folders_in(root: Path) -> list[str]:
    names: list[str] = []
    try:
        for entry in root.iterdir():
            if not entry.name.startswith(".") and entry.name.isprintable() and entry.is_dir():
                names.append(entry.name)
            if len(names) >= SUGGESTED_FOLDERS:
                break
    except OSError:
        # What is wrong with the folder is said when it is chosen
        return []
    return sorted(names)
