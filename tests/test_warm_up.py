"""What the server has done before it takes its first request."""

import subprocess
import sys

from django.conf import settings

LOOK = """
import sys
import sts_qa.wsgi
from django.template import engines
from django.utils.translation import trans_real
(cached,) = engines["django"].engine.template_loaders
print("sts_qa.rating.views.pixels" in sys.modules)
print(any("rate_study.html" in key for key in cached.get_template_cache))
print(sorted(trans_real._translations))
"""


def test_views_templates_and_texts_are_there_before_the_first_request():
    answer = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=settings.BASE_FOLDER,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert answer.stdout.splitlines() == ["True", "True", "['en', 'zh-hans']"]
