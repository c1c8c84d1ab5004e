"""Reading a JSON body: strictly, so that nothing of it is guessed at."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, get_encoding
from rest_framework.utils.json import strict_constant

from sts_qa.api.problems import Problem


class StrictJSONParser(JSONParser):
    """Refuses an object with the same name twice: which of two scores counts must not be chance."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        text = codecs.getreader(get_encoding(parser_context or {}))(stream)
        try:
            return json.load(text, object_pairs_hook=_object, parse_constant=strict_constant)
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None
        except RecursionError:
            raise Problem("malformed", _("The body is nested too deeply.")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        [(twice, _times)] = Counter(name for name, _value in pairs).most_common(1)
        raise Problem(
            "malformed",
            _("The field “%(name)s” stands twice in one place. Keep one of the two.")
            % {"name": twice},
        )
    return content
