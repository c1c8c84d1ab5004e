"""NiiVue from its npm package, as benchmarks/viewer/peer/package-lock.json pins it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tools.prepare_tests import NODE, NODE_FOLDER

FOLDER = Path(__file__).resolve().parent / "peer"
MODULE = FOLDER / "node_modules" / "@niivue" / "niivue" / "dist" / "niivue.umd.js"


def niivue_script() -> Path:
    """Return the script that NiiVue comes as, installed where it is not there yet."""
    if not MODULE.exists():
        npm = NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = f"{NODE_FOLDER / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        command = [NODE, str(npm), "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=FOLDER, check=True, env={**os.environ, "PATH": path})
    return MODULE
