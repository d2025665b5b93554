"""Who holds a lease: a process, named so that another on the same machine can tell that it is dead."""

from __future__ import annotations

import os
import secrets
import socket
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _place() -> str:
    """Name the machine since its start, and the process namespace: process ids mean something only within both."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return socket.gethostname()
    return f"{boot}-{namespace.strip('pid:[]')}"


def _started(pid: int) -> str:
    """Return when the process started, in ticks; process ids are used again, starts are not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def new_holder() -> str:
    """Return a name for a holder in this process; two holders in one process have different names."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_started(pid)}/{secrets.token_hex(4)}"


def is_dead(holder: str) -> bool:
    """Return whether this holder was a process of this machine that has ended. Unsure is no."""
    place, _, rest = holder.partition("/")
    pid, _, rest = rest.partition("/")
    started = rest.partition("/")[0]
    if place != _place() or not pid.isdigit() or not started:
        return False
    return _started(int(pid)) != started
