"""What a handler says when it is done: per table the keys, what was withheld and why, written piece by piece."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import partial
from typing import Any

from services.fulfil.core.maps.model import TableName
from services.fulfil.core.steps import Receipt, both
from services.fulfil.core.values import plain
from services.fulfil.search import Withheld


class Status(StrEnum):
    """How a handler ended."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    PLANNED = "planned"


class Exit(IntEnum):
    """The exit status of the commands."""

    COMPLETE = 0
    INCOMPLETE = 1
    USAGE = 2
    REFUSED = 3


EXITS: Mapping[Status, Exit] = {
    Status.COMPLETE: Exit.COMPLETE,
    Status.PLANNED: Exit.COMPLETE,
    Status.INCOMPLETE: Exit.INCOMPLETE,
    Status.REFUSED: Exit.REFUSED,
}


@dataclass(slots=True)
class TableReport:
    """One table's part."""

    key: tuple[str, ...]
    shown: tuple[str, ...]
    """The columns of the key that are shown: where a row lies is nobody's business when the map names a key."""
    rows: Callable[[], Iterable[Sequence[Any]]]
    withheld: list[Withheld] = field(default_factory=list)
    withheld_more: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    fault: str = ""
    listed: bool = False
    """Whether an address was looked for in listed spellings only: rows that spell it otherwise were not found."""


@dataclass(slots=True)
class Report:
    """The whole answer."""

    status: Status
    tables: dict[TableName, TableReport] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kept_by_duty: bool = False
    """Whether the person can still be found, but by nothing that may be erased."""

    @property
    def exit(self) -> Exit:
        """The exit status it stands for."""
        return EXITS[self.status]

    def as_json(self) -> Iterator[str]:
        """Yield the report as JSON, piece by piece."""
        yield '{"status": ' + json.dumps(self.status) + ', "tables": {'
        first = True
        for name, table in self.tables.items():
            yield ("" if first else ", ") + json.dumps(str(name)) + ": "
            yield from _table(table)
            first = False
        tail = {
            "errors": self.faults,
            "notes": self.notes,
            "receipts": [_receipt(receipt) for receipt in self.receipts],
        }
        yield "}, " + json.dumps(tail, ensure_ascii=False)[1:] + "\n"


def joined(first: Report, second: Report) -> Report:
    """Return the report of two erasures behind one another, the second of what the first one left."""
    tables = {
        name: replace(
            table,
            withheld=_either(table.withheld, second.tables[name].withheld) if name in second.tables else table.withheld,
            rows=partial(_chained, table.rows, second.tables[name].rows) if name in second.tables else table.rows,
            counts=table.counts | {"found": table.counts.get("found", 0) + _appeared(second, name)},
        )
        for name, table in first.tables.items()
    }
    receipts = {(r.system, r.table, r.action): r for r in first.receipts}
    for r in second.receipts:
        known = receipts.get((r.system, r.table, r.action))
        receipts[r.system, r.table, r.action] = r if known is None else both(known, r)
    status = Status.COMPLETE if second.status is Status.COMPLETE else Status.INCOMPLETE
    notes = list(dict.fromkeys((*first.notes, *second.notes)))
    return Report(status, tables, second.faults, list(receipts.values()), notes, second.kept_by_duty)


def _either(first: Sequence[Withheld], second: Sequence[Withheld]) -> list[Withheld]:
    """Return what either of two reports withholds of a table, a row once."""
    return list({entry.key: entry for entry in (*second, *first)}.values())


def _chained(first: Callable[[], Iterable[Sequence[Any]]], second: Callable[[], Iterable[Sequence[Any]]]) -> Any:
    return itertools.chain(first(), second())


def _appeared(second: Report, name: TableName) -> int:
    return sum(1 for _ in second.tables[name].rows()) if name in second.tables else 0


def _table(table: TableReport) -> Iterator[str]:
    yield '{"rows": ['
    for n, key in enumerate(table.rows()):
        named = _named(table, key)
        yield (", " if n else "") + json.dumps(named, ensure_ascii=False)
    withheld = [_withheld(table, entry) for entry in table.withheld]
    rest: dict[str, Any] = {"withheld": withheld, **table.counts}
    if table.withheld_more:
        rest["withheld_more"] = table.withheld_more
    if table.listed:
        rest["spellings"] = "listed"
    if table.fault:
        rest["error"] = table.fault
    yield "], " + json.dumps(rest, ensure_ascii=False)[1:]


def _named(table: TableReport, key: Sequence[Any]) -> dict[str, Any]:
    return {name: plain(part) for name, part in zip(table.key, key, strict=True) if name in table.shown}


def _withheld(table: TableReport, entry: Withheld) -> dict[str, Any]:
    named = _named(table, entry.key)
    # The key's columns stand beside it too, so that an entry compares with `rows` directly.
    found: dict[str, Any] = {**named, "key": named, "reason": entry.reason}
    if entry.fields:
        found["fields"] = list(entry.fields)
    if entry.until:
        found["until"] = entry.until
    return found


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "step": receipt.step_id,
        "table": f"{receipt.system}.{receipt.table}",
        "action": receipt.action,
        "outcome": receipt.outcome,
        "planned": receipt.planned,
        "done": receipt.done,
        **({"digest": receipt.digest} if receipt.digest else {}),
        **({"reason": receipt.reason} if receipt.reason else {}),
    }
