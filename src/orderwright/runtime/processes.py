"""Processes of ours: known by more than a number, started so that they end with the one that watches them."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PARENT = "ORDERWRIGHT_PARENT"
PR_SET_PDEATHSIG = 1


def identity(pid: int) -> str | None:
    """What tells this process from a later one with the same number: when it was started. None when it is gone."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = stat.rsplit(")", 1)[1].split()
        return None if fields[0] == "Z" else fields[19]
    said = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.strip() or None


def record(path: Path, pid: int) -> None:
    """Write down that `pid` runs, in a way that a later process with its number does not answer to."""
    path.write_text(f"{pid} {identity(pid)}\n")


def recorded(path: Path) -> int | None:
    """The process that `path` records, if it is still that process."""
    try:
        number, _, mark = path.read_text().strip().partition(" ")
        pid = int(number)
    except (OSError, ValueError):
        return None
    return pid if mark and identity(pid) == mark else None


def end_recorded(path: Path, patience_seconds: float = 10) -> None:
    """End the process that `path` records, politely first; a record of a process that is gone is only removed."""
    end = time.monotonic() + patience_seconds
    while (pid := recorded(path)) is not None:
        os.kill(pid, signal.SIGTERM if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.1)
    path.unlink(missing_ok=True)


def end_with_parent() -> None:
    """Have this process stopped when the one that watches it is gone, killed with -9 for instance.

    Called by the process itself. The parent may be gone before Linux is told to watch it, hence the look after.
    """
    named = os.environ.pop(PARENT, None)
    if named is None:
        return
    parent = int(named)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        raise SystemExit("The process that watches this one is gone.")


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
