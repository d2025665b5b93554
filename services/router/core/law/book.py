"""Laws read from the tables of `knowledge/laws/*.toml`: every key is known, every number has a source, or it is
refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from services.router.core.law.model import (
    ANY_RIGHT,
    DayCount,
    Effect,
    Extension,
    Law,
    Lawbook,
    LawFault,
    PauseRule,
    Rule,
    folded,
    period,
)
from services.router.core.law.rights import clock_right

AGE_MAX: Final = 21
_LAW_KEYS: Final = frozenset(
    {
        "id",
        "title",
        "aliases",
        "calendar",
        "tz",
        "in_force",
        "notes",
        "seats",
        "persons",
        "rule",
        "grants",
        "child_under",
    }
)
_RULE_KEYS: Final = frozenset(
    {"id", "rights", "period", "source", "rolls", "counts_first_day", "starts", "assumed", "in_force", "note",
     "extension", "identity", "clarification", "fee"}
)  # fmt: skip
_PAUSE_KEYS: Final = frozenset({"effect", "source", "days", "rights", "within_working_days"})
_EXTENSION_KEYS: Final = frozenset({"to", "source", "reasons_required"})


def law(table: Mapping[str, Any]) -> Law:
    """Return the law that one file's table describes."""
    name = _text(table, "id", "a law")
    _only(table, _LAW_KEYS, name)
    rules = tuple(_rule(name, each) for each in table.get("rule", ()))
    if not rules:
        raise LawFault(f"{name} has no [[rule]]")
    by_right: dict[str, Rule] = {}
    for rule in rules:
        for right in rule.rights:
            if right in by_right:
                raise LawFault(f"{name} has two rules for {right!r}: {by_right[right].id} and {rule.id}")
            by_right[right] = rule
    return Law(
        id=name,
        title=_text(table, "title", name),
        rules=rules,
        aliases=frozenset(folded(each) for each in table.get("aliases", ())),
        calendar=str(table.get("calendar", "")),
        tz=str(table.get("tz", "")),
        in_force=_day(table, "in_force", name),
        notes=tuple(table.get("notes", ())),
        seats=frozenset(table.get("seats", ())),
        persons=frozenset(table.get("persons", ())),
        by_right=by_right,
        child_under=_age(table, name),
        grants={str(right): str(where) for right, where in table.get("grants", {}).items()},
    )


def lawbook(laws: Iterable[Law]) -> Lawbook:
    """Return a book of laws; a later law replaces an earlier one of the same id, so that a controller can correct
    one."""
    by_id = {each.id: each for each in laws}
    names: dict[str, str] = {}
    for each in by_id.values():
        for name in (each.id, *each.aliases):
            other = names.setdefault(name, each.id)
            if other != each.id:
                raise LawFault(f"{each.id} and {other} share the name {name!r}")
    return Lawbook(by_id, names)


def _rule(law_id: str, table: Mapping[str, Any]) -> Rule:
    name = f"{law_id}/{_text(table, 'id', law_id)}"
    _only(table, _RULE_KEYS, name)
    starts = table.get("starts", "receipt")
    if starts not in {"receipt", "awareness"}:
        raise LawFault(f"{name}: starts is 'receipt' or 'awareness', not {starts!r}")
    rights = frozenset(right if right == ANY_RIGHT else clock_right(right) for right in table.get("rights", ()))
    if not rights:
        raise LawFault(f"{name} names no rights")
    return Rule(
        id=name,
        rights=rights,
        period=period(_text(table, "period", name)),
        source=_text(table, "source", name),
        rolls=bool(table.get("rolls", False)),
        counts_first_day=bool(table.get("counts_first_day", False)),
        starts_at_awareness=starts == "awareness",
        assumed=bool(table.get("assumed", False)),
        in_force=_day(table, "in_force", name),
        note=str(table.get("note", "")),
        extension=_extension(name, table.get("extension")),
        identity=_pause(name, table.get("identity")),
        clarification=_pause(name, table.get("clarification")),
        fee=_pause(name, table.get("fee")),
    )


def _extension(rule: str, table: Mapping[str, Any] | None) -> Extension | None:
    if table is None:
        return None
    _only(table, _EXTENSION_KEYS, f"{rule} extension")
    to = table.get("to")
    return Extension(
        to=None if to is None else period(to),
        source=_text(table, "source", f"{rule} extension"),
        reasons_required=bool(table.get("reasons_required", True)),
    )


def _pause(rule: str, table: Mapping[str, Any] | None) -> PauseRule | None:
    if table is None:
        return None
    _only(table, _PAUSE_KEYS, f"{rule} pause")
    return PauseRule(
        effect=Effect(_text(table, "effect", rule)),
        source=_text(table, "source", f"{rule} pause"),
        days=DayCount(table.get("days", DayCount.ASKED_TO_RECEIVED.value)),
        rights=frozenset(clock_right(each) for each in table.get("rights", ())),
        within_working_days=table.get("within_working_days"),
    )


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        raise LawFault(f"{where} needs a {key}")
    return found


def _day(table: Mapping[str, Any], key: str, where: str) -> date | None:
    found = table.get(key)
    if found is not None and not isinstance(found, date):
        raise LawFault(f"{where}: {key} is a date without quotes, like 2026-02-05")
    return found


def _age(table: Mapping[str, Any], where: str) -> int:
    found = table.get("child_under", 0)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= AGE_MAX:
        raise LawFault(f"{where}: child_under is an age in whole years, up to {AGE_MAX}")
    return found


def _only(table: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise LawFault(f"{where} has unknown keys: {', '.join(unknown)}; known are: {', '.join(sorted(keys))}")
