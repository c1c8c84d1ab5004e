"""Scripts can be served under names with their hash, and all of them are linted."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from sts_qa.page_files import PAGES, joined_script
from tools.prepare_tests import NODE
from tools.run_tests import all_steps

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((PROJECT / "static" / "js").rglob("*.js"))
HASHED = re.compile(r"\.[0-9a-f]{12}\.(js|mjs)$")
IMPORTED = re.compile(r"""^\s*import\b[^"';]*["']([^"']+)["'](;?)""", re.MULTILINE)


def names(files: list[Path]) -> list[str]:
    return [str(file.relative_to(PROJECT)) for file in files]


def without_code(text: str) -> str:
    """Return only the comments of a script."""
    return "\n".join(re.findall(r"/\*.*?\*/|^\s*//[^\n]*|\s//\s[^\n]*", text, re.DOTALL | re.M))


def test_every_script_outside_vendor_lies_where_the_linter_looks() -> None:
    own = {
        file
        for ending in ("js", "mjs", "cjs")
        for file in (PROJECT / "static").rglob(f"*.{ending}")
        if "vendor" not in file.parts
    }
    assert SCRIPTS
    assert own == set(SCRIPTS)


def test_every_script_is_named_to_the_linter() -> None:
    (command,) = [step.command for step in all_steps() if "eslint" in step.name]
    tests = sorted((PROJECT / "tests" / "js").rglob("*.js"))
    assert set(names(SCRIPTS + tests)) <= set(command)


def test_the_linter_knows_undeclared_names_in_every_script(tmp_path: Path) -> None:
    """The rule must be on for each file, not only pass on what the files hold today."""
    program = """
      import { ESLint } from "eslint";
      const linter = new ESLint();
      const found = {};
      for (const file of process.argv.slice(1)) {
        const [result] = await linter.lintText("undeclaredName();", { filePath: file });
        found[file] = result.messages.map((message) => message.ruleId);
      }
      console.log(JSON.stringify(found));
    """
    answer = subprocess.run(
        [NODE, "--input-type=module", "-e", program, "--", *names(SCRIPTS)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(answer.stdout)
    assert list(found) == names(SCRIPTS)
    assert [file for file, rules in found.items() if rules != ["no-undef"]] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_imports_can_be_rewritten_to_hashed_names(script: Path) -> None:
    text = script.read_text()
    for source, semicolon in IMPORTED.findall(text):
        assert source.startswith(("./", "../")), f"{source} is no file of this application"
        assert semicolon, f"the import of {source} needs its semicolon"
        assert (script.parent / source).is_file(), f"{source} does not exist"
    assert "import" not in without_code(text), "a comment with this word would be rewritten"


def test_scripts_do_not_import_each_other_in_a_circle() -> None:
    imports = {
        script: [
            (script.parent / source).resolve() for source, _ in IMPORTED.findall(script.read_text())
        ]
        for script in SCRIPTS
    }

    def visit(script: Path, above: tuple[Path, ...]) -> None:
        assert script not in above, " -> ".join(file.name for file in (*above, script))
        for target in imports.get(script, []):
            visit(target, (*above, script))

    for script in SCRIPTS:
        visit(script, ())


def test_collected_scripts_import_hashed_names_only(served_files: None) -> None:
    folder = Path(settings.STATIC_ROOT)
    hashed = [file for file in (folder / "js").rglob("*.js") if HASHED.search(file.name)]
    assert len(hashed) >= len(SCRIPTS)
    for file in hashed:
        for source, _ in IMPORTED.findall(file.read_text()):
            assert HASHED.search(source), f"{file.name} imports {source}"
            assert (file.parent / source).is_file()


def test_joined_scripts_can_be_read_and_hold_every_part(served_files: None, tmp_path: Path) -> None:
    for page, files in PAGES.items():
        address = staticfiles_storage.url(joined_script(page))
        collected = Path(settings.STATIC_ROOT) / address.removeprefix(settings.STATIC_URL)
        script = tmp_path / f"{page}.mjs"
        script.write_text(collected.read_text())
        subprocess.run([NODE, "--check", str(script)], check=True)
        parts = re.findall(r"^const joined\$\d+ = .*// (\S+)$", script.read_text(), re.M)
        own = [f"js/{page}/{file.name}" for file in (PROJECT / "static/js" / page).glob("*.js")]
        assert len(parts) == len(set(parts))
        assert set(files.scripts) | set(own) <= set(parts)
