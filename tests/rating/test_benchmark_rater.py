"""The raters of the benchmarks do at the server what the rating page does, as it is now."""

from __future__ import annotations

from urllib.parse import urlsplit

import numpy as np

from benchmarks.raters import Rater
from sts_qa.rating.models import Rating

PASSWORD = "enough for a test"


def test_it_rates_a_radiograph_and_a_volume(live_address, files_study, settings) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    random = np.random.default_rng(7)
    units = [
        files_study.radiograph("a.png", random.integers(0, 256, (20, 30), dtype=np.uint8)),
        files_study.volume("b.nii.gz", random.integers(0, 2000, (12, 14, 10), dtype=np.int16)),
    ]
    user = files_study.start().user
    user.set_password(PASSWORD)
    user.save()
    address = f"http://127.0.0.1:{urlsplit(live_address).port}"
    rater = Rater(address, str(files_study.study.public_id))
    rater.log_in(user.username, PASSWORD)

    for number in range(2):
        rater.rate_next(number)

    tokens = [files_study.assignment(unit).token for unit in units]
    assert [one.token for one in rater.submits] == tokens
    rated = Rating.objects.filter(is_current=True).order_by("pk")
    assert list(rated.values_list("assignment__token", flat=True)) == tokens
