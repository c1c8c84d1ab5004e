"""Files that commands write."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import CommandError
from django.utils.translation import gettext as _


def write_whole(target: Path, blocks: Iterable[bytes]) -> int:
    """Write the file under a temporary name and rename it, so that it is never half there.

    Returns
    -------
    int
        Number of bytes.

    Raises
    ------
    CommandError
        When it cannot be written; an older file of that name stays as it was.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            file.writelines(blocks)
            size = file.tell()
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise CommandError(
            _("%(file)s cannot be written: %(error)s") % {"file": target, "error": error}
        ) from error
    return size
