"""Modules and style sheets joined into one file do what they do alone, or are refused."""

from __future__ import annotations

import re
import subprocess

import pytest

from sts_qa.join_files import CannotJoinError, join_modules, join_styles
from sts_qa.page_files import Style
from tools.prepare_tests import NODE


def run(files: dict[str, str], *entries: str) -> list[str]:
    """Run the joined script in Node; return the lines that it writes."""
    return _written(join_modules(entries, files.__getitem__))


def run_unjoined(files: dict[str, str], folder, entry: str) -> list[str]:
    """Run the modules themselves, for comparison."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    answer = subprocess.run([NODE, str(folder / entry)], check=True, capture_output=True, text=True)
    return answer.stdout.splitlines()


def _written(script: str) -> list[str]:
    answer = subprocess.run(
        [NODE, "--input-type=module"], input=script, check=True, capture_output=True, text=True
    )
    return answer.stdout.splitlines()


DIAMOND = {
    "js/page.js": (
        '/* The page. */\nimport { left } from "./parts/left.js";\n'
        'import { right as other, COUNT } from "./parts/right.js";\n'
        'import "./parts/alone.js";\n'
        "const name = `page`;\n"
        "console.log(name, left(), other(), COUNT, this === undefined);\n"
    ),
    "js/parts/left.js": (
        'import * as shared from "./shared.js";\nconsole.log("left");\n'
        'const name = "left";\nexport function left() {\n  return `${name} ${shared.next()}`;\n}\n'
    ),
    "js/parts/right.js": (
        'import {\n  next,\n  Thing,\n} from "./shared.js";\nconsole.log("right");\n'
        'const name = "right";\nexport const COUNT = 7;\n'
        "export const right = () => `${name} ${next()} ${new Thing().name} ${early()}`;\n"
        "export async function later() {\n  await null;\n}\n"
        "export function* steps() {\n  yield 1;\n}\n"
        'function early() {\n  return "hoisted";\n} // the last line has no end'
    ),
    "js/parts/shared.js": (
        'console.log("shared");\nlet count = 0;\nexport function next() {\n'
        "  return (count += 1);\n}\nexport class Thing {\n  name = Thing.name;\n}\n"
    ),
    "js/parts/alone.js": 'console.log("alone");\n',
}


def test_a_graph_runs_as_its_modules_do_each_once_and_in_their_order(tmp_path) -> None:
    joined = run(DIAMOND, "js/page.js")
    assert joined == [
        "shared",
        "left",
        "right",
        "alone",
        "page left 1 right 2 Thing hoisted 7 true",
    ]
    assert joined == run_unjoined(DIAMOND, tmp_path, "js/page.js")


def test_entries_run_in_their_order_and_share_what_both_need() -> None:
    files = {
        "a.js": 'import { add } from "./c.js";\nconst text = "a";\nadd(text);\n',
        "b.js": (
            'import { add, all } from "./c.js";\nconst text = "b";\nadd(text);\nconsole.log(all);'
        ),
        "c.js": "export const all = [];\nexport function add(one) {\n  all.push(one);\n}\n",
    }
    assert run(files, "a.js", "b.js") == ["[ 'a', 'b' ]"]
    assert run(files, "b.js", "a.js") == ["[ 'b' ]"]


def test_modules_stay_strict() -> None:
    files = {"a.js": "try {\n  undeclared = 1;\n} catch (error) {\n  console.log(error.name);\n}"}
    assert run(files, "a.js") == ["ReferenceError"]


def test_waiting_inside_functions_is_no_matter() -> None:
    files = {
        "a.js": (
            "// nobody has to await this\n"
            "const say = async (words) => console.log(await words);\n"
            'async function start() {\n  await say("done");\n}\nstart();\n'
        )
    }
    assert run(files, "a.js") == ["done"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("\nexport let count = 0;\n", 2, "before const, function or class"),
        ("export var count = 0;\n", 1, "before const, function or class"),
        ("export default function () {}\n", 1, "before const, function or class"),
        ("const a = 1;\nexport { a };\n", 2, "before const, function or class"),
        ('export { next } from "./other.js";\n', 1, "before const, function or class"),
        ('export * from "./other.js";\n', 1, "before const, function or class"),
        ("export const { a, b } = {};\n", 1, "before const, function or class"),
        ('import next from "./other.js";\n', 1, "import { names } from"),
        ('import { next } from "./other.js"\n', 1, "import { names } from"),
        ('\n\nconst other = import("./other.js");\n', 3, "import { names } from"),
        ("const here = import.meta.url;\n", 1, "import { names } from"),
        ('  import { next } from "./other.js";\n', 1, "import { names } from"),
        ('import { next } from "other";\n', 1, "other is no file beside this one"),
        ('import { gone } from "./other.js";\n', 1, "other.js does not export gone"),
        ('import { next } from "./other.js";\n\nawait next();\n', 3, "waits before it is ready"),
        ("const a = 1;\nconst b = await a;\n", 2, "waits before it is ready"),
        ("for await (const a of []) {\n}\n", 1, "waits before it is ready"),
        ("const joined$0 = 1;\n", 1, "names with joined$"),
    ],
)
def test_what_would_change_its_meaning_is_refused(text: str, line: int, reason: str) -> None:
    files = {"js/page.js": text, "js/other.js": "export function next() {}\n"}
    with pytest.raises(CannotJoinError, match=re.escape(reason)) as caught:
        join_modules(["js/page.js"], files.__getitem__)
    assert f"js/page.js, line {line}: " in str(caught.value)


def test_modules_in_a_circle_are_refused() -> None:
    files = {
        "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
        "b.js": 'import { a } from "./a.js";\nexport const b = 1;\n',
    }
    with pytest.raises(CannotJoinError, match=re.escape("a.js -> b.js -> a.js")):
        join_modules(["a.js"], files.__getitem__)


def test_lines_keep_their_distance_to_the_module_s_first_line() -> None:
    files = {
        "a.js": (
            'import {\n  one,\n} from "./b.js";\n\nconsole.log(one);\n'
            'console.log(/:(\\d+):/.exec(new Error().stack.split("\\n")[1])[1]);\n'
        ),
        "b.js": "export const one = 1;\n",
    }
    script = join_modules(["a.js"], files.__getitem__)
    start = next(at for at, line in enumerate(script.split("\n"), 1) if line.endswith("// a.js"))
    one, line = _written(script)
    # The line that takes over what is named, then the module's first
    assert (one, int(line)) == ("1", start + 1 + 6)


def test_comments_on_their_own_lines_do_not_travel() -> None:
    text = (
        "/*\n * About this.\n */\n// More, with a `mark\nconst a = 4 / 2; // stays\n"
        "  /** One line. **/\n/* before */ console.log(a /* so does this */);\n/***/\n"
    )
    script = join_modules(["a.js"], {"a.js": text}.__getitem__)
    assert _written(script) == ["2"]
    for gone in ("About", "More", "One line"):
        assert gone not in script
    assert script.count("\n") == text.count("\n") + 4


def test_a_text_of_several_lines_stays_as_it_is() -> None:
    text = "const a = `one\n// two\n/* three */\n`;\n// a comment\nconsole.log(a);\n"
    script = join_modules(["a.js"], {"a.js": text}.__getitem__)
    assert _written(script) == ["one", "// two", "/* three */", ""]


def test_styles_follow_each_other_each_for_its_media() -> None:
    files = {"a.css": "p { color: red; }", "b.css": "p { color: black; }", "c.css": "b { top: 0; }"}
    styles = (Style("a.css"), Style("b.css", media="print"), Style("c.css"))
    joined = re.sub(r"/\*.*?\*/|\s+", "", join_styles(styles, files.__getitem__))
    assert joined == "p{color:red;}@mediaprint{p{color:black;}}b{top:0;}"


@pytest.mark.parametrize("rule", ['@import "b.css";', '@charset "utf-8";', "@namespace url(x);"])
def test_styles_that_must_stand_first_are_refused(rule: str) -> None:
    with pytest.raises(CannotJoinError, match=re.escape("a.css, line 2: ")):
        join_styles([Style("a.css")], {"a.css": f"\n{rule}\n"}.__getitem__)
