"""The package that a person gets: one ZIP with a page to read, the data as files, and a manifest with hashes.

It comes as a stream and is encrypted as it comes (WinZip's AE-2 with AES-256, which 7-Zip, The Unarchiver, Keka and
libarchive open), so that neither memory nor disk ever holds the whole, and no disk holds it in clear. A file goes from
the folder once it is in the stream. Entries beyond 4 GiB are ZIP64, the others are not: old programs read those too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.fulfil.core.maps.model import TableName
from services.fulfil.readable import Cover, write_page

CHUNK_BYTES: Final = 256 * 1024
LEVEL: Final = 6
OWNER_ONLY: Final = 0o100600
MANIFEST: Final = "manifest.json"


def archive(
    folder: Path,
    cover: Cover,
    counts: Mapping[TableName, int],
    password: str | None,
    *,
    numbered: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Iterator[bytes]:
    """Yield the archive of `folder/data`, with the page to read first; what is in it goes from the folder.

    Without a password it is in clear, which is right only where the way itself is encrypted and its end is not the
    person: another controller that takes the data over. A ZIP's names can be read without its password, so the files of
    one that may lie in a mailbox are `numbered`: a table's name can tell what somebody suffers from. `about` goes into
    the manifest.
    """
    listed = folder / "data" / MANIFEST  # the search's own, for machines; the archive's names every file
    data = sorted(path for path in (folder / "data").rglob("*") if path.is_file() and path != listed)
    names = {path: path.relative_to(folder).as_posix() for path in data}
    if numbered:
        names = {path: f"data/{number}{path.suffix}" for number, path in enumerate(data, 1)}
    page = write_page(folder, cover, counts, names)
    told = {"made": cover.made.isoformat(), **(about or {})}
    return _zipped(folder, {page: page.name, **names}, told, cover.made, password)


def _zipped(
    folder: Path, names: Mapping[Path, str], told: Mapping[str, Any], made: datetime, password: str | None
) -> Iterator[bytes]:
    from stream_zip import ZIP_AUTO, stream_zip  # it takes 4 MB, and most processes pack nothing

    manifest: list[dict[str, Any]] = []

    def members() -> Iterator[tuple[str, datetime, int, Any, Iterator[bytes]]]:
        for path, name in names.items():
            entry: dict[str, Any] = {"file": name}
            if name != (own := path.relative_to(folder).as_posix()):
                entry["holds"] = own
            manifest.append(entry)
            size_bytes = path.stat().st_size
            yield name, made, OWNER_ONLY, ZIP_AUTO(size_bytes, level=LEVEL), _read(path, entry)
        words = json.dumps({**told, "files": manifest}, indent=2, ensure_ascii=False).encode()
        yield MANIFEST, made, OWNER_ONLY, ZIP_AUTO(len(words), level=LEVEL), iter((words,))

    yield from stream_zip(members(), chunk_size=CHUNK_BYTES, password=password)


def _read(path: Path, entry: dict[str, Any]) -> Iterator[bytes]:
    """Yield a file's content, write its size and hash into the manifest's entry, and remove it."""
    digest = hashlib.sha256()
    size_bytes = 0
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
            yield chunk
    entry |= {"bytes": size_bytes, "sha256": digest.hexdigest()}
    path.unlink()
