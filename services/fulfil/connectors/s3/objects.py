"""Objects that belong to a person: each is a row, made of its key, of its metadata and, where wanted, of its content.

A listing says which objects there are. What else a question needs is fetched for the objects that it concerns only.
Changes are made at the commit, each under the condition that the object is still the one that was found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

from services.fulfil.connectors.matching import answers, held
from services.fulfil.connectors.protocol import Change, Counted, Find, Hit, Match, References, SystemRefuses
from services.fulfil.connectors.s3.client import Bucket, Entry
from services.fulfil.connectors.s3.pattern import Pattern
from services.fulfil.core.catalog import Column, Kind, LiveTable
from services.fulfil.core.maps.model import Table
from services.fulfil.core.values import same

KEY: Final = "_key"
METADATA: Final = "_metadata"
CONTENT: Final = "_content"
LISTED: Final = {KEY: Kind.TEXT, "_size": Kind.INTEGER, "_modified": Kind.MOMENT}
HEADED: Final = {"_type": Kind.TEXT, METADATA: Kind.JSON}
CONTENT_BYTES_MAX: Final = 16 * 1024 * 1024
FETCHED_AT_ONCE: Final = 64
THREADS: Final = 8
KINDS: Final = {
    "integer": Kind.INTEGER, "int": Kind.INTEGER, "number": Kind.NUMBER, "float": Kind.NUMBER, "boolean": Kind.BOOLEAN,
    "bool": Kind.BOOLEAN, "object": Kind.JSON,
}  # fmt: skip
Fields = dict[str, Any]


def live_of(pattern: Pattern, table: Table | None) -> LiveTable:
    """Describe a table of objects: what keys and metadata say, and of JSON objects what the map names."""
    columns = {name: Column(name, Kind.TEXT, "", nullable=False, generated=True) for name in pattern.names}
    columns |= {n: Column(n, kind, "", nullable=n != KEY, generated=n != METADATA) for n, kind in _said().items()}
    if pattern.content == "json":
        for f in table.fields if table else ():
            kind = Kind.JSON if f.fields or f.array else KINDS.get((f.data_type or "").lower(), Kind.TEXT)
            columns.setdefault(f.name, Column(f.name, kind, "", nullable=True))
    elif pattern.content:
        kind = Kind.BYTES if pattern.content == "bytes" else Kind.TEXT
        columns[CONTENT] = Column(CONTENT, kind, "", nullable=True)
    key = table.key if table else ()
    whole = bool(key) and set(key) == set(pattern.names)
    return LiveTable(pattern.table, columns, key if whole else (KEY,), unique=((KEY,),))


def _said() -> dict[str, Kind]:
    return LISTED | HEADED


class ObjectRow(Mapping[str, Any]):
    """An object as a row; what the listing does not say is fetched when it is asked for."""

    def __init__(self, bucket: Bucket, pattern: Pattern, entry: Entry, named: Mapping[str, str]) -> None:
        self.entry = entry
        self._bucket = bucket
        self._pattern = pattern
        self._known: Fields = {
            **named, KEY: entry.key.removeprefix(bucket.prefix), "_size": entry.size, "_modified": entry.modified,
        }  # fmt: skip
        self._headed = False
        self._opened = False
        self.document: Fields = {}
        self.metadata: dict[str, str] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a field."""
        if name not in self._known:
            if name in HEADED:
                self.ask()
            else:
                self.open()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the fields that are known so far."""
        return iter(dict(self._known))

    def __len__(self) -> int:
        """Return how many fields are known so far."""
        return len(self._known)

    def ask(self) -> None:
        """Fetch what the object says of itself."""
        if not self._headed:
            self._note(self._bucket.head(self.entry))

    def open(self) -> None:
        """Fetch what the object holds, where the map wants it."""
        if self._opened or not self._pattern.content:
            return
        if self.entry.size > CONTENT_BYTES_MAX:
            raise SystemRefuses(
                f"{self._bucket.system}.{self._pattern.table}: an object is larger than {CONTENT_BYTES_MAX // 2**20} "
                "MB; leave `content` out of the map and hand it out by hand."
            )
        raw, said = self._bucket.content(self.entry)
        self._opened = True
        self._note(said)
        if self._pattern.content == "json":
            self.document = self._parsed(raw)
            self._known = {**self.document, **self._known}
        else:
            self._known[CONTENT] = raw if self._pattern.content == "bytes" else raw.decode("utf-8", "replace")

    def _note(self, said: Mapping[str, Any]) -> None:
        self._headed = True
        self.metadata = dict(said.get("Metadata", {}))
        self._known |= {"_type": said.get("ContentType"), METADATA: dict(self.metadata)}

    def _parsed(self, raw: bytes) -> Fields:
        try:
            found = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            place = f"{self._bucket.system}.{self._pattern.table}"
            raise SystemRefuses(f"{place}: an object is no readable JSON object; say `content: text` or mend it.")
        return found


class ObjectSession:
    """One conversation with the tables of objects; changes are remembered until `commit`."""

    def __init__(self, bucket: Bucket, patterns: Mapping[str, Pattern]) -> None:
        self._bucket = bucket
        self._patterns = patterns
        self._pending: dict[str, dict[str, tuple[ObjectRow, Fields | None]]] = {}

    def find(self, query: Find) -> Iterator[Hit]:
        """List what can match, fetch what the comparison needs, and compare."""
        yield from answers(query, self._rows(query.table, query.matches))

    def sample(self, table: str, fields: tuple[str, ...], rows_max: int) -> list[tuple[Any, ...]]:
        """Return the first rows, for drafting a map."""
        pattern = self._patterns[table]
        listed = self._listed(pattern, [pattern.parts[0]])
        return [tuple(row.get(name) for name in fields) for row, _ in zip(listed, range(rows_max), strict=False)]

    def references(self, query: References) -> Iterator[Counted]:
        """Look at the objects that can point there, and count."""
        asked = {tuple(same(part) for part in key) for key in query.keys}
        for n, pointer in enumerate(query.pointers):
            counts: Counter[tuple[Any, ...]] = Counter()
            for row in self._rows(pointer.table, (Match(pointer.paths, query.keys),)):
                counts.update(set(held(row, pointer.paths)) & asked)
            yield from (Counted(n, key, rows) for key, rows in counts.items())

    def change(self, change: Change) -> int:
        """Remember the changes, and count the objects that are there."""
        self._refuse_names(change)
        wanted: dict[tuple[Any, ...], tuple[Any, Fields | None]] = {}
        for key, values in change.rows:
            new = None if change.delete else {**change.constants, **dict(zip(change.per_row, values, strict=True))}
            wanted[tuple(same(part) for part in key)] = key, new
        match = Match(tuple((name,) for name in change.key), [key for key, _ in wanted.values()])
        pending = self._pending.setdefault(change.table, {})
        reached = 0
        for row in list(self._rows(change.table, (match,))):
            for key in held(row, match.paths):
                if key in wanted:
                    reached += 1
                    entry = row if isinstance(row, ObjectRow) else pending[str(row[KEY])][0]
                    before = pending.get(str(row[KEY]), (entry, {}))[1]
                    new = wanted[key][1]
                    pending[str(row[KEY])] = entry, None if new is None or before is None else {**before, **new}
        return reached

    def commit(self) -> None:
        """Change the objects one by one; a repetition finds the changed ones changed."""
        if not any(self._pending.values()):
            return
        versioned = self._bucket.versioned()
        for table, pending in self._pending.items():
            for row, new in pending.values():
                if new is None:
                    self._delete(row, versioned=versioned)
                else:
                    self._replace(self._patterns[table], row, new, versioned=versioned)
        self._pending.clear()

    def _delete(self, row: ObjectRow, *, versioned: bool) -> None:
        if not versioned:
            self._bucket.delete(row.entry)
            return
        # Deleting in such a bucket only hides: the object is gone when all its versions are (Art. 17(1)).
        self._bucket.head(row.entry)
        self._bucket.forget_versions(row.entry.key)

    def _replace(self, pattern: Pattern, row: ObjectRow, new: Fields, *, versioned: bool) -> None:
        inside = {name: value for name, value in new.items() if name != METADATA}
        metadata = {k: str(v) for k, v in (new.get(METADATA) or {}).items() if v is not None}
        if METADATA not in new:
            row.ask()
            metadata = row.metadata
        if inside:
            row.open()
            write = partial(self._bucket.put, row.entry, _body(pattern, row.document, inside), metadata)
        else:
            write = partial(self._bucket.relabel, row.entry, metadata)
        if versioned:
            self._bucket.for_good(row.entry, write)
        else:
            write()

    def _refuse_names(self, change: Change) -> None:
        """Refuse to rename: a key is what others know an object by."""
        pattern = self._of(change.table)
        fixed = [n for n in (*change.constants, *change.per_row) if n in (*pattern.names, *LISTED, "_type")]
        if fixed and not change.delete:
            raise SystemRefuses(
                f"{self._bucket.system}.{change.table}: `{fixed[0]}` is part of an object's name and cannot be masked. "
                "Say `erase: delete` for the table, or `erase: keep`."
            )

    def _rows(self, table: str, matches: Sequence[Match]) -> Iterator[Mapping[str, Any]]:
        """Yield at least every object that matches, as this session has changed it."""
        pattern = self._of(table)
        matches = [match for match in matches if match.values]
        within = {*pattern.names, *LISTED}
        asked = {path[0] for match in matches for path in match.paths}
        rows = self._listed(pattern, self._prefixes(pattern, matches))
        if asked - within:
            rows = self._fetched(rows, whole=bool(asked - within - set(HEADED)))
        pending = self._pending.get(table, {})
        for row in rows:
            changed = pending.get(str(row[KEY]))
            if changed is None:
                yield row
            elif changed[1] is not None:
                for name in changed[1]:
                    row.get(name)
                yield {**row, **changed[1]}

    def _prefixes(self, pattern: Pattern, matches: Sequence[Match]) -> list[str]:
        if all(match.paths == ((KEY,),) for match in matches):
            keys = {str(value[0]) for match in matches for value in match.values}
            return sorted(keys) if len(keys) <= FETCHED_AT_ONCE else [pattern.parts[0]]
        return pattern.prefixes(matches)

    def _listed(self, pattern: Pattern, prefixes: Sequence[str]) -> Iterator[ObjectRow]:
        seen: set[str] = set()
        several = len(prefixes) > 1
        for prefix in prefixes:
            for entry in self._bucket.listed(f"{self._bucket.prefix}{prefix}"):
                named = pattern.parsed(entry.key.removeprefix(self._bucket.prefix))
                if named is None or entry.key in seen:
                    continue
                if several:
                    seen.add(entry.key)
                yield ObjectRow(self._bucket, pattern, entry, named)

    @staticmethod
    def _fetched(rows: Iterator[ObjectRow], *, whole: bool) -> Iterator[ObjectRow]:
        """Fetch many at once: a store is far away, and what it takes is mostly waiting."""
        with ThreadPoolExecutor(THREADS) as pool:
            while batch := [row for _, row in zip(range(FETCHED_AT_ONCE), rows, strict=False)]:
                for _ in pool.map(ObjectRow.open if whole else ObjectRow.ask, batch):
                    pass
                yield from batch

    def _of(self, table: str) -> Pattern:
        return self._patterns[table]


def _body(pattern: Pattern, document: Fields, new: Fields) -> bytes:
    if pattern.content == "json":
        changed = {k: v for k, v in new.items() if k in document or v is not None}
        return json.dumps({**document, **changed}, ensure_ascii=False, default=str).encode()
    content = new.get(CONTENT)
    return content if isinstance(content, bytes) else str(content or "").encode()
