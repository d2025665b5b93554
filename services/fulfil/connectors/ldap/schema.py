"""What a directory's schema says of a class: its attributes, which of them must be there, and what they hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.fulfil.connectors.ldap.client import normal_dn
from services.fulfil.core.catalog import Kind

_SYNTAX: Final = "1.3.6.1.4.1.1466.115.121.1."
DN_SYNTAX: Final = f"{_SYNTAX}12"
KINDS: Final = {
    f"{_SYNTAX}7": Kind.BOOLEAN, f"{_SYNTAX}27": Kind.INTEGER, f"{_SYNTAX}24": Kind.MOMENT, f"{_SYNTAX}40": Kind.BYTES,
    f"{_SYNTAX}5": Kind.BYTES, f"{_SYNTAX}28": Kind.BYTES, f"{_SYNTAX}8": Kind.BYTES,
}  # fmt: skip
_MOMENT: Final = re.compile(r"(\d{10})(\d{2})?(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{4})?\Z")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, by the name that the map or the schema writes."""

    name: str
    kind: Kind
    names_entries: bool
    single: bool
    comparable: bool
    fixed: bool

    def read(self, raw: Sequence[bytes]) -> Any:
        """Return an attribute's values: one as it is, several as a list."""
        values = [self._value(one) for one in raw]
        return None if not values else values[0] if len(values) == 1 else values

    def written(self, value: Any) -> list[bytes]:
        """Return values as the directory takes them; nothing where there is nothing."""
        values = value if isinstance(value, (list, tuple)) else [value]
        return [_bytes(one) for one in values if one is not None and one != ""]

    def _value(self, raw: bytes) -> Any:
        if self.kind is Kind.BYTES:
            return raw
        text = raw.decode("utf-8", "replace")
        if self.names_entries:
            return normal_dn(text)
        if self.kind is Kind.BOOLEAN:
            return text == "TRUE"
        if self.kind is Kind.INTEGER and re.fullmatch(r"-?\d{1,19}", text):
            return int(text)
        return _moment(text) if self.kind is Kind.MOMENT else text


class Schema:
    """A directory's classes and attributes, whatever case they are written in."""

    def __init__(self, read: Any) -> None:
        self._classes = read.object_classes if read is not None else {}
        self._attributes = read.attribute_types if read is not None else {}

    def knows(self, name: str) -> bool:
        """Whether there is such a class."""
        return name in self._classes

    def attribute(self, name: str) -> Attribute | None:
        """Return an attribute, or None where the directory does not know it."""
        if name not in self._attributes:
            return None
        syntax = self._inherited(name, "syntax")
        found = self._attributes[name]
        return Attribute(
            name, KINDS.get(syntax, Kind.TEXT), syntax == DN_SYNTAX, bool(found.single_value),
            bool(self._inherited(name, "equality")), bool(found.no_user_modification),
        )  # fmt: skip

    def required(self, name: str) -> frozenset[str]:
        """Return the attributes, in small letters, that entries of a class must hold."""
        return frozenset(each.lower() for one in self._chain(name) for each in one.must_contain or ())

    def allowed(self, name: str) -> list[str]:
        """Return the attributes that entries of a class hold or may hold."""
        listed = [each for one in self._chain(name) for each in (*(one.must_contain or ()), *(one.may_contain or ()))]
        return list(dict.fromkeys(listed))

    def narrowest(self, classes: Sequence[str]) -> str | None:
        """Return the class that says what an entry is, of all that it names."""
        structural = [c for c in classes if c in self._classes and self._classes[c].kind.upper() == "STRUCTURAL"]
        above = {_first(one.name) for c in structural for one in list(self._chain(c))[1:]}
        return next((c for c in structural if _first(self._classes[c].name) not in above), None)

    def _chain(self, name: str) -> Iterator[Any]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop(0)
            if one in self._classes and one.lower() not in seen:
                seen.add(one.lower())
                yield self._classes[one]
                waiting += self._classes[one].superior or ()

    def _inherited(self, name: str, what: str) -> str:
        for _ in range(10):
            found = self._attributes[name]
            value = getattr(found, what)
            if value:
                return str(_first(value))
            above = _first(found.superior or ())
            if not above or above not in self._attributes:
                return ""
            name = above
        return ""


def _first(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return value[0] if value else ""
    return value


def _moment(text: str) -> Any:
    found = _MOMENT.match(text)
    if found is None:
        return text
    hour, minute, second, zone = found.groups()
    try:
        return dt.datetime.strptime(
            f"{hour}{minute or '00'}{second or '00'}{zone or 'Z'}".replace("Z", "+0000"), "%Y%m%d%H%M%S%z"
        )
    except ValueError:
        return text


def _bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    if isinstance(value, bool):
        return b"TRUE" if value else b"FALSE"
    if isinstance(value, dt.datetime):
        moment = value.astimezone(dt.UTC) if value.tzinfo else value
        return moment.strftime("%Y%m%d%H%M%SZ").encode()
    return str(value).encode()


Named = Mapping[str, Attribute]
