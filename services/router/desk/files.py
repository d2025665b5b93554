"""Files that an officer brings: a letter that came by post, an identity document, a recording's transcript."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Final

from services.router.core.attached import File
from services.router.desk.base import Refused

FILE_BYTES_MAX: Final = 25_000_000


def brought(path: Path) -> File:
    """Read a file that an officer names; one that is too large is refused before its bytes are read."""
    require_fits(path.name, path.stat().st_size)
    with path.open("rb") as source:
        # A pipe has no size beforehand, and a file may grow meanwhile.
        content = source.read(FILE_BYTES_MAX + 1)
    require_fits(path.name, len(content))
    return File(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content)


def require_fits(name: str, size_bytes: int) -> None:
    """Refuse a file that is larger than the vault takes."""
    if size_bytes > FILE_BYTES_MAX:
        raise Refused(
            f"{name} is larger than {FILE_BYTES_MAX} bytes: scan it with fewer dots an inch, or split it", "scan"
        )
