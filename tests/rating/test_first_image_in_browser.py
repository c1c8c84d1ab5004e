"""What a browser asks for until the first image is there: everything at once, nothing twice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sts_qa.rating.views import pixels
from tests.rating.test_rate_study_in_browser import open_study


@pytest.fixture
def asked(monkeypatch):
    """Paths of the pixels that reached the server."""
    paths = []
    send = pixels._send

    def counted(request, *arguments):
        paths.append(request.get_full_path())
        return send(request, *arguments)

    monkeypatch.setattr(pixels, "_send", counted)
    return paths


@pytest.mark.parametrize("kind", ["radiograph", "volume"])
def test_what_is_announced_is_fetched_once_and_used(
    transactional_db, files_study, open_page, asked, kind
):
    if kind == "radiograph":
        files_study.radiograph("a.png", np.full((40, 50), 90, np.uint8))
    else:
        files_study.volume("v.nii.gz", np.arange(8000, dtype=np.int16).reshape(20, 20, 20))
    rater = files_study.start()
    page = open_page(rater.user, viewport={"width": 1280, "height": 720})
    fetched, warnings = Counter(), []
    page.on("console", lambda message: warnings.append(message.text))
    page.on("request", lambda request: fetched.update([request.url]))
    open_study(page, files_study.study)
    # Chromium complains some seconds after loading
    page.wait_for_timeout(4_000)
    announced = page.locator("link[rel=preload]").get_attribute("href")
    assert Counter(asked)[announced] == 1
    # Asked for before all else that the page needs, as it travels longest; several threads answer
    assert [address for address in fetched if not address.endswith(".svg")][1].endswith(announced)
    assert [text for text in warnings if "preload" in text] == []
    static = {address: times for address, times in fetched.items() if "/static/" in address}
    endings = sorted(address.rsplit(".", 1)[1] for address in static if ".svg" not in address)
    assert endings == ["css", "js"]
    assert set(static.values()) == {1}
