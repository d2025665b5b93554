"""A table's rows made into requests, or into faults with their line: never a guess that a person would pay for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from schemas.rights import Channel, Right
from services.router.core.cases.values import Asker
from services.router.core.importing.columns import Columns
from services.router.core.importing.faults import SheetFault
from services.router.core.importing.words import channel_of, ended, iso, right_of, split_rights, yes

DATES: Final = (
    "received", "identity_asked", "identity_given", "clarification_asked", "clarification_given", "extension_told",
)  # fmt: skip
T = TypeVar("T")
FAULTS_SHOWN_MAX: Final = 200
WORDS: Final = ("email", "name", "postal", "language", "place", "assigned", "text", "note", "extension_ground")
_WRITE_DATE: Final = "write 2026-03-31, or say --dates DMY or --dates MDY"


@dataclass(frozen=True, slots=True)
class Row:
    """One line that can be taken in. Dates are ISO text: their zone is the controller's, which the caller knows."""

    line: int
    reference: str
    controller: str
    rights: tuple[Right, ...]
    dates: Mapping[str, str]
    channel: Channel
    fields: Mapping[str, str]
    asker: Asker = Asker.PERSON
    identified: bool = False
    acknowledged: bool = True
    due: str = ""


@dataclass(slots=True)
class Sheet:
    """What a table holds."""

    rows: list[Row] = field(default_factory=list)
    ended: int = 0
    empty: int = 0
    faults: list[SheetFault] = field(default_factory=list)


def read_rows(
    lines: Iterable[tuple[int, Sequence[str]]], columns: Columns, *, controller: str, order: str = ""
) -> Sheet:
    """Return the rows of a table; what is wrong with a line is kept with its number, and stops no other line."""
    found = Sheet()
    seen: dict[tuple[str, str], int] = {}
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            found.empty += 1
            continue
        values = {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.places.items()}
        if ended(values.get("status", "")):
            found.ended += 1
            continue
        try:
            row = _row(number, values, controller, order)
        except SheetFault as fault:
            found.faults.append(fault)
            continue
        first = seen.setdefault((row.controller, row.reference), number)
        if first == number:
            found.rows.append(row)
        else:
            said = f"line {first} has the same reference"
            found.faults.append(SheetFault(number, "reference", said, "give each case one of its own"))
    return found


def _row(number: int, values: Mapping[str, str], controller: str, order: str) -> Row:
    def need(column: str, remedy: str) -> str:
        if not values.get(column):
            raise SheetFault(number, column, "is empty", remedy)
        return values[column]

    reference = need("reference", "every case needs the number that it has in the other tool")
    rights = _rights(number, need("rights", f"write one or more of: {', '.join(Right)}"))
    need("received", "write the day on which the request arrived")
    dates = {name: _date(number, name, values[name], order) for name in DATES if values.get(name)}
    if dates.get("extension_told") and not values.get("extension_ground"):
        raise SheetFault(
            number, "extension_ground", "is empty", "an extension counts only with its reasons (Art. 12(3) GDPR): "
            "write complexity or number_of_requests",
        )  # fmt: skip
    return Row(
        line=number,
        reference=reference[:200],
        controller=values.get("controller") or controller,
        rights=rights,
        dates=dates,
        channel=_known(number, "channel", values, channel_of, Channel.EMAIL, "write letter, call, mail or chat"),
        fields={name: _field(values, name) for name in WORDS},
        asker=_known(number, "asker", values, _asker, Asker.PERSON, f"write one of: {', '.join(Asker)}"),
        identified=_known(number, "identity", values, yes, False, "write yes or no") or "identity_given" in dates,
        acknowledged=_known(number, "acknowledged", values, yes, True, "write yes or no"),
        due=iso(values.get("due", ""), order) or "",
    )  # fmt: skip


def _field(values: Mapping[str, str], name: str) -> str:
    if name == "name" and not values.get("name"):
        return " ".join(part for part in (values.get("first_name", ""), values.get("last_name", "")) if part)
    return values.get(name, "")


def _rights(number: int, text: str) -> tuple[Right, ...]:
    found: list[Right] = []
    for part in split_rights(text):
        right = right_of(part)
        if right is None:
            raise SheetFault(number, "rights", f"unknown right {part[:40]!r}", f"write one of: {', '.join(Right)}")
        found.append(right)
    return tuple(dict.fromkeys(found))


def _date(number: int, column: str, text: str, order: str) -> str:
    found = iso(text, order)
    if found is None:
        raise SheetFault(number, column, f"{text[:30]!r} is no date, or day and month are not told apart", _WRITE_DATE)
    return found


def _asker(text: str) -> Asker | None:
    wanted = text.strip().lower()
    return Asker(wanted) if wanted in set(Asker) else None


def _known(
    number: int, column: str, values: Mapping[str, str], read: Callable[[str], T | None], default: T, remedy: str
) -> T:
    if not values.get(column):
        return default
    found = read(values[column])
    if found is None:
        raise SheetFault(number, column, f"{values[column][:30]!r} is not understood", remedy)
    return found
