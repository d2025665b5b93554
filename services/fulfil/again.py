"""One act of the register, done again, with its receipt entered: what the command and the look for restores share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from schemas.envelope import rooted
from schemas.events import ActReapplied
from services.fulfil import register
from services.fulfil.api.engineer import UsageFault, request
from services.fulfil.kept import KeptSystems
from services.fulfil.reapplying import Again, again
from services.fulfil.register import Entry
from services.fulfil.report import Status
from services.runtime.settings import Settings
from services.runtime.store import Store, Transaction
from services.runtime.vault import Vault

SOURCE: Final = "/habeas/fulfil"


def reapply_entry(
    settings: Settings, store: Store, vault: Vault, kept: KeptSystems, entry: Entry, systems: Sequence[str],
    now: datetime, *, since: datetime, dry_run: bool, officer: str | None = None,
) -> Again:  # fmt: skip
    """Do one act again in these systems, and enter it; what cannot be done says why, and the next one is tried."""
    connected = settings.controllers[entry.controller].systems
    identities = [f"{kind}={value}" for kind, values in entry.act.identities.items() for value in values]
    salt = bytes.fromhex(vault.keyed_hash("reapplied", entry.act_id))
    # The others are only looked into, for whose their keys are by now: one that is away must not keep this one waiting.
    done = Again(Status.INCOMPLETE)
    for reached in dict.fromkeys((tuple(connected), tuple(name for name in connected if name in systems))):
        urls = [f"{name}={connected[name].connect.get_secret_value()}" for name in reached]
        try:
            with request([each.map for each in connected.values()], urls, identities, kept) as (land, wanted, budget):
                done = again(
                    land, budget, replace(entry.act, identities=wanted), systems=systems, now=now, cause=entry.act_id,
                    salt=salt, dry_run=dry_run,
                )  # fmt: skip
            break
        except UsageFault as fault:
            done = Again(Status.INCOMPLETE, faults=[str(fault)])
    if not dry_run:
        with store.begin() as transaction:
            register.reapplied(transaction, entry.act_id, ",".join(systems), done.status.value, done.receipts)
            _tell(transaction, entry, systems, done, now, since, officer)
    return done


def _tell(
    transaction: Transaction, entry: Entry, systems: Sequence[str], done: Again, now: datetime, since: datetime,
    officer: str | None,
) -> None:  # fmt: skip
    """Have it written into the case (Art. 5(2) GDPR); a look that comes to the same again is said once."""
    told = ActReapplied(
        controller=entry.controller, occurred=now, case_id=entry.case_id, claim_id=entry.claim_id,
        systems=tuple(systems), since=since, count=done.changed, whole=done.status is Status.COMPLETE, officer=officer,
    )  # fmt: skip
    came_to = f"{since.isoformat()}|{','.join(systems)}|{done.status.value}|{done.changed}|{officer or ''}"
    transaction.enqueue(rooted(f"reapplied|{entry.act_id}|{came_to}", told, SOURCE))
