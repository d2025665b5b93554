"""The package that a person gets: one ZIP with a page to read, the data as files, and a manifest with hashes."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.fulfil.core.maps.model import TableName
from services.fulfil.readable import Cover, write_page

CHUNK_BYTES: Final = 1 << 20


def archive(folder: Path, cover: Cover, counts: Mapping[TableName, int]) -> Path:
    """Write the archive of `folder/data` beside it, with the page to read first, and return its path."""
    target = folder / "package.zip"
    listed = folder / "data" / "manifest.json"  # the search's own, for machines; the archive's names every file
    data = sorted(path for path in (folder / "data").rglob("*") if path.is_file() and path != listed)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archived:
        manifest = []
        for path in [write_page(folder, cover, counts), *data]:
            name = path.relative_to(folder).as_posix()
            archived.write(path, name)
            manifest.append({"file": name, "bytes": path.stat().st_size, "sha256": _sha256(path)})
        made = cover.made.isoformat()
        archived.writestr("manifest.json", json.dumps({"made": made, "files": manifest}, indent=2))
    return target


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
