"""A person has their data sent to another controller: acknowledged and told, or a human knows why not (Art. 20(2))."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import events as bus
from services.cli.case_words import preview
from services.router.core.cases import commands as c
from tests.fulfil.receiver import Receiver
from tests.journeys.archives import opened
from tests.journeys.shop import Shop, home_with
from tests.journeys.test_delegates import settle, shown, tasks
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
ASK = "I use my right to data portability (Art. 20 GDPR). Please transfer my data directly to Pen World."


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    found = Receiver(tmp_path)
    yield found
    found.close()


def transfers(receiver: Receiver, more: str = "") -> str:
    return (
        f'[controllers.axigen.transfers.penworld]\nurl = "{receiver.url}"\nnames = ["Pen World Ltd."]\n'
        f'ca_file = "{receiver.ca}"\nprivate_network = true\nid_field = "receipt.id"\ndigest_field = "sha256"\n{more}\n'
    )


def ask(at: House, text: str = ASK) -> None:
    at.mail(AXIGEN, text)
    at.follow_link()


def test_a_package_goes_to_the_controller_that_the_person_named(tmp_path: Path, shop: Shop, receiver: Receiver) -> None:
    with house(home_with(shop, tmp_path, transfers(receiver))) as at:
        ask(at)
        (content,) = receiver.packages.values()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            provided = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("data/"))
        assert manifest["person"] == {"email": ["ann@example.org"]}
        assert b"a red pen" in provided
        assert b"likes pens" not in provided, "what the controller derived was not provided"
        (done,) = at.told(bus.ClaimFulfilled)
        receipt = done.receipts[-1]
        assert (receipt.system, receipt.action, receipt.reason) == ("penworld", "transfer", "acknowledged_201")
        told = at.texts()[-1]
        assert "Sent to: penworld" in told
        assert "Their number: PW-77" in told
        assert at.told(bus.ClaimCompleted)
        at.settle()
        with at.stores["fulfil"].begin() as transaction:
            left = transaction.connection.exec_driver_sql("SELECT count(*) FROM vault_objects WHERE kind = 'transfer'")
            assert left.scalar() == 0, "what has arrived is not kept here"


def test_a_recipient_in_trouble_is_sent_the_same_package_again(tmp_path: Path, shop: Shop, receiver: Receiver) -> None:
    receiver.troubles = [503]
    with house(home_with(shop, tmp_path, transfers(receiver))) as at:
        ask(at)
        assert not at.told(bus.ClaimFulfilled)
        at.later(minutes=5)
        assert len(receiver.asked) == 2, "after a minute, and not at once"
        keys = {asked["idempotency-key"] for asked in receiver.asked}
        digests = {asked["content-digest"] for asked in receiver.asked}
        assert len(keys) == len(digests) == 1
        assert at.told(bus.ClaimFulfilled)


def test_nobody_that_the_settings_know_is_a_humans_task_and_the_person_may_get_the_package(
    tmp_path: Path, shop: Shop, receiver: Receiver
) -> None:
    with house(home_with(shop, tmp_path)) as at:
        ask(at)
        (task,) = tasks(at)
        assert task.reason == "approve_transfer"
        words = "\n".join(preview(shown(at, task)))
        assert "Pen World" in words
        assert "technically feasible" in words
        assert not receiver.asked
        orders = at.sealed(at.case(), set={"transfer": "none"})
        at.order(c.CompleteTask, at.case(), task_id=task.task_id, result=orders)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.result is not None
        with at.stores["fulfil"].begin() as transaction:
            facts = json.loads(at.vault.open(transaction, done.result))["facts"]
            password = at.vault.open(transaction, facts["package_password"]).decode()
        assert opened(b"".join(at.vault.reader(facts["package"])), password)


def test_a_refusal_is_a_humans_task_and_a_second_yes_sends_it_again(
    tmp_path: Path, shop: Shop, receiver: Receiver
) -> None:
    receiver.status = 403
    with house(home_with(shop, tmp_path, transfers(receiver))) as at:
        ask(at)
        (task,) = tasks(at)
        assert task.reason == "approve_transfer"
        assert "refuses access (HTTP 403)" in "\n".join(preview(shown(at, task)))
        assert not at.told(bus.ClaimFulfilled)
        receiver.status = 201
        settle(at, task)
        assert receiver.packages
        assert "Sent to: penworld" in at.texts()[-1]


def test_a_recipient_that_is_only_mentioned_is_not_sent_anything(
    tmp_path: Path, shop: Shop, receiver: Receiver
) -> None:
    with house(home_with(shop, tmp_path, transfers(receiver))) as at:
        ask(at, "I use my right to data portability. I am leaving you: Pen World has been so much nicer.")
        assert [task.reason for task in tasks(at)] == ["approve_transfer"]
        assert not receiver.asked


def test_a_claim_that_is_taken_back_while_its_recipient_is_away_is_not_sent(
    tmp_path: Path, shop: Shop, receiver: Receiver
) -> None:
    receiver.troubles = [503]
    with house(home_with(shop, tmp_path, transfers(receiver))) as at:
        ask(at)
        assert len(receiver.asked) == 1
        at.mail(AXIGEN, "I withdraw my request, please stop.")
        assert at.told(bus.ClaimWithdrawn)
        at.later(hours=3)
        assert len(receiver.asked) == 1
        assert not receiver.packages
        assert not at.told(bus.ClaimFulfilled)
        with at.stores["fulfil"].begin() as transaction:
            for of in ("vault_objects WHERE kind = 'transfer'", "fulfil_transfers"):
                assert transaction.connection.exec_driver_sql(f"SELECT count(*) FROM {of}").scalar() == 0
