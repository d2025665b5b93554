"""Reading records from files, and writing a file again with only the named records changed.

What is not changed stays as it was, byte for byte: other people's records are copied, never written anew. Only a JSON
document is written as a whole, because its records are not separate in it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol, cast

from services.fulfil.connectors.protocol import SystemRefuses

SAMPLE_BYTES: Final = 64 * 1024
CELL_CHARACTERS_MAX: Final = 16 * 1024 * 1024
LINE_BYTES_MAX: Final = 64 * 1024 * 1024
DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024
DELIMITERS: Final = ",;\t|"
PACKED: Final = ".gz"

Fields = dict[str, Any]
Decide = Callable[[int, Fields], Fields | None]
"""Given a record's number and fields: the same object keeps it, another is written instead, None removes it."""


class Record(NamedTuple):
    """One record of a file: its number from 1, its fields, and how it stands there."""

    number: int
    fields: Fields
    raw: bytes


class Format(Protocol):
    """How one kind of file is read and written."""

    def fields(self, path: Path) -> dict[str, set[type]]:
        """Return every field that occurs, with the types of its values."""
        ...

    def records(self, path: Path) -> Iterator[Record]:
        """Yield the records one by one."""
        ...

    def rewrite(self, path: Path, target: IO[bytes], decide: Decide) -> None:
        """Write the file anew, each record as decided."""
        ...


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading, unpacked where it is packed."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if path.suffix == PACKED else path.open("rb")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """How a CSV file is written, and its header."""

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    header: bytes


class Csv:
    """Comma-, semicolon-, tab- or bar-separated values with a header; an empty cell holds nothing."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._encoding = str(settings.get("encoding") or "")
        self._delimiter = str(settings.get("delimiter") or "")
        csv.field_size_limit(CELL_CHARACTERS_MAX)

    def fields(self, path: Path) -> dict[str, set[type]]:
        """The header says them; every value is text."""
        with opened(path) as file:
            return {name: {str} for name in self._sheet(path, file).names}

    def records(self, path: Path) -> Iterator[Record]:
        """Yield the records; one with more cells than the header has is refused, because no field is theirs."""
        with opened(path) as file:
            sheet = self._sheet(path, file)
            yield from self._records(path, file, sheet)

    def rewrite(self, path: Path, target: IO[bytes], decide: Decide) -> None:
        """Copy what is kept, and write changed records in the file's own manner."""
        with opened(path) as file:
            sheet = self._sheet(path, file)
            target.write(sheet.header)
            for record in self._records(path, file, sheet):
                wanted = decide(record.number, record.fields)
                if wanted is record.fields:
                    target.write(record.raw)
                elif wanted is not None:
                    target.write(_as_csv(sheet, wanted, record.raw))

    def _sheet(self, path: Path, file: IO[bytes]) -> _Sheet:
        sample = file.read(SAMPLE_BYTES)
        file.seek(0)
        encoding = self._encoding or _encoding_of(sample)
        lines = _Lines(file, encoding)
        delimiter = self._delimiter or _delimiter_of(sample, encoding)
        first = next(csv.reader([next(lines, "")], delimiter=delimiter), [])
        names = tuple(name.strip().lstrip("\ufeff") for name in first)
        if not any(names):
            raise SystemRefuses(f"{path.name}: the first line must name the columns.")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SystemRefuses(f"{path.name}: the header names a column twice: {', '.join(twice)}.")
        return _Sheet(encoding, delimiter, names, lines.taken())

    @staticmethod
    def _records(path: Path, file: IO[bytes], sheet: _Sheet) -> Iterator[Record]:
        lines = _Lines(file, sheet.encoding)
        reader = csv.reader(lines, delimiter=sheet.delimiter)
        number = 0
        try:
            for cells in reader:
                number += 1
                if len(cells) > len(sheet.names):
                    said = f"{path.name}: record {number} has {len(cells)} cells; the header has {len(sheet.names)}."
                    raise SystemRefuses(f"{said} Mend the file, or its quoting.")
                values = {name: (cell or None) for name, cell in zip(sheet.names, cells, strict=False)}
                yield Record(number, values, lines.taken())
        except (csv.Error, UnicodeDecodeError) as fault:
            raise SystemRefuses(f"{path.name}: record {number + 1} is no readable CSV ({_cause(fault)}).") from None


class _Lines:
    """A file's lines as text, remembering the bytes that were taken since last asked."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._taken: list[bytes] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LINE_BYTES_MAX)
        if not line:
            raise StopIteration
        self._taken.append(line)
        return line.decode(self._encoding)

    def taken(self) -> bytes:
        taken = b"".join(self._taken)
        self._taken.clear()
        return taken


class JsonLines:
    """One JSON object a line; fields may be missing and may be nested."""

    def fields(self, path: Path) -> dict[str, set[type]]:
        """Look at every record: a field may be in one of a million."""
        return _union(record.fields for record in self.records(path))

    def records(self, path: Path) -> Iterator[Record]:
        """Yield the records; blank lines are none."""
        for record in self._lines(path):
            if record.number:
                yield record

    def rewrite(self, path: Path, target: IO[bytes], decide: Decide) -> None:
        """Copy what is kept."""
        for record in self._lines(path):
            wanted = decide(record.number, record.fields) if record.number else record.fields
            if wanted is record.fields:
                target.write(record.raw)
            elif wanted is not None:
                end = record.raw[len(record.raw.rstrip(b"\r\n")) :]
                target.write(_as_json(wanted) + end)

    @staticmethod
    def _lines(path: Path) -> Iterator[Record]:
        number = 0
        with opened(path) as file:
            place = 0
            while raw := file.readline(LINE_BYTES_MAX):
                place += 1
                text = raw.removeprefix(b"\xef\xbb\xbf") if place == 1 else raw
                if not text.strip():
                    yield Record(0, {}, raw)
                    continue
                number += 1
                yield Record(number, _object(path, f"line {place}", text), raw)


class JsonDocument:
    """A JSON document: an array of objects, or an object with one such array in it."""

    def fields(self, path: Path) -> dict[str, set[type]]:
        """Look at every record."""
        return _union(record.fields for record in self.records(path))

    def records(self, path: Path) -> Iterator[Record]:
        """Yield the records of the one array."""
        _, rows = self._load(path)
        for number, row in enumerate(rows, 1):
            yield Record(number, row, b"")

    def rewrite(self, path: Path, target: IO[bytes], decide: Decide) -> None:
        """Write the document with its array as decided, indented as it was."""
        whole, rows = self._load(path)
        kept = [wanted for n, row in enumerate(rows, 1) if (wanted := decide(n, row)) is not None]
        rows[:] = kept
        with opened(path) as file:
            lines = file.read(4096).decode("utf-8-sig", "replace").splitlines()
        indents = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
        indent = next((width for width in indents if width), None)
        text = json.dumps(whole, ensure_ascii=False, indent=indent)
        target.write(text.encode() + b"\n")

    @staticmethod
    def _load(path: Path) -> tuple[Any, list[Fields]]:
        with opened(path) as file:
            raw = file.read(DOCUMENT_BYTES_MAX + 1)
        if len(raw) > DOCUMENT_BYTES_MAX:
            megabytes = DOCUMENT_BYTES_MAX // 2**20
            raise SystemRefuses(f"{path.name}: a JSON document over {megabytes} MB; write it as JSON Lines (.jsonl).")
        try:
            whole = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as fault:
            raise SystemRefuses(f"{path.name} is no readable JSON ({_cause(fault)}).") from None
        lists = [whole] if isinstance(whole, list) else []
        if isinstance(whole, dict):
            lists = [below for below in whole.values() if isinstance(below, list)]
        if len(lists) != 1 or not all(isinstance(row, dict) for row in lists[0]):
            raise SystemRefuses(f"{path.name}: an array of objects is needed, alone or as the only array of an object.")
        return whole, lists[0]


def _object(path: Path, place: str, text: bytes) -> Fields:
    try:
        found = json.loads(text.decode())
    except (ValueError, RecursionError) as fault:
        raise SystemRefuses(f"{path.name}: {place} is no readable JSON ({_cause(fault)}).") from None
    if not isinstance(found, dict):
        raise SystemRefuses(f"{path.name}: {place} is no JSON object.")
    return found


def _union(rows: Iterator[Fields]) -> dict[str, set[type]]:
    found: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, set()).add(type(value))
    return found


def _cause(fault: Exception) -> str:
    """Name what is wrong without repeating what stands there."""
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg}, column {fault.colno}"
    return "not UTF-8" if isinstance(fault, UnicodeDecodeError) else type(fault).__name__


def _encoding_of(sample: bytes) -> str:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SystemRefuses("A CSV file in UTF-16 cannot be changed line by line; save it as UTF-8.")
    try:
        # The last bytes may be half a character.
        io.TextIOWrapper(io.BytesIO(sample[: sample.rfind(b"\n") + 1] or sample), encoding="utf-8").read()
    except UnicodeDecodeError:
        return "latin-1"  # every byte is a character, so that what is copied is what stood there
    return "utf-8"


def _delimiter_of(sample: bytes, encoding: str) -> str:
    header = sample.decode(encoding, "replace").splitlines()[:1]
    outside = "".join(part for n, part in enumerate(header[0].split('"')) if n % 2 == 0) if header else ""
    return max(DELIMITERS, key=outside.count)


def _as_csv(sheet: _Sheet, row: Fields, like: bytes) -> bytes:
    body = like.rstrip(b"\r\n")
    end = like[len(body) :]
    quoted = body.startswith(b'"') and body.endswith(b'"')
    out = io.StringIO()
    if quoted:
        writer = csv.writer(out, delimiter=sheet.delimiter, quoting=csv.QUOTE_ALL, lineterminator="")
    else:
        writer = csv.writer(out, delimiter=sheet.delimiter, lineterminator="")
    writer.writerow("" if row.get(name) is None else row[name] for name in sheet.names)
    return out.getvalue().encode(sheet.encoding, "replace") + end


def _as_json(row: Fields) -> bytes:
    return json.dumps(row, ensure_ascii=False, default=str).encode()
