"""Write docs/api/openapi.json anew; `make schema` calls this after an endpoint changed.

Exit status 1, with what is wrong, when the description of an endpoint is incomplete.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "docs" / "api" / "openapi.json"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sts_qa.settings")
    import django

    django.setup()
    from drf_spectacular.drainage import GENERATOR_STATS

    from sts_qa.api.description import document_text

    text = document_text()
    if GENERATOR_STATS:
        GENERATOR_STATS.emit_summary()
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text)
    print(f"{FILE}: {len(text):,} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
