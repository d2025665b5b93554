"""Documents as rows and back: what MongoDB's types are in ours, and what a change comes to, path by path."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.fulfil.connectors.protocol import SystemRefuses
from services.fulfil.core.catalog import Kind

try:
    from bson import DBRef, Decimal128, Int64, ObjectId, Regex
except ImportError:  # pragma: no cover - the test installation has it
    raise SystemRefuses("MongoDB needs an extra library: pip install 'habeas[mongodb]'.") from None

KINDS: Final[Mapping[type, Kind]] = {
    str: Kind.TEXT, bool: Kind.BOOLEAN, int: Kind.INTEGER, Int64: Kind.INTEGER, float: Kind.NUMBER,
    Decimal128: Kind.NUMBER, dict: Kind.JSON, list: Kind.JSON, dt.datetime: Kind.MOMENT, bytes: Kind.BYTES,
    uuid.UUID: Kind.UUID, ObjectId: Kind.OTHER,
}  # fmt: skip
BSON: Final[Mapping[str, Kind]] = {
    "string": Kind.TEXT, "bool": Kind.BOOLEAN, "int": Kind.INTEGER, "long": Kind.INTEGER, "double": Kind.NUMBER,
    "decimal": Kind.NUMBER, "number": Kind.NUMBER, "object": Kind.JSON, "array": Kind.JSON, "date": Kind.MOMENT,
    "binData": Kind.BYTES, "objectId": Kind.OTHER,
}  # fmt: skip
_HEX: Final = re.compile(r"[0-9a-f]{24}\Z", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,17})\Z")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One place in a document, what stands there, and what shall."""

    path: str
    old: Any
    new: Any


def plain(value: Any) -> Any:
    """Return a value of a document as rows hold it."""
    if isinstance(value, Mapping):
        return {str(key): plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return [plain(below) for below in value]
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, Decimal128):
        try:
            return value.to_decimal()
        except decimal.InvalidOperation:
            return str(value)
    if isinstance(value, DBRef):
        return {"$ref": value.collection, "$id": plain(value.id)}
    if value is None or isinstance(value, (str, bool, int, float, bytes, uuid.UUID, dt.datetime)):
        return value
    return str(value)


def spellings(value: Any) -> Iterator[Any]:
    """Yield the forms in which a key of another system may stand here: 42 and "42", an ObjectId and its text."""
    yield value
    if isinstance(value, str):
        if _HEX.match(value):
            yield ObjectId(value)
        if _NUMBER.match(value):
            yield int(value)
        try:
            yield uuid.UUID(value)
        except ValueError:
            return
    elif isinstance(value, bool):
        return
    elif isinstance(value, (int, uuid.UUID)):
        yield str(value)
    elif isinstance(value, decimal.Decimal):
        yield Decimal128(value)
        if value == value.to_integral_value():
            yield from (int(value), str(int(value)))


def folded(value: Any) -> Iterator[Any]:
    """Yield what finds a text however it is capitalised; anything else as it is."""
    if isinstance(value, str) and value.lower() != value.upper():
        yield Regex(f"^{re.escape(value)}$", "i")
    else:
        yield from spellings(value)


def stored(value: Any) -> Any:
    """Return a value as MongoDB takes it."""
    if isinstance(value, decimal.Decimal):
        return Decimal128(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    if isinstance(value, Mapping):
        return {key: stored(below) for key, below in value.items()}
    return [stored(below) for below in value] if isinstance(value, (list, tuple)) else value


def differences(old: Any, new: Any, path: str) -> Iterator[Leaf]:
    """Yield the places below a path at which a value changes, as near to the leaves as paths can name them."""
    if plain(old) == new:
        return
    pairs = _pairs(old, new)
    if pairs is None:
        yield Leaf(path, old, new)
        return
    for name, before, after in pairs:
        yield from differences(before, after, f"{path}.{name}")


def _pairs(old: Any, new: Any) -> list[tuple[str, Any, Any]] | None:
    """Return what stands in two values of one shape, by name; None where no path can tell their parts."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [(str(n), before, after) for n, (before, after) in enumerate(zip(old, new, strict=True))]
    if isinstance(old, Mapping) and isinstance(new, Mapping) and set(old) == set(new) and all(map(_nameable, old)):
        return [(name, old[name], new[name]) for name in old]
    return None


def _nameable(name: Any) -> bool:
    return isinstance(name, str) and bool(name) and "." not in name and not name.startswith("$") and not name.isdigit()


def nameable(path: tuple[str, ...]) -> bool:
    """Whether a path can be asked for: a name with a dot in it would be read as two."""
    return all(_nameable(name) for name in path)
