#!/usr/bin/env python3
"""Fetch the official JSON Schema of AsyncAPI 3.0 into the cache, by npm, and print where it lies.

The schema is published by the AsyncAPI initiative as the npm package @asyncapi/specs; npm checks its integrity.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "@asyncapi/specs@6.11.1"
MEMBER: Final = "package/schemas/3.0.0-without-$id.json"
CACHE: Final = Path(__file__).resolve().parent.parent / ".cache" / "asyncapi"


class CannotFetch(Exception):
    """The schema is not in the cache and cannot be fetched; the message says why."""


def asyncapi_schema() -> Path:
    """Return the schema's path, fetching it once."""
    path = CACHE / f"{PACKAGE.rpartition('@')[2]}-3.0.0.json"
    if path.exists():
        return path
    npm = shutil.which("npm")
    if npm is None:
        raise CannotFetch("npm is not installed, and the AsyncAPI schema is not in the cache yet")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", PACKAGE, "--pack-destination", folder, "--silent"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise CannotFetch(f"npm could not fetch {PACKAGE}: {done.stderr.strip().splitlines()[-1:] or 'no reason'}")
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise CannotFetch(f"{PACKAGE} does not hold {MEMBER}")
            content = member.read()
    json.loads(content)
    CACHE.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    draft.replace(path)
    return path


if __name__ == "__main__":
    try:
        print(asyncapi_schema())
    except CannotFetch as fault:
        sys.exit(str(fault))
