"""Answering 304 to who has the content already.

Only `If-None-Match` is looked at: an answer has no date that other conditions could be held
against, and nothing is changed by the tag of an answer.
"""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags

# What RFC 9110 wants in a 304 as in the whole answer
KEPT_HEADERS = ("Cache-Control", "ETag", "Vary")


def is_known(request: HttpRequest, tag: str) -> bool:
    """Say whether the asker has the content with this ETag."""
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    return asked == ["*"] or _weak(tag) in {_weak(one) for one in asked}


def _weak(tag: str) -> str:
    return tag.removeprefix("W/")


def unless_known(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Give the answer to a GET its ETag; answer 304 instead when the asker has this content."""
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    if answer.status_code != 200:
        return answer
    if "ETag" not in answer:
        if not isinstance(answer, HttpResponse):
            return answer
        answer["ETag"] = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    if not is_known(request, answer["ETag"]):
        return answer
    kept = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    return HttpResponseNotModified(headers=kept)
