"""Reading a protocol file strictly: what two programs could read differently is refused."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from sts_qa.protocols.content_errors import ContentError, InvalidContentError

LARGEST_FILE_BYTES = 1_000_000


def read_content(data: bytes) -> Any:
    """Return the JSON document in `data`, whose fields are not yet checked.

    Raises
    ------
    InvalidContentError
        When `data` is too large, not UTF-8, not JSON, or names a field twice.
    """
    if len(data) > LARGEST_FILE_BYTES:
        raise too_large()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(
            _("The file is not UTF-8 text (byte %(byte)d). Save it as UTF-8.")
            % {"byte": error.start + 1}
        ) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise _refused(
            _("The file is not JSON: line %(line)d, column %(column)d cannot be read.")
            % {"line": error.lineno, "column": error.colno}
        ) from None
    except RecursionError:
        raise _refused(_("The file is nested too deeply to be a protocol.")) from None
    except ValueError:
        # Python refuses numbers of more than some thousand digits
        raise _refused(_("The file holds a number that is too long.")) from None


def too_large() -> InvalidContentError:
    return _refused(
        _("The file is larger than %(limit)d kB; a protocol is a small text file.")
        % {"limit": LARGEST_FILE_BYTES // 1000}
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name, value in pairs:
        if name in content:
            raise _refused(
                _("The field “%(name)s” stands twice in one place. Keep one of the two.")
                % {"name": name}
            )
        content[name] = value
    return content


def _constant(name: str) -> None:
    raise _refused(_("%(name)s is not a number. Give a plain number.") % {"name": name})


def _refused(message: str) -> InvalidContentError:
    return InvalidContentError([ContentError((), message)])
