"""Guessing how a bucket's objects are named, from the first keys of each folder: a draft for a person to mend."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from services.fulfil.connectors.folder.place import DOCUMENTS, ending, is_table
from services.fulfil.connectors.s3.client import Bucket, Entry
from services.fulfil.connectors.s3.objects import CONTENT_BYTES_MAX

KEYS_LOOKED_AT: Final = 200
DOCUMENTS_LOOKED_AT: Final = 20


def guessed(bucket: Bucket) -> dict[str, Any]:
    """Return `connector.objects` for the folders whose objects are no files of records."""
    found: dict[str, Any] = {}
    for folder in bucket.folders()[1]:
        listed = list(itertools.islice(bucket.listed(f"{bucket.prefix}{folder}/"), KEYS_LOOKED_AT))
        names = [entry.key.removeprefix(f"{bucket.prefix}{folder}/") for entry in listed]
        if not names:
            continue
        documents = all(ending(name) in DOCUMENTS for name in names)
        if documents and next(documents_of(bucket, listed), None) is not None:
            found[folder] = {"key": _pattern(folder, names), "content": "json"}
        elif not any(is_table(PurePosixPath(name).name) for name in names):
            found[folder] = _pattern(folder, names)
    return found


def documents_of(bucket: Bucket, entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """Yield the first objects that are one JSON object each; one that holds a list of records is a file of them."""
    for entry in entries[:DOCUMENTS_LOOKED_AT]:
        if entry.size > CONTENT_BYTES_MAX:
            return
        try:
            said = json.loads(bucket.content(entry)[0].decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return
        if not isinstance(said, dict) or sum(isinstance(value, list) for value in said.values()) == len(said) == 1:
            return
        yield said


def _pattern(folder: str, names: list[str]) -> str:
    depth = Counter(name.count("/") for name in names).most_common(1)[0][0]
    ends = {PurePosixPath(name).suffix for name in names}
    end = ends.pop() if len(ends) == 1 else ""
    parts = [f"{{part_{n}}}" for n in range(1, depth + 1)]
    return "/".join([folder, *parts, f"{{name}}{end}" if end else "{name}"])
