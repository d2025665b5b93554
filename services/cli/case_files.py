"""Files of a case put into a new folder that nobody else on the machine can read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from services.router.api.cases import File, Refused

NAME_CHARACTERS_MAX: Final = 80
_UNSAFE: Final = re.compile(r"[^\w.-]+")


def written(folder: Path, files: Sequence[File]) -> dict[str, Any]:
    """Write the files and return their paths; names come from outside, so only their harmless part is used."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise Refused(f"{folder} is there already: name a new folder", "document") from None
    paths: list[str] = []
    for number, file in enumerate(files, 1):
        plain = _UNSAFE.sub("-", Path(file.name).name)[-NAME_CHARACTERS_MAX:].lstrip(".-") or "file"
        path = folder / f"{number:02}-{plain}"
        path.touch(mode=0o600)
        path.write_bytes(file.content)
        paths.append(str(path))
    return {"files": paths}
