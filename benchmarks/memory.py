"""The most memory that a process has had."""

from __future__ import annotations

import re
import resource
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_memory() -> float:
    """Largest resident memory of this process in MB.

    Not that of `getrusage` where there is another: it begins with the memory of the process that
    started this one.
    """
    if STATUS.exists():
        found = re.search(r"VmHWM:\s*(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
