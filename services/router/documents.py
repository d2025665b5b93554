"""Identity documents in the vault: each under a key of its own, and destroyed with that key when nobody has to look.

The person's own key lives as long as the case is kept, three years and in every backup meanwhile; a copy of a passport
must not. So a mail that brings one is sealed anew under a key that is the document's alone, and the mail as it came is
removed; its words stay. What destroys them is in `destroying.py`.
"""

from __future__ import annotations

import json
from typing import Final
from uuid import uuid5

from sqlalchemy import select

from schemas.content import MessageContent
from services.router.core.attached import File, files
from services.router.core.cases.state import Case
from services.router.core.cases.story import NAMESPACE
from services.router.tables import DOCUMENTS
from services.runtime.store import Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.vault import Forgotten, Missing, Vault

MAIL: Final = "message/rfc822"
KIND: Final = "identity_document"


def owner(document_id: str) -> str:
    """Return under whose key a document lies: nobody's but its own."""
    return f"document-{document_id}"


def seal(
    transaction: Transaction, vault: Vault, case: Case, document_id: str, file: File, original: str | None = None
) -> str:
    """Put a document into the vault and return its reference; the same one twice is one.

    Where it came in a mail, `original` is that mail, which is still to be removed.
    """
    head = json.dumps({"name": file.name, "media_type": file.media_type}, ensure_ascii=False).encode()
    ref = f"vault:{uuid5(NAMESPACE, f'identity document|{document_id}')}"
    vault.seal(transaction, owner(document_id), KIND, head + b"\n" + file.content, ref=ref)
    values = {"document_id": document_id, "case_id": case.case_id, "original": original}
    transaction.execute(insert_once(transaction, DOCUMENTS, ("document_id",)), values)
    return ref


def seal_mail(
    transaction: Transaction, vault: Vault, case: Case, document_id: str, content: MessageContent
) -> str | None:
    """Move a mail that brings a document under the document's own key; None where it brings none."""
    if not content.original:
        return None
    try:
        raw = vault.open(transaction, content.original)
    except (Forgotten, Missing):
        return None
    # What a transaction of the vault's own removes must not wait for this one: it goes when this one is durable.
    return seal(transaction, vault, case, document_id, File("mail.eml", MAIL, raw), content.original)


def opened(transaction: Transaction, vault: Vault, ref: str) -> tuple[File, ...]:
    """Return a document as files to look at; a mail's are what it carries, and the mail itself."""
    head, _, content = vault.open(transaction, ref).partition(b"\n")
    kept = File(content=content, **json.loads(head))
    return (*files(content), kept) if kept.media_type == MAIL else (kept,)


def moving(transaction: Transaction, case_id: str) -> frozenset[str]:
    """Return the mails of a case that are still to be removed because they bring a document."""
    query = select(DOCUMENTS.c.original).where(DOCUMENTS.c.case_id == case_id, DOCUMENTS.c.original.is_not(None))
    return frozenset(transaction.execute(query).scalars())
