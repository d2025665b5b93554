"""What reading a version yields, kept beside it so that the next start parses nothing.

A thousand controllers' texts take minutes to cut into clauses, and seconds to take from here. What is kept is only ever
a short cut: it is named by the digests of the text, of its record and of the code that reads them, and whatever does
not fit, or cannot be read or written, is read anew. The record's own checks are made each time. An import makes a short
cut; reading brings one up to date and never makes one, so that looking at a knowledge folder leaves it as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.router.core.policy import text as reading
from services.router.core.policy.model import Clause, ClauseKind

FOLDER: Final = ".read"
CACHED_BYTES_MAX: Final = 50_000_000
_DATE: Final = "$date"
_KINDS: Final = {kind.value: kind for kind in ClauseKind}


@cache
def reader_digest() -> bytes:
    """Return what tells one state of the reading code from another."""
    digest = hashlib.sha256()
    for path in sorted(Path(reading.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def key_of(text: bytes, record: bytes) -> str:
    """Return the name of what a text and its record read as, with this code."""
    digests = [hashlib.sha256(part).digest() for part in (text, record)]
    return hashlib.sha256(b"".join([*digests, reader_digest()])).hexdigest()


def path_of(text_path: Path) -> Path:
    """Return where a version's reading is kept."""
    return text_path.parent / FOLDER / f"{text_path.stem}.json"


def recalled(path: Path, key: str, text: str) -> tuple[dict[str, Any], tuple[Clause, ...]] | None:
    """Return the record's tables and the clauses kept under a key; None where they are not there, or damaged."""
    try:
        if path.stat().st_size > CACHED_BYTES_MAX:
            return None
        kept = json.loads(path.read_bytes(), object_hook=_dated)
        if kept["key"] != key:
            return None
        headings = [tuple(heading) for heading in kept["headings"]]
        clauses = tuple(
            Clause(name, headings[heading], _KINDS[kind], start, end, text[start:end], plain or text[start:end], lead)
            for name, heading, kind, start, end, plain, lead in kept["clauses"]
        )
        return kept["record"], clauses
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def keep(path: Path, key: str, record: Mapping[str, Any], clauses: Sequence[Clause]) -> None:
    """Keep what was read; a folder that cannot be written is no fault."""
    headings = {heading: number for number, heading in enumerate(dict.fromkeys(clause.heading for clause in clauses))}
    rows = [
        [
            clause.id, headings[clause.heading], clause.kind.value, clause.start, clause.end,
            "" if clause.plain == clause.text else clause.plain, clause.lead,
        ]
        for clause in clauses
    ]  # fmt: skip
    written = json.dumps(
        {"key": key, "record": record, "headings": list(headings), "clauses": rows},
        ensure_ascii=False, separators=(",", ":"), default=_plain_date,
    )  # fmt: skip
    with suppress(OSError, UnicodeEncodeError):
        path.parent.mkdir(parents=True, exist_ok=True)
        ignore = path.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(written.encode("utf-8"))
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _plain_date(value: object) -> object:
    if type(value) is date:
        return {_DATE: value.isoformat()}
    raise TypeError(f"a record holds no {type(value).__name__}")


def _dated(table: dict[str, Any]) -> Any:
    return date.fromisoformat(table[_DATE]) if table.keys() == {_DATE} else table
