"""Portable files (Art. 20(1) GDPR): what the person provided, as JSON, CSV, XML or XLSX, streamed row by row.

What comes in are the search's own files, one JSON object a line; what goes out has the provided fields only, flat where
the format is a table: a nested value keeps its path as `profile.phones.number` would, as JSON in one cell.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from services.fulfil.core.maps.model import TableName
from services.fulfil.core.values import safe_name

Row = dict[str, Any]
Writing = Callable[[Path, str, Sequence[str], Iterator[Row]], int]

DEFAULT: Final = ("json", "csv")
SAME: Final = {"xls": "xlsx", "excel": "xlsx", "xlxs": "xlsx"}
SHEET_ROWS_MAX: Final = 1_048_576
CELL_CHARACTERS_MAX: Final = 32_767
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def chosen_formats(asked: Sequence[str], promised: Sequence[str]) -> tuple[str, ...]:
    """Return the formats to write: those asked for that we can write, else the policy's, else JSON and CSV."""
    for wanted in (asked, promised):
        known = [SAME.get(word.casefold(), word.casefold()) for word in wanted]
        found = tuple(dict.fromkeys(word for word in known if word in WRITERS))
        if found:
            return found
    return DEFAULT


def rewrite(
    source: Path, target: Path, fields: Mapping[TableName, Sequence[str]], formats: Sequence[str]
) -> dict[TableName, int]:
    """Write each table's provided fields in each format; return how many rows each has."""
    counts: dict[TableName, int] = {}
    manifest = json.loads((source / "manifest.json").read_text("utf-8"))
    by_name = {entry["table"]: source / entry["file"] for entry in manifest["files"]}
    for name, names in fields.items():
        place = by_name.get(str(name))
        if place is None:
            continue
        for word in formats:
            folder = target / word / safe_name(name.system)
            folder.mkdir(parents=True, exist_ok=True)
            counts[name] = WRITERS[word](
                folder / f"{safe_name(name.table)}.{word}", name.table, names, _rows(place, names)
            )
    return counts


def _rows(place: Path, names: Sequence[str]) -> Iterator[Row]:
    with place.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {name: row.get(name) for name in names}


def _json(path: Path, _name: str, _names: Sequence[str], rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for row in rows:
            file.write(("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False))
            count += 1
        file.write("\n]\n")
    return count


def _csv(path: Path, _name: str, names: Sequence[str], rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(row[name]) for name in names])
            count += 1
    return count


def _xml(path: Path, name: str, names: Sequence[str], rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        xml = XMLGenerator(file, "utf-8", short_empty_elements=True)
        xml.startDocument()
        xml.startElement("records", AttributesImpl({"of": name}))
        for row in rows:
            xml.startElement("record", AttributesImpl({}))
            for field in names:
                xml.startElement("field", AttributesImpl({"name": field}))
                xml.characters(_NOT_XML.sub("\ufffd", _cell(row[field])))
                xml.endElement("field")
            xml.endElement("record")
            count += 1
        xml.endElement("records")
        xml.endDocument()
    return count


def _xlsx(path: Path, name: str, names: Sequence[str], rows: Iterator[Row]) -> int:
    """Row by row onto the disk; a table longer than a sheet goes on in the next one. Formulas are text here."""
    import xlsxwriter  # it takes 13 MB, and most packages hold no spreadsheet

    # What it puts aside while it writes is the person's data: beside the rest, where it goes with the claim.
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent),
        "use_zip64": True,
    }  # fmt: skip
    count = 0
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, names)
        line = 0
        for row in rows:
            line += 1
            if line >= SHEET_ROWS_MAX:
                sheet, line = book.add_worksheet(), 1
                sheet.write_row(0, 0, names)
            for column, field in enumerate(names):
                value = row[field]
                plain = value if isinstance(value, bool | int | float) else _cell(value)[:CELL_CHARACTERS_MAX]
                sheet.write(line, column, plain)
            count += 1
        book.set_properties({"title": name})
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


WRITERS: Final[Mapping[str, Writing]] = {"json": _json, "csv": _csv, "xml": _xml, "xlsx": _xlsx}
