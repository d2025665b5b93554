"""What a personal value is replaced with, so that the table's own rules still hold.

NULL where it may be NULL. Otherwise a value that says nothing, of the right type and length; and where values must be
unique or other tables repeat them, a pseudonym made from the old value with a key that is thrown away afterwards: the
same in every table of one erasure, and linked to nobody after it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.fulfil.core.catalog import Check, Column, Kind, LiveTable
from services.fulfil.core.maps.model import Field, Mask, Path
from services.fulfil.core.nested import Given, rewritten

ERASED: Final = "erased"
SAYS_NOTHING: Final = frozenset(
    {"", "x", "u", "n/a", "na", "none", "other", "unknown", "erased", "deleted", "anonymous"}
)
# Where a number's pseudonym may lie, from what no real row uses to what only a condition on the column asks for.
NEGATIVE: Final = (-2_000_000_000, -1)
BITS: Final = (("tiny", 8), ("small", 16), ("int2", 16), ("medium", 24), ("big", 64), ("int8", 64))
SPANS: Final = (NEGATIVE, (-30_000, -1), (1_000_000_000, 2_000_000_000), (10_000_000, 99_999_999), (10_000, 30_000))
EPOCH: Final = dt.date(1970, 1, 1)
SIZED_MAX: Final = 64
# One of these is read as a value of most types that are neither text nor number: ranges, networks, figures, bits,
# documents, records. Which of them, the system says.
WRITTEN: Final = (
    "empty", "{}", "()", "(,)", "(,,)", "(,,,)", "(,,,,)", "(0,0)", "(0,0),(0,0)", "[(0,0),(0,0)]", "{1,0,0}",
    "<(0,0),0>", "::", "<erased/>", "00:00:00:00:00:00", "00:00:00:00:00:00:00:00", "[0]", "POINT(0 0)",
)  # fmt: skip
# The same of MySQL and MariaDB, which cannot be asked: by the type's name.
WRITTEN_IN_MYSQL: Final[tuple[tuple[str, Any], ...]] = (
    ("inet6", "::"), ("inet4", "192.0.2.0"), ("year", EPOCH.year), ("bit", 0), ("multipoint", "MULTIPOINT(0 0)"),
    ("multilinestring", "MULTILINESTRING((0 0,0 1))"), ("multipolygon", "MULTIPOLYGON(((0 0,0 1,1 1,0 0)))"),
    ("linestring", "LINESTRING(0 0,0 1)"), ("polygon", "POLYGON((0 0,0 1,1 1,0 0))"), ("point", "POINT(0 0)"),
    ("geometrycollection", "GEOMETRYCOLLECTION(POINT(0 0))"), ("geometry", "POINT(0 0)"),
)  # fmt: skip
PLAIN_TEXT: Final = re.compile(r"char|text|clob|string|name")


class CannotMask(ValueError):
    """No replacement keeps the table's rules; the message says which rule and what to do."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """How one column is replaced: by a constant, or by a pseudonym of the old value."""

    column: str
    constant: Any = field(default=None, hash=False)
    """It may be a list or a document, which have no hash; replacements that differ in it alone are told apart all the
    same.
    """
    pseudonym: bool = False
    mask: Mask | None = None
    span: tuple[int, int] = NEGATIVE
    """Between which numbers a number's pseudonym lies."""


def pseudonym(value: Any, salt: bytes) -> str:
    """Return twenty letters that stand for a value as long as the salt lives."""
    return hmac.new(salt, str(value).encode(), hashlib.sha256).hexdigest()[:20]


def is_unique(live: LiveTable, name: str) -> bool:
    """Whether two rows may not hold the same value here."""
    return any(name in columns for columns in live.unique)


Allowed = Callable[[LiveTable, str, Sequence[Any]], Sequence[bool]]
"""Asks the system which of these values its conditions on one column allow."""


def anything(_live: LiveTable, _column: str, values: Sequence[Any]) -> Sequence[bool]:
    """Allow every value, where a system cannot be asked."""
    return [True] * len(values)


def replacement(field: Field, live: LiveTable, *, must_vary: bool = False, allowed: Allowed = anything) -> Replacement:
    """Choose how a column is replaced."""
    column = live.columns[field.name]
    where = f"{live.name}.{field.name}"
    if field.read_only:
        raise CannotMask(f"{where} holds personal data and is mapped as read_only; erase it in its own system first.")
    if column.generated:
        return Replacement(field.name, constant=..., mask=None)
    unique = must_vary or is_unique(live, field.name)
    if field.mask is not None:
        return _as_mapped(field, field.mask, column, where, unique)
    if column.nullable and field.name not in live.key:
        return Replacement(field.name)
    if unique:
        if column.kind not in (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.UUID, Kind.BYTES, Kind.OTHER):
            raise CannotMask(f"{where} is unique and NOT NULL, and no {column.declared} stands for nobody; map a mask.")
        return Replacement(field.name, pseudonym=True, span=_span(field.name, column, live, allowed))
    return Replacement(field.name, constant=placeholder(field, column, live, allowed))


def _span(name: str, column: Column, live: LiveTable, allowed: Allowed) -> tuple[int, int]:
    """Return between which numbers a column's own conditions allow a pseudonym."""
    if column.kind not in (Kind.INTEGER, Kind.NUMBER):
        return NEGATIVE
    least, most = limits(column.declared)
    fitting = [(low, high) for low, high in SPANS if least <= low and high <= most]
    # Whatever fits no span takes all that the type holds, the numbers below zero first.
    fitting = fitting or [(least, -1) if least < 0 else (min(1, most), most)]
    if not any(mentions(check, name) for check in live.checks):
        return fitting[0]
    ends = allowed(live, name, [end for span in fitting for end in span])
    return next((s for s, low, high in zip(fitting, ends[::2], ends[1::2], strict=True) if low and high), fitting[0])


def limits(declared: str) -> tuple[int, int]:
    """Return between which numbers a declared type lies; an unknown one is as wide as most keys are."""
    words = declared.lower()
    if sized := re.search(r"(?:numeric|decimal|number)\((\d+)(?:,\s*(\d+))?\)", words):
        most = 10 ** max(int(sized[1]) - int(sized[2] or 0), 0) - 1
        return (0 if "unsigned" in words else -most), most
    bits = next((b for word, b in BITS if word in words), 32)
    return (0, 2**bits - 1) if "unsigned" in words else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _as_mapped(field: Field, mask: Mask, column: Column, where: str, unique: bool) -> Replacement:
    if mask.strategy == "keep":
        return Replacement(field.name, constant=...)
    if mask.strategy == "null_rewrite":
        if not column.nullable:
            remedy = "map `string_rewrite` (Fides) or `mask: {value: …}`, or delete the rows"
            raise CannotMask(f"{where} is mapped to become NULL and is NOT NULL; {remedy}.")
        return Replacement(field.name)
    if mask.strategy == "string_rewrite":
        if unique and mask.value is not None:
            raise CannotMask(f"{where} is unique, so it cannot be rewritten to one value; map `hmac` or `random`.")
        value = f"{mask.value}{mask.suffix}" if mask.suffix else mask.value
        if isinstance(value, str) and _room(field, column) < len(value):
            raise CannotMask(f"{where} is shorter than the value it is to be rewritten to; map a shorter one.")
        return Replacement(field.name, constant=value)
    return Replacement(field.name, pseudonym=True, mask=mask)


def _room(field: Field, column: Column) -> int:
    return min(x for x in (field.length, column.length, 1_000_000) if x)


def varied(
    field: Field, column: Column, mask: Mask | None, value: Any, salt: bytes, span: tuple[int, int] = NEGATIVE
) -> Any:
    """Return the pseudonym of one old value, in the column's type and length."""
    if value is None:
        return None
    letters = pseudonym(value, salt)
    room = _room(field, column)
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        (low, high), (least, most) = span, limits(column.declared)
        if low < least or high > most:
            low, high = (least, -1) if least < 0 else (min(1, most), most)
        return low + int(letters, 16) % (high - low + 1)
    if column.kind is Kind.UUID:
        return uuid.UUID(hex=hashlib.sha256(letters.encode()).hexdigest()[:32])
    if column.kind is Kind.BYTES:
        return letters.encode()[:room]
    if mask is not None:
        length = min(mask.length or 20, room) - len(mask.suffix)
        if mask.strategy in ("hash", "hmac"):
            algorithm = mask.algorithm if mask.algorithm in hashlib.algorithms_guaranteed else "sha256"
            letters = hmac.new(salt, str(value).encode(), algorithm).hexdigest()
            length = min(len(letters), room - len(mask.suffix))
        return (letters[: max(length, 1)] + mask.suffix)[:room]
    if _is_mail(field, value):
        # .invalid can never be delivered to (RFC 2606), so a forgotten newsletter job writes to nobody.
        local = f"{ERASED}-{letters}"[: max(room - len("@erased.invalid"), 0)]
        return f"{local}@erased.invalid" if len(local) > len(ERASED) else letters[:room]
    return f"{ERASED}-{letters}"[:room] if room > 20 else letters[:room]


def _is_mail(field: Field, value: Any) -> bool:
    return field.identity == "email" or any("email" in c for c in field.categories) or "@" in str(value)


def values_are_written(column: Column) -> bool:
    """Whether a column's values are written as text and are more than text: not everything is one of them."""
    return column.kind is Kind.OTHER or (column.kind is Kind.TEXT and PLAIN_TEXT.search(column.declared) is None)


def placeholder(field: Field, column: Column, live: LiveTable, allowed: Allowed = anything) -> Any:
    """Return a value that says nothing, for a column that must hold one."""
    fitting = [value for value in candidates(field, column, live) if _fits(field, column, value)]
    if values_are_written(column) or any(mentions(check, column.name) for check in live.checks):
        fitting = [value for value, fits in zip(fitting, allowed(live, column.name, fitting), strict=True) if fits]
    if not fitting:
        remedy = "map a mask value for it, or delete the rows"
        raise CannotMask(f"{live.name}.{field.name} is NOT NULL and no {column.declared} says nothing; {remedy}.")
    return fitting[0]


def candidates(field: Field, column: Column, live: LiveTable) -> list[Any]:
    """Return placeholders in the order in which they are tried against the table's conditions."""
    quoted, numbers = _in_checks(column.name, live)
    mysql = live.family in ("mysql", "mariadb")
    if mysql and column.kind is Kind.OTHER:
        known = [value for word, value in WRITTEN_IN_MYSQL if column.declared.startswith(word)]
        if known:
            return known
    match column.kind:
        case Kind.TEXT | Kind.OTHER:
            mail = "erased@erased.invalid" if _is_mail(field, "") else None
            sized = [letter * n for n in numbers if 0 < n <= SIZED_MAX for letter in "x0"]
            written = [*WRITTEN, *_as_long_as(column)] if values_are_written(column) else []
            return [*quoted, *([mail] if mail else []), ERASED, "x", "", "0", *sized, *written]
        case Kind.INTEGER | Kind.NUMBER:
            return [0, *numbers, *(n + 1 for n in numbers), *(n - 1 for n in numbers), 1]
        case Kind.BOOLEAN:
            return [False, True]
        case Kind.DATE:
            days = [day for text in _quoted(column.name, live) if (day := _day(text)) is not None]
            return [EPOCH, *(day + dt.timedelta(days=n) for day in days for n in (0, 1, -1))]
        case Kind.MOMENT if mysql and column.declared.startswith("timestamp"):
            # The first day is not whole there: a timestamp begins with its first second, in whatever zone.
            return [dt.datetime.combine(EPOCH, dt.time()) + dt.timedelta(days=2)]
        case Kind.MOMENT:
            return [dt.datetime.combine(EPOCH, dt.time(), dt.UTC if "zone" in column.declared else None)]
        case Kind.TIME:
            return [dt.time()]
        case Kind.UUID:
            return [uuid.UUID(int=0)]
        case Kind.ENUM if column.declared.startswith("set"):
            return [""]
        case Kind.ENUM:
            return sorted(column.labels, key=lambda word: word.lower() not in SAYS_NOTHING)
        case Kind.JSON:
            return [{}]
        case Kind.ARRAY:
            return [[]]
        case _:
            return [b""]


def _as_long_as(column: Column) -> list[str]:
    """Return values of types that say how long one is, in bits or in numbers."""
    sized = re.search(r"\((\d{1,5})\)", column.declared)
    count = int(sized[1]) if sized else 0
    return ["0" * count, f"[{','.join('0' * count)}]"] if count else []


def _in_checks(name: str, live: LiveTable) -> tuple[list[str], list[int]]:
    """Read the literals of conditions on a column: among them are values that the condition allows."""
    quoted: list[str] = []
    numbers: list[int] = []
    for check in live.checks:
        if mentions(check, name):
            if re.search(r"\bIN\b|\bANY\b", check.expression, re.IGNORECASE):
                quoted += re.findall(r"'([^'%]*)'", check.expression)
            numbers += [int(n) for n in re.findall(r"(?<![\w.'])-?\d{1,9}(?![\w.'])", check.expression)]
    return sorted(quoted, key=lambda word: word.lower() not in SAYS_NOTHING), numbers


def mentions(check: Check, name: str) -> bool:
    """Whether a condition speaks of a column."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", check.expression, re.IGNORECASE) is not None


def _quoted(name: str, live: LiveTable) -> list[str]:
    return [t for check in live.checks if mentions(check, name) for t in re.findall(r"'([^']*)'", check.expression)]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _fits(field: Field, column: Column, value: Any) -> bool:
    return not isinstance(value, str) or len(value) <= _room(field, column)


def masked_inside(value: Any, field: Field, erased: frozenset[Path], given: Given) -> Any:
    """Return nested data with the values at these paths replaced, and other people's elements as they were."""

    def leaf(path: Path, below: Field, old: Any) -> Any:
        if path not in erased or old is None:
            return old
        mask = below.mask
        return mask.value if mask is not None and mask.strategy == "string_rewrite" else None

    return rewritten(value, field, (field.name,), given, leaf, lambda element: element)
