"""Destroying identity documents that nobody has to look at any more.

It forgets the document's own key, as forgetting a person forgets theirs: that leaves a tombstone, and a backup brings
back nothing that can be read. The key goes first and the record follows: whoever dies in between finds the document
still to be destroyed, and doing it twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from services.router import casebook
from services.router.core.cases import commands as c
from services.router.core.cases.documents import over
from services.router.documents import owner
from services.router.tables import CASES, DOCUMENTS
from services.router.turns import Router
from services.runtime.store import Conflict, Store
from services.runtime.vault import Vault

AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class _Row:
    document_id: str
    case_id: str
    original: str | None


def destroy_due(store: Store, vault: Vault, router: Router, now: datetime, *, only: str | None = None) -> int:
    """Remove mails whose document was moved, destroy what nobody has to look at, and return how many were destroyed.

    Synchronous: call it in a thread that may wait. `only` is the one case whose documents are meant.
    """
    destroyed = 0
    for row in _rows(store, only):
        if row.original is not None:
            vault.remove(row.original)
            with store.begin() as transaction:
                mine = DOCUMENTS.c.document_id == row.document_id
                transaction.execute(update(DOCUMENTS).where(mine).values(original=None))
        if _over(store, vault, row):
            vault.forget(owner(row.document_id))
            destroyed += _recorded(store, router, row, now)
    return destroyed


def _rows(store: Store, only: str | None) -> list[_Row]:
    query = select(DOCUMENTS.c.document_id, DOCUMENTS.c.case_id, DOCUMENTS.c.original)
    if only is not None:
        query = query.where(DOCUMENTS.c.case_id == only)
    with store.database.look(store.service) as reading:
        rows = reading.execute(query.order_by(DOCUMENTS.c.document_id).limit(AT_ONCE)).all()
    return [_Row(str(row.document_id), str(row.case_id), row.original) for row in rows]


def _over(store: Store, vault: Vault, row: _Row) -> bool:
    """Tell whether nobody has to look at a document any more, its person forgotten included."""
    with store.database.look(store.service) as reading:
        case, _ = casebook.load(reading, row.case_id)
        if case is None or not vault.holds(reading, case.subject):
            return True
        kept = any(each.document_id == row.document_id for each in case.documents)
        return not kept or bool(over(case))


def _recorded(store: Store, router: Router, row: _Row, now: datetime) -> int:
    """Write down that a document is destroyed; a case whose person is forgotten is not written to any more."""
    try:
        with store.begin() as transaction:
            state = transaction.execute(select(CASES.c.state).where(CASES.c.case_id == row.case_id)).scalar()
            if state not in (None, "forgotten"):
                # One document is destroyed once, so its own id is the cause.
                router.carry_out(
                    transaction,
                    c.RecordDestroyed(
                        case_id=row.case_id, cause=f"destroyed:{row.document_id}", at=now,
                        document_ids=(row.document_id,),
                    ),
                    None,
                )  # fmt: skip
            transaction.execute(delete(DOCUMENTS).where(DOCUMENTS.c.document_id == row.document_id))
    except Conflict:
        return 0  # a turn changed the case meanwhile: it is recorded the next time
    return 1
