"""Erasure (Art. 17 GDPR): shown to an officer first, then carried out by the engine, and done only when read back.

Killed anywhere it is done again: the engine finds what is left. What the person is told rests on the plan that the
officer saw, so that a repetition which finds nothing more does not say that there was nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemas.rights import Outcome
from services.fulfil.claims.outcome import LISTED, Asked, Did, Done, ForHuman, Result, faults, label
from services.fulfil.connectors.protocol import SystemDown, is_outage
from services.fulfil.core.maps.model import DataMap
from services.fulfil.erasure import erase
from services.fulfil.marking import look_again
from services.fulfil.report import Report, Status, TableReport
from services.runtime.failures import Retry

KEPT: Final = "kept"
LEGAL_DUTY: Final = "legal_obligation"


def erasure(asked: Asked) -> Result:
    """Plan and ask for a yes; with it, erase."""
    maps = asked.maps()
    with asked.landscape() as (landscape, identities, budget):
        report = erase(
            landscape, identities, budget, today=asked.now.date(), dry_run=not asked.approved,
            cause=asked.event.claim_id, salt=asked.salt,
        )  # fmt: skip
        if report.status in {Status.REFUSED, Status.INCOMPLETE}:
            look_again(landscape)
        if is_outage(report.faults) and not report.kept_by_duty:
            raise SystemDown("; ".join(report.faults))
        if report.status is Status.REFUSED:
            return faults("erasure_refused", report.faults, report.notes)
        if report.status is Status.INCOMPLETE and not report.kept_by_duty:
            if not asked.last_try:
                raise Retry("ErasureIncomplete")
            return faults("erasure_incomplete", report.faults, report.notes)
        plan = planned(maps, report) | {"delegates": list(asked.entry.delegates_for(asked.event.right))}
    if report.status is Status.PLANNED:
        # Somebody else may hold what we do not: they are asked to erase only with the same yes.
        shown = plan["tables"] or plan["delegates"]
        return ForHuman("approve_erasure", plan) if shown else _nothing_found(plan)
    return _done(report, plan, asked.before if asked.repeated else {}, maps)


def planned(maps: Sequence[DataMap], report: Report) -> dict[str, Any]:
    """Return what an officer is shown: by system and table how many rows go, how many stay, on which ground."""
    tables = []
    for name, table in sorted(report.tables.items()):
        count = sum(1 for _ in table.rows())
        kept = _kept(table)
        if count or kept:
            found = maps_table(maps, name.system, name.table)
            tables.append(
                {
                    "system": name.system, "table": name.table, "label": label(maps, name), "rows": count,
                    "how": found, "kept": kept,
                }
            )  # fmt: skip
    return {"tables": tables, "recipients": [r for m in maps for r in m.recipients], "notes": list(report.notes)}


def maps_table(maps: Sequence[DataMap], system: str, table: str) -> str:
    """Return what the map does to the rows of a table."""
    return next((t.erase.value for m in maps if m.system == system for t in m.tables if t.name == table), "mask")


def _kept(table: TableReport) -> list[dict[str, Any]]:
    """Return what is kept of a table, by ground and end."""
    counted: dict[tuple[str, str], int] = {}
    for entry in table.withheld:
        if entry.reason.startswith(KEPT):
            ground = entry.reason.removeprefix(KEPT).lstrip(": ")
            counted[ground, entry.until] = counted.get((ground, entry.until), 0) + 1
    return [{"ground": ground, "until": until, "rows": rows} for (ground, until), rows in sorted(counted.items())]


def _nothing_found(plan: Mapping[str, Any]) -> Done:
    return Done(Outcome.FULFILLED, facts={"notices": ["nothing_found"]}, recipients=tuple(plan["recipients"]))


def _done(report: Report, plan: Mapping[str, Any], before: Mapping[str, Any], maps: Sequence[DataMap]) -> Done:
    """Say what went and what had to stay; a repetition says what the officer saw."""
    tables = {(t["system"], t["table"]): t for t in before.get("tables", ())}
    for table in plan["tables"]:
        known = tables.get((table["system"], table["table"]))
        if known is None or known["rows"] <= table["rows"]:
            tables[table["system"], table["table"]] = table
    shown = [tables[name] for name in sorted(tables)]
    receipts = {(r.system, r.table): r for r in report.receipts}
    did = [
        Did(
            table=name,
            action="erase",
            count=tables[(name.system, name.table)]["rows"],
            withheld=sum(kept["rows"] for kept in tables[(name.system, name.table)]["kept"]),
            digest=receipts[(name.system, name.table)].digest if (name.system, name.table) in receipts else "",
            reason=LISTED if report.tables[name].listed else "",
        )
        for name in sorted(report.tables)
        if (name.system, name.table) in tables
    ]
    did += [
        Did(name, "erase", 0, reason=LISTED)
        for name, table in sorted(report.tables.items())
        if table.listed and (name.system, name.table) not in tables
    ]
    kept = [_kept_line(table, entry) for table in shown for entry in table["kept"]]
    duty = any(entry["until"] for table in shown for entry in table["kept"])
    erased = [f"{table['label']} ({table['rows']})" for table in shown if table["rows"]]
    recipients = tuple(r for m in maps for r in m.recipients)
    delegates = list(plan["delegates"])
    # The letter leaves only when every delegate has answered.
    facts: dict[str, Any] = {"receipts": [*erased, *delegates], "kept": kept}
    if not shown and not delegates:
        facts["notices"] = ["nothing_found"]
    if not kept:
        return Done(Outcome.FULFILLED, did, facts, recipients=recipients, erased=True)
    return Done(Outcome.PARTLY_FULFILLED, did, facts, LEGAL_DUTY if duty else "", recipients=recipients, erased=True)


def _kept_line(table: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """Art. 17(3)(b): what is kept, on which ground, until when. No sentence, because the ground is the map's own."""
    until = f" – {entry['until']}" if entry["until"] else ""
    return f"{table['label']} ({entry['rows']}): {entry['ground']}{until}"
