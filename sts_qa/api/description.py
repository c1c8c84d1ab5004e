"""The whole API as an OpenAPI document, made from the endpoints and kept for the process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator


@cache
def api_document() -> dict[str, Any]:
    """Return the document in English, whoever asks."""
    with override("en"):
        made = SchemaGenerator(urlconf="sts_qa.urls").get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


def document_text() -> str:
    """Return the document as it is served, and as docs/api/openapi.json holds it."""
    return json.dumps(api_document(), ensure_ascii=False, indent=2) + "\n"
