"""Comparing and reaching values as different systems write them: 42 and "42", nested objects, arrays on the way."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

Path = tuple[str, ...]


def same(value: Any) -> Any:
    """Return the form in which equal keys of different systems are equal: a key 42 is also "42", a UUID its text."""
    if isinstance(value, str):
        return value.rstrip()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return str(value)


def empty(value: Any) -> bool:
    """Whether a value names nothing; following it would join everybody who also left it out."""
    return value is None or (isinstance(value, str) and not value.strip())


def opened(value: Any) -> Any:
    """Return nested data that a system hands out as JSON text in its own form."""
    if isinstance(value, (bytes, memoryview)):
        value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def reach(value: Any, path: Path) -> Iterator[Any]:
    """Yield every scalar at a path below a value, going through arrays element by element."""
    value = opened(value)
    if isinstance(value, (list, tuple)):
        for element in value:
            yield from reach(element, path)
    elif not path:
        if not isinstance(value, dict):
            yield value
    elif isinstance(value, dict):
        yield from reach(value.get(path[0]), path[1:])


def plain(value: Any) -> Any:
    """Return a value as JSON can write it, losing nothing that a reader needs."""
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else str(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): plain(below) for key, below in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(below) for below in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def safe_name(name: str) -> str:
    """Return a name of a system or table as a file may be called: no separators, nothing hidden."""
    return re.sub(r"[^\w.-]", "_", name).lstrip(".") or "_"
