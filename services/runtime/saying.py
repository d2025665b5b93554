"""Commands as they are told to a newcomer: to be copied into another terminal, and to work there."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def command() -> str:
    """Return how habeas is called here: by its name where the shell finds it, else by where it is."""
    called = Path(os.path.abspath(sys.argv[0]))  # noqa: PTH100 - resolve() would leave the environment that it is in
    if shutil.which("habeas") or called.name != "habeas" or not called.exists():
        return "habeas"
    return shlex.quote(str(called))


def place(path: Path) -> str:
    """Return a path that is good in every folder, quoted where a shell would cut it."""
    return shlex.quote(str(path.absolute()))
