"""Writing what was found as it is read: one JSON line a row, one file a table, and a manifest with their hashes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path as FilePath
from typing import IO, Any, Final

from services.fulfil.core.maps.model import Field, Path, TableName
from services.fulfil.core.nested import Given, rewritten
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Verdict
from services.fulfil.core.values import opened, plain, safe_name

ANOTHER_PERSON: Final = "[another person]"


class Files:
    """A sink that writes each table to a file of its own. Files are readable by their owner only."""

    def __init__(self, folder: FilePath, given: Given, tables: Iterable[TableName] = ()) -> None:
        self._folder = folder
        self._given = given
        self._open: dict[TableName, tuple[FilePath, IO[bytes], Any, list[int]]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for name in tables:
            # What was written here for somebody else must not be handed out with this.
            self._place(name).unlink(missing_ok=True)

    def _place(self, name: TableName) -> FilePath:
        return self._folder / safe_name(name.system) / f"{safe_name(name.table)}.jsonl"

    def take(self, table: Profile, row: Sequence[Any], verdict: Verdict) -> None:
        """Write one row, leaving out what names another person."""
        _, file, digest, count = self._file(table.name)
        shown = shown_of(table, row, verdict, self._given)
        line = json.dumps(shown, ensure_ascii=False).encode() + b"\n"
        file.write(line)
        digest.update(line)
        count[0] += 1

    def _file(self, name: TableName) -> tuple[FilePath, IO[bytes], Any, list[int]]:
        if name not in self._open:
            place = self._place(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._open[name] = (place, os.fdopen(handle, "wb"), hashlib.sha256(), [0])
        return self._open[name]

    def discard(self) -> None:
        """Take back what was written: it may be of different people."""
        for place, file, _, _ in self._open.values():
            file.close()
            place.unlink(missing_ok=True)
        self._open.clear()

    def close(self) -> None:
        """Finish the files and write the manifest."""
        listed = []
        for name, (place, file, digest, count) in self._open.items():
            file.close()
            relative = str(place.relative_to(self._folder))
            listed.append({"table": str(name), "file": relative, "rows": count[0], "sha256": digest.hexdigest()})
        manifest = json.dumps({"files": listed}, indent=2, ensure_ascii=False)
        handle = os.open(self._folder / "manifest.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as target:
            target.write(manifest.encode() + b"\n")


def shown_of(table: Profile, row: Sequence[Any], verdict: Verdict, given: Given) -> dict[str, Any]:
    """Return what of a row is handed out: the mapped fields and the key, other people's identifiers taken out."""
    shown: dict[str, Any] = {name: plain(row[table.place[name]]) for name in table.key}
    for field in table.mapped:
        if field.name in table.place:
            value = opened(row[table.place[field.name]])
            if field.fields or (field.array and field.identity in given):
                value = rewritten(value, field, (field.name,), given, _as_it_is, _another)
            shown[field.name] = plain(value)
    for path in verdict.others:
        hide(shown, path)
    if verdict.guest:
        for path in table.leaves:
            if path not in table.guest:
                hide(shown, path)
    elif verdict.subject:
        for path in table.others:
            hide(shown, path)
    return shown


def _as_it_is(_path: Path, _field: Field, value: Any) -> Any:
    return value


def _another(_element: Any) -> str:
    return ANOTHER_PERSON


def hide(shown: dict[str, Any], path: Path) -> None:
    """Replace what stands at a path."""
    below = shown.get(path[0])
    if isinstance(below, list):
        for element in below:
            if isinstance(element, dict) and len(path) > 1:
                hide(element, path[1:])
        if len(path) > 1:
            return
    if len(path) > 1:
        if isinstance(below, dict):
            hide(below, path[1:])
    elif below is not None:
        shown[path[0]] = ANOTHER_PERSON
