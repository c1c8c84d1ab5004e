"""Whether a data folder is the demonstration's own, and how far loading it has come.

demonstration.json              written before anything else: {"complete": false}
demonstration_log_ins.json      read by the log-in page
demonstration/                  the images, read in place
demonstration_second_masks/     masks of the simulated second annotator, read in place
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from sts_qa.accounts.models import User
from sts_qa.accounts.queries import DEMONSTRATION_FILE
from sts_qa.catalogue.models import Dataset


def images_folder() -> Path:
    return settings.DATA_FOLDER / "demonstration"


def second_masks_folder() -> Path:
    """Return a folder beside the images, where another import of them finds no second masks."""
    return settings.DATA_FOLDER / "demonstration_second_masks"


def claim() -> None:
    """Make sure that nothing but the demonstration lives here.

    Raises
    ------
    CommandError
        Where STS_QA_DEMONSTRATION is not set, or the database holds anything else.
    """
    if not settings.DEMONSTRATION:
        raise CommandError(
            _(
                "Demonstration accounts have known passwords, so they exist only in a data folder "
                "of their own. Run `make demo`, or set STS_QA_DEMONSTRATION=true and STS_QA_DATA "
                "to an empty folder."
            )
        )
    if _mark().is_file():
        return
    if User.objects.exists() or Dataset.objects.exists():
        raise CommandError(
            _(
                "%(folder)s or its database holds accounts or datasets of an installation for real "
                "work; nothing was added. Set STS_QA_DATA to an empty folder, and leave "
                "DATABASE_URL empty."
            )
            % {"folder": settings.DATA_FOLDER}
        )
    settings.DATA_FOLDER.mkdir(parents=True, exist_ok=True)
    _write(_mark(), {"complete": False})


def is_complete() -> bool:
    return bool(_mark().is_file() and json.loads(_mark().read_text())["complete"])


def complete(log_ins: list[dict[str, str]]) -> None:
    """Note that everything is there; the log-in page shows the accounts from now on."""
    _write(settings.DATA_FOLDER / DEMONSTRATION_FILE, log_ins)
    _write(_mark(), {"complete": True})


def _mark() -> Path:
    return settings.DATA_FOLDER / "demonstration.json"


def _write(path: Path, content: Any) -> None:
    """Replace the file in one step, so that a kill leaves no half of it."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)
