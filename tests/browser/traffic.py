"""What a browser sent and received, as Chromium recorded it (HAR), to look for what must not be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    url: str
    # Request line and headers, then status line and headers, then the answer's body
    head: str
    response_headers: dict[str, str]
    status: int
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def shows(self, words: Iterable[str]) -> list[str]:
        """Return those of the words that occur anywhere in the exchange, in any case."""
        text = self.head.casefold() + self.body.decode("utf-8", "ignore").casefold()
        wide = self.body.decode("utf-16-le", "ignore").casefold()
        return [word for word in words if word.casefold() in text or word.casefold() in wide]


def read_traffic(file: Path) -> list[Exchange]:
    """Read a recording; it is complete once its browser context is closed."""
    entries = json.loads(file.read_text(encoding="utf-8"))["log"]["entries"]
    return [_exchange(entry) for entry in entries]


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    headers = {one["name"].lower(): one["value"] for one in response["headers"]}
    lines = [f"{request['method']} {request['url']}", str(response.get("redirectURL", ""))]
    lines += [f"{one['name']}: {one['value']}" for one in request["headers"] + response["headers"]]
    lines.append(request.get("postData", {}).get("text", ""))
    content = response["content"]
    text = content.get("text", "")
    coded = content.get("encoding") == "base64"
    body = base64.b64decode(text) if coded else text.encode()
    return Exchange(request["url"], "\n".join(lines), headers, response["status"], body)


def pixels_in(traffic: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the exchanges that brought pixels."""
    for exchange in traffic:
        if exchange.path.startswith("/rating/pixels/") and exchange.body:
            yield exchange
