"""The model of letters, kept unpacked in the user's cache folder, so that only the first start unpacks it.

py3langid ships its model in LZMA: unpacking and building the small form of it (`core/language_model`) takes a second of
CPU and 90 MB more for that second. So the parts of the small form are written once into
`$XDG_CACHE_HOME/habeas/` (else `~/.cache/habeas/`); the large one is mapped into memory, where only what texts touch
counts. The file is never needed: where it cannot be written, is damaged, is another release's, or could have been
written by somebody else, the model is built as if there were none.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import stat
import sys
import tempfile
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from services.router.core.language import load_letters_by

if TYPE_CHECKING:
    from services.router.core.language_model import LetterModel, Parts

FORM: Final = 1
"""Counted up when the parts, or how they are built, change."""
FOOTER_BYTES: Final = 64
HEADING_BYTES_MAX: Final = 64_000
FILE_BYTES_MAX: Final = 64_000_000
_ALIGNED: Final = 4096
_MARK: Final = b"habeas letters\n"
_CHUNK_BYTES: Final = 1 << 20


def keep_letter_model() -> None:
    """Have the model of letters kept from now on."""
    load_letters_by(kept_letter_model)


def kept_letter_model(languages: Collection[str]) -> LetterModel:
    """Return the model of these languages: mapped from the cache, or built and then kept there."""
    from services.router.core.language_model import load_letter_model, model_of, parts_of

    folder, name = _folder(), _name(languages)
    if folder is None or name is None:
        return load_letter_model(languages)
    path = folder / name
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return model_of(_read(path))
    model = load_letter_model(languages)
    with contextlib.suppress(OSError, ValueError):
        _write(path, parts_of(model))
    return model


def _folder() -> Path | None:
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        folder = chosen if chosen.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # a user without a home
        return None
    return folder / "habeas" if folder.is_absolute() else None


def _name(languages: Collection[str]) -> str | None:
    """Return a name that tells the library's model, our form, the languages and the machine's byte order apart."""
    found = find_spec("py3langid")  # where it is, without loading it
    if found is None or found.origin is None:
        return None
    try:
        with (Path(found.origin).parent / "data" / "model.npz.xz").open("rb") as file:
            # An .xz file ends with its content's check sum and its sizes.
            file.seek(-FOOTER_BYTES, os.SEEK_END)
            model = crc32(file.read(FOOTER_BYTES))
    except OSError:
        return None
    wanted = crc32(" ".join(sorted(languages)).encode())
    return f"letters-{FORM}-{sys.byteorder}-{model:08x}-{wanted:08x}"


def _read(path: Path) -> Parts:
    """Return the parts; raise where the file is not whole, or somebody else could have written it."""
    from services.router.core.language_model import Parts

    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        foreign = status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not stat.S_ISREG(status.st_mode) or foreign or status.st_size > FILE_BYTES_MAX:
            raise ValueError("not a file of our own")
        if file.readline(len(_MARK)) != _MARK:
            raise ValueError("not a model of letters")
        heading = json.loads(file.readline(HEADING_BYTES_MAX))
        if heading["bytes"] != status.st_size or heading["crc"] != _checksum(file, heading["start"]):
            raise ValueError("not whole")
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    places: Sequence[tuple[str, int, int]] = heading["places"]
    return Parts(
        pieces={name: mapped[first : first + size] for name, first, size in places},
        codes=tuple(heading["codes"]),
        full_count=int(heading["full_count"]),
    )


def _checksum(file: Any, start: int) -> int:
    """Return the sum of what stands after the heading; read, not mapped, so that it does not count as ours."""
    file.seek(start)
    found = 0
    while chunk := file.read(_CHUNK_BYTES):
        found = crc32(chunk, found)
    return found


def _write(path: Path, parts: Parts) -> None:
    """Write the file whole or not at all: another process may be writing the same."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    start, places, after = _ALIGNED, [], _ALIGNED
    padded = bytearray()
    for name, piece in parts.pieces.items():
        places.append((name, after, len(piece)))
        padded += piece
        padded += bytes(-len(padded) % _ALIGNED)
        after = start + len(padded)
    heading = {
        "start": start, "bytes": after, "crc": crc32(padded), "codes": parts.codes, "full_count": parts.full_count,
        "places": places,
    }  # fmt: skip
    head = _MARK + json.dumps(heading).encode() + b"\n"
    if len(head) > start:
        raise ValueError("the heading is too long")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".letters-")  # 0600
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head.ljust(start, b"\n"))
            file.write(padded)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
