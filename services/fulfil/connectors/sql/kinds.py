"""From a database's type names to the families that comparing and masking tell apart, and values into them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from services.fulfil.core.catalog import Column, Kind

# First match wins, so a range stands before what it is of, `timestamp` before `time` and `datetime` before `date`.
_FAMILIES: Final = (
    (re.compile(r"range"), Kind.OTHER),
    (re.compile(r"\[\]|^array"), Kind.ARRAY),
    (re.compile(r"json"), Kind.JSON),
    (re.compile(r"uuid|uniqueidentifier"), Kind.UUID),
    (re.compile(r"^(enum|set)\b"), Kind.ENUM),
    (re.compile(r"bool|^bit$|^tinyint\(1\)$"), Kind.BOOLEAN),
    (re.compile(r"interval|point|polygon"), Kind.OTHER),
    (re.compile(r"int|serial"), Kind.INTEGER),
    (re.compile(r"timestamp|datetime"), Kind.MOMENT),
    (re.compile(r"^date"), Kind.DATE),
    (re.compile(r"^time"), Kind.TIME),
    (re.compile(r"char|text|clob|citext|^string|^name$|^inet$"), Kind.TEXT),
    (re.compile(r"numeric|decimal|double|float|real|money|number"), Kind.NUMBER),
    (re.compile(r"blob|bytea|binary|raw|image"), Kind.BYTES),
)


def kind_of(declared: str) -> Kind:
    """Return the family of a declared type; SQLite's missing type holds anything, so it is read as text."""
    word = declared.strip().lower()
    if not word:
        return Kind.OTHER
    return next((kind for pattern, kind in _FAMILIES if pattern.search(word)), Kind.OTHER)


def length_of(declared: str) -> int | None:
    """Return the length of a character type."""
    found = re.search(r"char[a-z ]*\((\d+)", declared.lower())
    return int(found.group(1)) if found else None


def fitted(value: Any, column: Column) -> Any:
    """Return a key in the column's own type, or None where no row of it can hold the value."""
    try:
        return _fit(value, column)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        return None


def _fit(value: Any, column: Column) -> Any:
    match column.kind:
        case Kind.INTEGER:
            number = int(value) if not isinstance(value, str) else int(value.strip())
            low, high = (0, 2**64) if "unsigned" in column.declared else (-(2**63), 2**63)
            return number if low <= number < high and (not isinstance(value, float) or value == number) else None
        case Kind.NUMBER:
            return Decimal(str(value).strip())
        case Kind.UUID:
            return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value).strip())
        case Kind.BOOLEAN:
            return bool(value) if isinstance(value, (bool, int)) else None
        case Kind.DATE | Kind.MOMENT | Kind.TIME:
            return value if isinstance(value, (dt.date, dt.time)) else str(value)
        case Kind.ENUM:
            return str(value) if not column.labels or str(value) in column.labels else None
        case Kind.BYTES:
            return _bytes(value)
        case Kind.TEXT:
            return None if isinstance(value, (bytes, dict, list)) or "\x00" in str(value) else str(value)
        case _:
            return value


def _bytes(value: Any) -> bytes:
    """Bytes travel between systems in hexadecimal letters; a UUID may be kept as its sixteen bytes."""
    if isinstance(value, uuid.UUID):
        return value.bytes
    if not isinstance(value, str):
        return bytes(value)
    try:
        return bytes.fromhex(value)
    except ValueError:
        return uuid.UUID(value).bytes if len(value) == 36 else value.encode()
