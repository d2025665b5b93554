"""Access and portability: a copy of what is the person's (Art. 15(3) GDPR), or of what they provided (Art. 20(1))."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from schemas.rights import Outcome
from services.fulfil.access import access
from services.fulfil.claims.outcome import LISTED, Asked, Did, Done, ForHuman, Result, faults
from services.fulfil.connectors.protocol import SystemDown, is_outage
from services.fulfil.core.handlers import provided_fields
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.transferring import mentioned, recipient_named
from services.fulfil.landscape import Landscape
from services.fulfil.marking import look_again
from services.fulfil.portable import chosen_formats, rewrite
from services.fulfil.report import Report, Status

NOBODY: Final = "none"
"""What an officer orders where a person named somebody whom nothing can be sent to: the package is theirs."""


def copy(asked: Asked) -> Result:
    """Export the person's rows into the folder `data`, to be sealed as one package."""
    with asked.landscape() as (landscape, identities, budget):
        report = access(landscape, identities, budget, asked.folder / "data")
        if (stopped := _stopped(landscape, report, "access")) is not None:
            return stopped
        did = [
            Did(
                name, "copy", sum(1 for _ in table.rows()), len(table.withheld) + table.withheld_more,
                reason=LISTED if table.listed else "",
            )
            for name, table in sorted(report.tables.items())
        ]  # fmt: skip
    return _given(did, asked)


def portable(asked: Asked) -> Result:
    """Export what the person provided, in the formats that they asked for, or that the policy promises."""
    maps = asked.maps()
    fields = {TableName(m.system, table): names for m in maps for table, names in provided_fields(m).items() if names}
    if not fields:
        return ForHuman("map_names_nothing_provided")
    to = _recipient(asked)
    if isinstance(to, ForHuman):
        return to
    with asked.landscape() as (landscape, identities, budget):
        report = access(landscape, identities, budget, asked.folder / "all")
        if (stopped := _stopped(landscape, report, "portability")) is not None:
            return stopped
    wanted = [str(each) for each in asked.subject.details.get("formats", ())]
    formats = chosen_formats(wanted, asked.event.formats)
    counts = rewrite(asked.folder / "all", asked.folder / "data", fields, formats)
    withheld = {name: len(t.withheld) + t.withheld_more for name, t in report.tables.items() if name in counts}
    listed = {name for name, table in report.tables.items() if table.listed}
    done = _given(
        [
            Did(name, "export", count, withheld.get(name, 0), reason=LISTED if name in listed else "")
            for name, count in sorted(counts.items())
        ],
        asked,
    )
    return replace(done, transfer=to) if done.package else done


def _recipient(asked: Asked) -> str | ForHuman:
    """Return to whom the person wants their data sent (Art. 20(2) GDPR); nothing where it goes to them."""
    known = {name: (entry.host, entry.names) for name, entry in asked.entry.transfers.items()}
    ordered = str(asked.orders.get("set", {}).get("transfer", ""))
    named = ordered or str(asked.subject.details.get("transfer_to") or "")
    if ordered == NOBODY:
        return ""
    if not named:
        # Whether the words name it as the goal or as something else is for a human: the wrong one must not have it.
        unclear = mentioned(asked.said, known)
        if not unclear:
            return ""
        return _which(f"the message names {', '.join(unclear)}; whether the data is to go there is not clear")
    found = recipient_named(named, known)
    if found is not None:
        return found
    return _which(f"{named}: the settings name no such recipient; known are: {', '.join(sorted(known)) or 'none'}")


def _which(said: str) -> ForHuman:
    ways = (
        "if a direct transfer is technically feasible, name the recipient in the settings (`transfers`) and approve",
        "approve it with --set transfer=NAME: it goes to that recipient of the settings",
        "approve it with --set transfer=none: the person gets the package instead, by link",
    )
    return ForHuman("approve_transfer", {"faults": [said, *ways], "set": "transfer"})


def _stopped(landscape: Landscape, report: Report, right: str) -> Result | None:
    if report.status is Status.COMPLETE:
        return None
    look_again(landscape)
    if is_outage(report.faults):
        raise SystemDown("; ".join(report.faults))
    return faults(f"{right}_{report.status.value}", report.faults, report.notes)


def _given(did: list[Did], asked: Asked) -> Done:
    found = sum(each.count for each in did)
    withheld = sum(each.withheld for each in did)
    facts = {
        "records": found,
        "withheld": withheld,
        "systems": ", ".join(sorted({each.table.system for each in did})),
    }
    if wish := asked.subject.details.get("delivery"):
        # The person's own wish, with the mail or by the link; the settings say what is possible.
        facts["delivery"] = str(wish)
    return Done(
        Outcome.PARTLY_FULFILLED if withheld else Outcome.FULFILLED, did, facts, package=bool(found),
        withheld_ground="rights_of_others" if withheld else "",
    )  # fmt: skip
