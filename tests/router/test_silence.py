"""Who only asked a question is forgotten some time after their last word, on both databases; who has a case is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from schemas.content import MessageContent
from schemas.envelope import rooted
from schemas.events import MessageHeld, MessageReceived
from schemas.rights import Channel, Right
from schemas.values import Held
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.values import Asked, Assurance, LawChoice
from services.router.heard import hear
from services.router.retention import SETTLE, Keeping, forget_due
from services.router.tables import HEARD, REVIEWS
from services.router.turns import Router
from services.runtime.settings import QUESTION_RETENTION_DAYS, Settings, SettingsFault, load
from services.runtime.store import Database, Store
from services.runtime.vault import Forgotten, Vault, master_key_source, open_vault

NOTE = "vault:00000000-0000-4000-8000-000000000001"
KEPT = timedelta(days=QUESTION_RETENTION_DAYS)
DAY = timedelta(days=1)


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@dataclass
class Desk:
    """A router with its store, its vault and a clock that is set by hand."""

    store: Store
    vault: Vault
    router: Router
    settings: Settings
    hands: Hands

    def write(self, name: str, controller: str = "hexamail") -> str:
        """Have this person write a message that the router has not read yet; return the person."""
        person = self.vault.recognise("address", controller, f"{name}@example.org")
        with self.store.begin() as transaction:
            self.vault.seal(transaction, person, "message", b"How long do you keep my data?")
        return person

    def ask(self, name: str, controller: str = "hexamail") -> str:
        """Have this person write, and the router hear it."""
        person = self.write(name, controller)
        with self.store.begin() as transaction:
            hear(transaction, controller, person, self.hands.now())
        return person

    def open_case(self, person: str) -> None:
        opening = c.OpenCase(
            case_id=f"case-{person}", cause=f"open-{person}", at=self.hands.now(), controller="hexamail",
            message_id="m", correspondent="who", person=person, channel=Channel.EMAIL, received=self.hands.now(),
            policy_version="none", law=LawChoice(laws=("eu-gdpr",)), subject=NOTE, assurance=Assurance.LINK,
            asked=(Asked(claim_id=f"claim-{person}", right=Right.ACCESS),),
        )  # fmt: skip
        with self.store.begin() as transaction:
            self.router.carry_out(transaction, opening, None)

    def forget(self, after: timedelta) -> int:
        self.hands.moment += after
        return asyncio.run(forget_due(self.store, self.vault, Keeping.of(self.settings), self.hands.now()))

    def known(self, person: str) -> bool:
        try:
            self.vault.keys.key_of(person)
        except Forgotten:
            return False
        return True

    def rows(self) -> int:
        with self.store.begin() as transaction:
            return int(transaction.execute(select(func.count()).select_from(HEARD)).scalar_one())


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    database, hands = Database(database_url), Hands()
    (tmp_path / "habeas.toml").write_text(
        '[controllers.mailpro]\naddresses = ["legal@maxony.com"]\nquestion_retention_days = 7\n'
    )
    settings = load(tmp_path, None, {"store": database_url})
    opened = open_vault(
        tmp_path, lambda: database.begin("router"), keys_url=settings.keys_url,
        masters=master_key_source(tmp_path, file=settings.master_key), clock=hands.now,
    )  # fmt: skip
    router = router_of(settings, opened.vault, hands)  # type: ignore[arg-type]
    yield Desk(database.store("router"), opened.vault, router, settings, hands)
    opened.vault.close()
    database.close()


def test_a_person_who_only_asked_is_forgotten_after_so_many_days_and_not_before(desk: Desk) -> None:
    ann = desk.ask("ann")
    assert desk.forget(KEPT) == 0, "to the day, and never too early"
    assert desk.known(ann)
    assert desk.forget(2 * DAY) == 1
    assert not desk.known(ann)
    assert desk.rows() == 0
    assert desk.forget(DAY) == 0, "once is enough"
    assert desk.write("ann") != ann, "who writes again is a stranger"


def test_who_writes_again_is_kept_from_then_on(desk: Desk) -> None:
    desk.ask("ann")
    assert desk.forget(KEPT - DAY) == 0
    ann = desk.ask("ann")
    assert desk.forget(KEPT - DAY) == 0
    assert desk.known(ann)
    assert desk.forget(3 * DAY) == 1


def test_who_has_a_case_stays_as_long_as_the_case_does(desk: Desk) -> None:
    ann, bob = desk.ask("ann"), desk.ask("bob")
    desk.open_case(ann)
    assert desk.forget(5 * KEPT) == 1
    assert (desk.known(ann), desk.known(bob)) == (True, False)


def test_each_controller_says_how_long(desk: Desk) -> None:
    ann, bob = desk.ask("ann"), desk.ask("bob", "mailpro")
    assert desk.forget(9 * DAY) == 1
    assert (desk.known(ann), desk.known(bob)) == (True, False)


def test_a_message_that_still_waits_for_the_router_is_not_lost(desk: Desk) -> None:
    ann = desk.ask("ann")
    desk.hands.moment += KEPT + 2 * DAY
    desk.write("ann")
    assert desk.forget(timedelta()) == 0
    assert desk.known(ann)
    assert desk.forget(SETTLE) == 1, "what nobody read within days will not be read"


def test_more_persons_than_a_page_are_all_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.router.retention.PAGE_ROWS", 2)
    persons = [desk.ask(f"person-{number}") for number in range(5)]
    assert desk.forget(KEPT + 2 * DAY) == 5
    assert not any(desk.known(person) for person in persons)


def test_the_router_hears_every_message_and_writes_it_down_once_a_day(desk: Desk) -> None:
    person = desk.vault.recognise("address", "hexamail", "ann@example.org")
    content = MessageContent(
        channel=Channel.EMAIL, text="How long do you keep my data?", sender_address="a@example.org"
    )
    for number in range(3):
        with desk.store.begin() as transaction:
            body = desk.vault.seal(transaction, person, "message", content.model_dump_json().encode())
            event = MessageReceived(
                controller="hexamail", occurred=desk.hands.now(), correspondent="who", message_id=f"m-{number}",
                channel=Channel.EMAIL, received=desk.hands.now(), body=body, person=person, size_bytes=1,
            )  # fmt: skip
            desk.router.handle(transaction, rooted(f"m-{number}", event, "test"))
        desk.hands.moment += timedelta(hours=20)
    with desk.store.begin() as transaction:
        (row,) = transaction.execute(select(HEARD)).all()
    assert (row.person, row.controller) == (person, "hexamail")
    assert row.heard_ms == int((desk.hands.now() - timedelta(hours=20)).timestamp() * 1000)


def test_who_wrote_what_could_not_be_read_is_kept_until_an_officer_has_seen_it(desk: Desk) -> None:
    person = desk.vault.recognise("address", "hexamail", "ann@example.org")
    with desk.store.begin() as transaction:
        event = MessageHeld(
            controller="hexamail", occurred=desk.hands.now(), correspondent="who", message_id="m-1",
            reason=Held.UNREADABLE, body=desk.vault.seal(transaction, person, "mail", b"no mail"),
            received=desk.hands.now(),
        )  # fmt: skip
        desk.router.handle(transaction, rooted("m-1", event, "test"))
    assert desk.forget(2 * KEPT) == 0
    with desk.store.begin() as transaction:
        transaction.execute(update(REVIEWS).values(decided="closed"))
    assert desk.forget(DAY) == 1
    assert not desk.known(person)


def test_less_than_a_week_is_refused(tmp_path: Path) -> None:
    (tmp_path / "habeas.toml").write_text(
        '[controllers.mailpro]\naddresses = ["legal@maxony.com"]\nquestion_retention_days = 1\n'
    )
    with pytest.raises(SettingsFault, match="question_retention_days"):
        load(tmp_path)
