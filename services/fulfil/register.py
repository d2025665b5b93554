"""The register of acts: what was carried out in the controller's systems, so that a restored backup cannot undo it.

An entry holds the person's identities, for an erasure too: without them the rows that a backup brings back could not be
found. It is sealed, not under the person's key (which may be destroyed by then) but under the key of its day, which is
destroyed when the backups of that day are gone; with it goes the entry, in habeas's own backups as well (Art. 5(1)(e),
17(1), 32(1)(b) GDPR).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import delete, select

from schemas.content import Subject
from schemas.events import ClaimRouted
from services.fulfil.claims.outcome import Done, Result
from services.fulfil.core.acts import Act, read, written
from services.fulfil.noticing import Noticed
from services.fulfil.tables import ACTS, REAPPLIED
from services.runtime.settings import ControllerSettings
from services.runtime.store import Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Vault

NAMESPACE: Final = UUID("51f0c3be-8f2a-5f4e-9a53-7f0f8c1d2e6b")


@dataclass(frozen=True, slots=True)
class Entry:
    """An act that was carried out, opened. Who it was about is in `act`; nothing else names them."""

    act_id: str
    controller: str
    claim_id: str
    case_id: str
    right: str
    done_ms: int
    systems: tuple[str, ...]
    act: Act


def sealed(
    vault: Vault, event: ClaimRouted, entry: ControllerSettings, subject: Subject, result: Result, noticed: Noticed
) -> Mapping[str, Any] | None:
    """Return the row that keeps what was just carried out, or None where nothing was."""
    erased = isinstance(result, Done) and result.erased
    if not (erased or result.markings):
        return None
    identities = noticed.all_identities(dict(subject.identities))
    act = Act(identities, noticed.links, tuple(result.markings), erased)
    act_id = str(uuid5(NAMESPACE, f"{event.claim_id}|{event.attempt}|{event.occurred.isoformat()}"))
    kept = timedelta(days=entry.backups_kept_days)
    period, content = vault.forgetting.seal_until(act_id, written(act), kept)
    return {
        "act_id": act_id, "controller": event.controller, "claim_id": event.claim_id, "case_id": event.case_id,
        "right": event.right.value, "systems": json.dumps(list(entry.systems if erased else act.systems)),
        "period": period, "sealed": content, "kept_ms": int(kept.total_seconds() * 1000),
    }  # fmt: skip


def keep(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Enter an act. Its moment is that of the entry, after the act: a backup from before it may lack the act."""
    fields = dict(row)
    done_ms = transaction.now_ms
    expires_ms = done_ms + int(fields.pop("kept_ms"))
    known = select(ACTS.c.act_id).where(ACTS.c.act_id == fields["act_id"])
    if transaction.execute(known).first() is not None:
        # Killed between the act and its receipt, it was done again and found less: what the first knew is kept.
        return
    transaction.execute(
        insert_once(transaction, ACTS, ("act_id",)), {**fields, "done_ms": done_ms, "expires_ms": expires_ms}
    )


def entries(
    transaction: Transaction, vault: Vault, controller: str, since: datetime, systems: Sequence[str]
) -> Iterator[Entry]:
    """Yield the acts that were carried out in these systems since a moment, the oldest first."""
    query = (
        select(ACTS)
        .where(ACTS.c.controller == controller, ACTS.c.done_ms >= int(since.timestamp() * 1000))
        .order_by(ACTS.c.done_ms, ACTS.c.act_id)
    )
    for row in transaction.execute(query).all():
        there = tuple(json.loads(row.systems))
        if not set(there) & set(systems):
            continue
        content = vault.forgetting.open_until(row.act_id, row.period, bytes(row.sealed))
        if content is not None:
            yield Entry(
                row.act_id, row.controller, row.claim_id, row.case_id, row.right, row.done_ms, there, read(content)
            )


def reapplied(transaction: Transaction, act_id: str, system: str, status: str, receipts: Sequence[Any]) -> None:
    """Enter that an act was carried out again, with its receipts: counts and digests."""
    row = {
        "act_id": act_id, "moment_ms": transaction.now_ms, "systems": system, "status": status,
        "receipts": json.dumps(list(receipts)),
    }  # fmt: skip
    transaction.execute(insert_once(transaction, REAPPLIED, ("act_id", "moment_ms")), row)


def drop_expired(transaction: Transaction, vault: Vault) -> int:
    """Remove the acts that no backup can undo any more, and destroy the keys that opened them."""
    vault.forgetting.drop_expired()
    old = select(ACTS.c.act_id).where(ACTS.c.expires_ms < transaction.now_ms)
    transaction.execute(delete(REAPPLIED).where(REAPPLIED.c.act_id.in_(old)))
    return transaction.execute(delete(ACTS).where(ACTS.c.expires_ms < transaction.now_ms)).rowcount
