"""The page that a person opens first: what was found, in their language, and how it is used (Art. 12(1), 15(1) GDPR).

It stands alone: no script, no request to anywhere, readable by a screen reader and on paper. Records are read from the
package's own files as they are written, and only the first of each kind; the files hold all.
"""

from __future__ import annotations

import itertools
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2

from services.fulfil.core.maps.model import DataMap, Field, Table, TableName
from services.fulfil.core.values import safe_name

RECORDS_SHOWN_MAX: Final = 200
VALUE_CHARACTERS_MAX: Final = 5_000
DEFAULT: Final = "en"
LINES: Final = ".jsonl"
Line = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the controller's own policy, verbatim."""

    quote: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """What the page is about, beside the data itself."""

    controller: str
    made: datetime
    language: str
    maps: Sequence[DataMap] = ()
    withheld: Mapping[TableName, int] = field(default_factory=dict)
    statements: Sequence[Statement] = ()
    authority: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of record on the page."""

    title: str
    system: str
    files: tuple[str, ...]
    more: int
    count: int
    withheld: int
    purpose: str
    kinds: Sequence[str]
    source: str
    kept: str
    records: Callable[[], Iterator[list[Line]]]


def write_page(
    folder: Path, cover: Cover, counts: Mapping[TableName, int], names: Mapping[Path, str] | None = None
) -> Path:
    """Write `index.html` beside the folder `data` that holds the records, and return its path.

    `names` are those by which the package knows the records' files, where they are not their own.
    """
    words = _words(cover.language)
    tables = {name for name, count in counts.items() if count} | {n for n, count in cover.withheld.items() if count}
    data = folder / "data"
    written = sorted(path for path in data.rglob("*") if path.is_file())
    called = {path: (names or {}).get(path, path.relative_to(folder).as_posix()) for path in written}
    parts = [_part(called, cover, words, name, counts.get(name, 0)) for name in sorted(tables)]
    shown = [data_map for data_map in cover.maps if any(name.system == data_map.system for name in tables)]
    page = _template().stream(
        language=cover.language if cover.language in _known() else DEFAULT,
        words=words,
        controller=cover.controller,
        made=cover.made.date().isoformat(),
        tables=parts,
        withheld=any(part.withheld for part in parts),
        kinds=_distinct(kind for part in parts for kind in part.kinds),
        purposes=_distinct(part.purpose for part in parts),
        recipients=_distinct(r for data_map in shown for r in data_map.recipients),
        transfers=_distinct(t for data_map in shown for t in data_map.transfers),
        sources=_distinct(data_map.source for data_map in shown),
        statements=cover.statements,
        authority=cover.authority,
    )
    path = folder / "index.html"
    path.touch(mode=0o600)
    with path.open("wb") as target:
        page.dump(target, encoding="utf-8")
    return path


def _part(called: Mapping[Path, str], cover: Cover, words: Mapping[str, Any], name: TableName, count: int) -> _Part:
    data_map = next((m for m in cover.maps if m.system == name.system), None)
    table = data_map.table(name.table) if data_map else None
    leaves = [leaf for _, leaf in table.leaves()] if table else []
    fields = {f.name: f for f in table.fields} if table else {}
    stem = f"{safe_name(name.system)}/{safe_name(name.table)}"
    files = [path for path in called if path.as_posix().endswith(f"/{stem}{path.suffix}")]
    readable = next((path for path in files if path.suffix == LINES), None)

    def records() -> Iterator[list[Line]]:
        if readable is None:
            return
        with readable.open(encoding="utf-8") as source:
            for line in itertools.islice(source, RECORDS_SHOWN_MAX):
                yield list(_lines(json.loads(line), fields, words))

    return _Part(
        title=table.about if table and table.about else name.table,
        system=data_map.name if data_map and data_map.name else name.system,
        files=tuple(called[path] for path in files),
        more=max(0, count - RECORDS_SHOWN_MAX) if readable else 0,
        count=count,
        withheld=cover.withheld.get(name, 0),
        purpose=table.purpose if table else "",
        kinds=_distinct(_kind(leaf, words) for leaf in leaves),
        source=data_map.source if data_map else "",
        kept=_kept(table, words),
        records=records,
    )


def _kept(table: Table | None, words: Mapping[str, Any]) -> str:
    duty = table.retention if table else None
    if duty is None:
        return ""
    end = words["until"].format(date=duty.until) if duty.until else words["years"].format(years=duty.years)
    return f"{end} ({duty.ground})"


def _lines(record: Mapping[str, Any], fields: Mapping[str, Field], words: Mapping[str, Any]) -> Iterator[Line]:
    for name, value in record.items():
        if name.startswith("_") and name not in fields:
            continue  # where the record stands in a file, which tells the person nothing
        mapped = fields.get(name)
        yield name, _kind(mapped, words) if mapped else "", _text(value, words)


def _text(value: Any, words: Mapping[str, Any], depth: int = 0) -> str:
    """Return a value as people read it; what is nested is indented by dots' worth of space, line by line."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(words["yes"] if value else words["no"])
    pad = "\u2003" * depth
    if isinstance(value, Mapping):
        lines = [f"{pad}{name}: {_text(below, words, depth + 1).lstrip()}" for name, below in value.items()]
        return ("\n" if depth else "") + "\n".join(lines)
    if isinstance(value, list):
        return ("\n" if depth else "") + "\n".join(f"{pad}• {_text(each, words, depth + 1).strip()}" for each in value)
    text = str(value)
    return text if len(text) <= VALUE_CHARACTERS_MAX else text[:VALUE_CHARACTERS_MAX] + " …"


def _kind(mapped: Field, words: Mapping[str, Any]) -> str:
    """Return what kind of data a field is, by the nearest word for its category."""
    known: Mapping[str, str] = words["kinds_of_data"]
    for category in mapped.categories:
        parts = category.split(".")
        for length in range(len(parts), 0, -1):
            found = known.get(".".join(parts[:length]))
            if found and length > 1:
                return found
    return ""


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _known() -> frozenset[str]:
    return frozenset(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))


@cache
def _words(language: str) -> Mapping[str, Any]:
    chosen = language if language in _known() else DEFAULT
    return tomllib.loads((_folder() / f"{chosen}.toml").read_text("utf-8"))


def _folder() -> Any:
    return files("services.fulfil.pages")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string((_folder() / "report.html.j2").read_text("utf-8"))
