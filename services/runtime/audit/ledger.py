"""Checkpoints in the store: made over the chains as they are, kept with the digests they were about.

A verifier trusts none of it: what it is given from elsewhere (a checkpoint, a public key) is what counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import CursorResult, Executable, Table, insert, select, tuple_

from services.runtime.audit.chain import GENESIS, Head, Link, check_chain, head_of
from services.runtime.audit.checkpoint import AuditFault, Checkpoint, Statement, make_checkpoint, read_statement
from services.runtime.audit.tables import CHECKPOINT_HEADS, CHECKPOINTS
from services.runtime.audit.verify import Verdict, verify

_ROWS_A_STATEMENT: Final = 500
_ROWS_A_PAGE: Final = 2000


class Tx(Protocol):
    """What the ledger needs of a transaction; the store's Transaction is one."""

    def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]: ...


def stored_chains(tx: Tx, table: Table, controller: str) -> Iterator[tuple[str, list[Link]]]:
    """Yield the controller's chains, each whole, in pages of links."""
    after = ("", 0)
    run: list[Link] = []
    while True:
        mine = (table.c.controller == controller) & (tuple_(table.c.case_id, table.c.sequence) > tuple_(*after))
        query = select(table).where(mine).order_by(table.c.case_id, table.c.sequence).limit(_ROWS_A_PAGE)
        rows = tx.execute(query).all()
        if not rows:
            break
        for row in rows:
            if run and run[-1].case_id != row.case_id:
                yield run[0].case_id, run
                run = []
            run.append(Link(row.case_id, row.sequence, row.body, row.digest))
        after = (rows[-1].case_id, rows[-1].sequence)
    if run:
        yield run[0].case_id, run


class Ledger:
    """Makes, keeps and verifies the checkpoints of controllers."""

    def __init__(self, events: Table, key_of: Callable[[str], Ed25519PrivateKey]) -> None:
        # The case events are their owner's table: case_id, sequence, controller, body and digest are read here.
        self._events = events
        self._key_of = key_of

    def controllers(self, tx: Tx) -> list[str]:
        """Return the controllers that have cases or checkpoints, in order."""
        events = select(self._events.c.controller).distinct()
        return sorted({*tx.execute(events).scalars(), *tx.execute(select(CHECKPOINTS.c.controller)).scalars()})

    def checkpoint(self, tx: Tx, controller: str, created: str) -> Checkpoint:
        """Sign the chains as they are now. A chain that is broken is never signed: AuditFault names the link."""
        last = self.latest(tx, controller)
        signed = {head.case_id: head for head in last.heads} if last else {}
        heads: list[Head] = []
        for case_id, links in stored_chains(tx, self._events, controller):
            broken = check_chain(controller, case_id, links, signed.pop(case_id, None))
            if broken is not None:
                raise AuditFault(f"no checkpoint was made, because a chain is broken: {broken.sentence()}")
            heads.append(head_of(case_id, links))
        if signed:
            case_id = min(signed)
            raise AuditFault(
                f"no checkpoint was made, because the chain of case {case_id} is missing; checkpoint "
                f"{last.statement.sequence if last else 0} has {signed[case_id].length} links of it"
            )
        made = make_checkpoint(self._key_of(controller), controller, heads, created, last.statement if last else None)
        self._keep(tx, made, last)
        return made

    def latest(self, tx: Tx, controller: str) -> Checkpoint | None:
        """Return the newest checkpoint with the heads it was about."""
        query = select(CHECKPOINTS).where(CHECKPOINTS.c.controller == controller)
        row = tx.execute(query.order_by(CHECKPOINTS.c.sequence.desc()).limit(1)).first()
        if row is None:
            return None
        statement = read_statement(json.loads(row.statement))
        return Checkpoint(statement, row.signature, row.public_key, self._heads(tx, controller))

    def statements(self, tx: Tx, controller: str) -> list[Statement]:
        """Return every statement, oldest first."""
        query = select(CHECKPOINTS.c.statement).where(CHECKPOINTS.c.controller == controller)
        rows = tx.execute(query.order_by(CHECKPOINTS.c.sequence)).scalars()
        return [read_statement(json.loads(text)) for text in rows]

    def verify(self, tx: Tx, controller: str, against: Checkpoint | None, trusted_key: str | None = None) -> Verdict:
        """Prove the chains in the store against a checkpoint kept elsewhere, or the newest one kept here."""
        kept = self.latest(tx, controller)
        used = against or kept
        if used is not None and not used.heads and used.statement.heads:
            # Only the statement was kept elsewhere: the heads kept here must give the root that was signed.
            used = Checkpoint(used.statement, used.signature, used.public_key, self._heads_of(tx, controller, used))
        verdict = verify(controller, stored_chains(tx, self._events, controller), used, trusted_key)
        before = GENESIS
        for number, statement in enumerate(self.statements(tx, controller), 1):
            if statement.sequence != number or statement.previous != before:
                verdict.faults.append(f"checkpoint {number} is missing or was changed: the next one does not follow it")
                break
            before = statement.digest()
        return verdict

    def export(self, tx: Tx, controller: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of an export: what it is, the newest checkpoint with its heads, and every link."""
        yield {"export": "habeas case events 1", "controller": controller}
        kept = self.latest(tx, controller)
        if kept is not None:
            yield from checkpoint_lines(kept)
        for _, links in stored_chains(tx, self._events, controller):
            for link in links:
                yield {"case": link.case_id, "sequence": link.sequence, "body": link.body, "digest": link.digest}

    def _keep(self, tx: Tx, made: Checkpoint, last: Checkpoint | None) -> None:
        statement = made.statement
        known = {head.case_id: head.length for head in last.heads} if last else {}
        row = {"controller": statement.controller, "sequence": statement.sequence}
        tx.execute(
            insert(CHECKPOINTS),
            {
                **row,
                "statement": statement.canonical(),
                "signature": made.signature,
                "public_key": made.public_key,
            },
        )
        grown = [
            {**row, "case_id": head.case_id, "trail": ",".join(head.trail[known.get(head.case_id, 0) :])}
            for head in made.heads
            if head.length > known.get(head.case_id, 0)
        ]
        for start in range(0, len(grown), _ROWS_A_STATEMENT):
            tx.execute(insert(CHECKPOINT_HEADS), grown[start : start + _ROWS_A_STATEMENT])

    def _heads_of(self, tx: Tx, controller: str, checkpoint: Checkpoint) -> tuple[Head, ...]:
        return self._heads(tx, controller, checkpoint.statement.sequence)

    def _heads(self, tx: Tx, controller: str, until: int | None = None) -> tuple[Head, ...]:
        table = CHECKPOINT_HEADS
        query = select(table.c.case_id, table.c.trail).where(table.c.controller == controller)
        if until is not None:
            query = query.where(table.c.sequence <= until)
        trails: dict[str, list[str]] = {}
        for row in tx.execute(query.order_by(table.c.case_id, table.c.sequence)):
            trails.setdefault(row.case_id, []).extend(row.trail.split(","))
        return tuple(Head(case, len(trail), trail[-1], tuple(trail)) for case, trail in sorted(trails.items()))


def checkpoint_lines(checkpoint: Checkpoint) -> Iterator[dict[str, Any]]:
    """Yield a checkpoint as it is written into a file: its statement, then a line a head."""
    yield checkpoint.header()
    for head in checkpoint.heads:
        yield {"head": head.case_id, "length": head.length, "digest": head.digest, "trail": list(head.trail)}
