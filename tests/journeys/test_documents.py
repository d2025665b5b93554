"""An identity document: asked with a reason, kept under a key of its own, destroyed after the look."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from schemas import events as bus
from services.router.core.cases import commands as c
from services.router.destroying import destroy_due
from services.router.documents import opened, owner
from services.router.tables import CASE_EVENTS, DOCUMENTS
from services.runtime.vault import Forgotten, Missing
from services.runtime.vault.tables import OBJECTS
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 60
SHOWN = ("passport.jpg", "image/jpeg", PHOTO)
WORDS = "Here is what you asked me for."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def a_document_is_asked_for(at: House) -> None:
    at.mail(AXIGEN, "Please send me a copy of my personal data.")
    at.later(hours=2)
    reasons = at.sealed(at.case(), note="The address on file was changed yesterday.")
    at.order(c.RequestIdentity, at.case(), method="document", reasons=reasons)
    at.later(hours=20)


def holds(at: House, content: bytes) -> list[str]:
    """Return which kinds of what can still be opened in the vault hold these bytes."""
    with at.stores["router"].begin() as transaction:
        found = []
        for ref, kind in transaction.execute(select(OBJECTS.c.ref, OBJECTS.c.kind)).all():
            try:
                if content in at.vault.open(transaction, ref):
                    found.append(kind)
            except (Forgotten, Missing):
                continue
        return found


def in_mail(content: bytes) -> bytes:
    """Return how a mail spells the beginning of an attachment."""
    from base64 import b64encode

    return b64encode(content[:48])


def events_of(at: House) -> list[str]:
    case_id = at.case().case_id
    with at.stores["router"].begin() as transaction:
        query = select(CASE_EVENTS.c.body).where(CASE_EVENTS.c.case_id == case_id)
        return [str(body) for body in transaction.execute(query.order_by(CASE_EVENTS.c.sequence)).scalars()]


def rows(at: House) -> list[Any]:
    with at.stores["router"].begin() as transaction:
        return list(transaction.execute(select(DOCUMENTS)).all())


def test_the_letter_gives_the_reason_and_says_that_nothing_is_kept(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        asked = at.texts()[-1]
        assert "The address on file was changed yesterday." in asked
        assert "do not keep it" in asked


def test_a_document_that_came_by_mail_is_moved_under_a_key_of_its_own(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        case = at.case()
        assert [task.reason for task in case.claims[0].tasks] == ["identity_document_came"]
        assert case.claims[0].waits == ()
        at.later(minutes=1)
        assert holds(at, in_mail(PHOTO)) == ["identity_document"], "the mail as it came is removed"
        with at.stores["router"].begin() as transaction:
            files = opened(transaction, at.vault, case.documents[0].ref)
            assert at.vault.person_of(transaction, case.documents[0].ref) == owner(case.documents[0].document_id)
        assert [(each.name, each.content) for each in files][:1] == [("passport.jpg", PHOTO)]
        at.later(days=12)
        assert at.case().documents, "it stays while an officer has to look"
        assert holds(at, WORDS.encode()), "what was written beside it stays with the case"


@pytest.mark.parametrize("end", ["confirmed", "refused", "withdrawn"])
def test_once_somebody_has_looked_nothing_opens_it_any_more(tmp_path: Path, shop: Shop, end: str) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        document = at.case().documents[0]
        wrapped = _wrapped(at, owner(document.document_id))
        if end == "confirmed":
            at.order(c.ConfirmIdentity, at.case(), ground="passport_seen")
        elif end == "refused":
            reasons = at.sealed(at.case(), note="You asked the same last week.")
            ids = (at.case().claims[0].claim_id,)
            at.order(c.RefuseClaims, at.case(), claim_ids=ids, ground="excessive", reasons=reasons)
        else:
            at.mail(AXIGEN, "I withdraw my request.")
        at.later(minutes=1)
        assert at.case().documents == ()
        assert holds(at, in_mail(PHOTO)) == []
        assert rows(at) == []
        assert sum('"event":"IdentityDocumentDestroyed"' in body for body in events_of(at)) == 1
        with at.stores["router"].begin() as transaction, pytest.raises((Forgotten, Missing)):
            at.vault.open(transaction, document.ref)
        with pytest.raises(Forgotten):
            at.vault.keys.key_of(owner(document.document_id))
        after = b"".join(path.read_bytes() for path in at.settings.home.glob("keys.db*"))
        assert wrapped not in after, "nor do the bytes of the wrapped key lie in the key store's file"


def _wrapped(at: House, person: str) -> bytes:
    """Return the bytes that the key store holds of somebody's key."""
    with sqlite3.connect(at.settings.home / "keys.db") as database:
        (found,) = database.execute("SELECT wrapped FROM person_key WHERE person = ?", (person,)).fetchone()
    database.close()
    return bytes(found)


def test_a_backup_of_the_database_brings_no_document_back(tmp_path: Path, shop: Shop) -> None:
    home = home_with(shop, tmp_path)
    with house(home) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        at.later(minutes=1)
        ref = at.case().documents[0].ref
        with sqlite3.connect(home / "habeas.db") as database, sqlite3.connect(tmp_path / "backup.db") as backup:
            database.backup(backup)
        database.close()
        backup.close()
        at.order(c.ConfirmIdentity, at.case(), ground="passport_seen")
        at.later(minutes=1)
    for path in home.glob("habeas.db*"):
        path.unlink()
    (tmp_path / "backup.db").rename(home / "habeas.db")
    with house(home) as at:
        with at.stores["router"].begin() as transaction, pytest.raises((Forgotten, Missing)):
            at.vault.open(transaction, ref)
        assert at.vault.apply_tombstones() == 1, "and what the backup held of it is deleted"


def test_a_process_that_dies_while_destroying_goes_on_later(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        at.order(c.ConfirmIdentity, at.case(), ground="passport_seen")
        with monkeypatch.context() as patch:
            patch.setattr("services.router.destroying._recorded", _dies)
            with pytest.raises(KeyboardInterrupt):
                destroy_due(at.stores["router"], at.vault, at.router, at.clock.now())
        assert at.case().documents, "the record waits for the deed"
        assert destroy_due(at.stores["router"], at.vault, at.router, at.clock.now()) == 1
        assert destroy_due(at.stores["router"], at.vault, at.router, at.clock.now()) == 0
        assert at.case().documents == ()
        assert sum('"event":"IdentityDocumentDestroyed"' in body for body in events_of(at)) == 1


def _dies(*_: object) -> int:
    raise KeyboardInterrupt


def test_forgetting_the_person_forgets_the_document_that_nobody_looked_at(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        at.vault.forget(at.case().person)
        assert destroy_due(at.stores["router"], at.vault, at.router, at.clock.now()) == 1
        assert holds(at, in_mail(PHOTO)) == []


def test_a_document_that_comes_too_late_is_destroyed_and_its_words_wait_for_a_human(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.later(days=20)
        assert at.case().state == "completed", "nobody answered in time"
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        at.later(minutes=1)
        assert holds(at, in_mail(PHOTO)) == []
        assert at.case().documents == ()
        assert holds(at, WORDS.encode())
        assert at.told(bus.ReviewRequested), "an officer reads it, and can open the case again"


def test_a_second_copy_after_the_look_is_destroyed_too(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, WORDS, attached=SHOWN)
        at.order(c.ConfirmIdentity, at.case(), ground="passport_seen")
        at.later(minutes=1)
        at.mail(AXIGEN, "Here is the other side.", attached=SHOWN)
        at.later(minutes=1)
        assert holds(at, in_mail(PHOTO)) == []
        assert rows(at) == []


def test_a_signatures_logo_is_no_document_and_stops_no_waiting(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, "What do you need it for?", attached=("logo.png", "image/png", PHOTO[:4000]))
        assert at.case().documents == ()
        assert at.case().claims[0].waits


def test_an_attachment_that_nobody_asked_for_leaves_the_mail_as_it_was(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        at.mail(AXIGEN, "Please send me a copy of my personal data.")
        at.mail(AXIGEN, "Please send me a copy of my personal data.", attached=SHOWN)
        at.later(minutes=1)
        assert at.case().documents == ()
        assert holds(at, in_mail(PHOTO)) == ["mail"]


def test_what_is_asked_beside_a_document_is_asked_all_the_same(tmp_path: Path, shop: Shop) -> None:
    with house(home_with(shop, tmp_path)) as at:
        a_document_is_asked_for(at)
        at.mail(AXIGEN, "Attached is my passport. Please also delete all my personal data.", attached=SHOWN)
        assert {claim.right.value for claim in at.case().claims} == {"access", "erasure"}
        assert len(at.case().documents) == 1
        at.later(days=40)
        assert at.case().documents, (
            "however long it takes, a document that nobody looked at is still the person's proof"
        )
