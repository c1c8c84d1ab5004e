"""Keep the translations in step with the code; `make messages` calls this.

python -m tools.messages collect   every text of the code into the .po files (needs gettext)
python -m tools.messages compile   the .po files into the .mo files that the server reads
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polib

PROJECT = Path(__file__).resolve().parent.parent
LOCALE = PROJECT / "locale"
# Where no text for people is
LEFT_OUT = ("node_modules", "tests", "benchmarks", "trials", "tools", "var", "docs")


def collect() -> None:
    """Add what is new and drop what is gone; new entries have no translation yet."""
    languages = [f"--locale={folder.name}" for folder in LOCALE.iterdir()]
    ignored = [f"--ignore={name}" for name in LEFT_OUT]
    options = ["--no-obsolete", "--no-wrap", "--add-location=file"]
    command = [sys.executable, "manage.py", "makemessages", *languages, *options, *ignored]
    subprocess.run(command, cwd=PROJECT, check=True)
    for file in catalogues():
        catalogue = polib.pofile(str(file))
        untranslated = [entry.msgid for entry in catalogue if not entry.translated()]
        print(f"{file.relative_to(PROJECT)}: {len(untranslated)} to translate")
        for text in untranslated:
            print(f"  {text!r}")


def compile_all() -> None:
    for file in catalogues():
        polib.pofile(str(file)).save_as_mofile(str(file.with_suffix(".mo")))


def catalogues() -> list[Path]:
    return sorted(LOCALE.rglob("*.po"))


if __name__ == "__main__":
    if sys.argv[1:] not in (["collect"], ["compile"]):
        raise SystemExit(__doc__)
    collect() if sys.argv[1] == "collect" else compile_all()
