"""Who is asked besides is told under which further names the person is known, where the map lets it be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fulfil.connectors.processor import Processor
from tests.journeys.shop import MAP, Shop, home_with
from tests.journeys.test_delegates import AXIGEN, delegates, erase, hook, settle, shown, tasks
from tests.journeys.walk import house

IDENTIFIED = """\
      id: {identity: account_id, passed_on: [mailer]}
      email: {identity: email, category: user.contact.email}
      second_email: {identity: email, category: user.contact.email, passed_on: true}
      mentor_email: {identity: email, category: user.contact.email, person: other, passed_on: true}
"""


@pytest.fixture
def vendor() -> Iterator[Processor]:
    found = Processor()
    found.finished = True
    yield found
    found.close()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path / "shop.db")
    found.execute(
        "ALTER TABLE customers ADD COLUMN second_email TEXT; ALTER TABLE customers ADD COLUMN mentor_email TEXT;"
        "UPDATE customers SET second_email = 'ann@work.example', mentor_email = 'eve@example.org' WHERE id = 1;"
    )
    return found


def home(shop: Shop, folder: Path, fields: str = IDENTIFIED, **asked: str) -> Path:
    found = home_with(shop, folder, delegates(**asked))
    plain = "      id: {}\n      email: {identity: email, category: user.contact.email}\n"
    (folder / "shop.yml").write_text(MAP.replace(plain, fields, 1), encoding="utf-8")
    return found


def told(vendor: Processor) -> dict[str, Any]:
    (body,) = [body for method, _, _, body in vendor.asked if method == "POST"]
    return dict(json.loads(body))


def test_a_webhook_is_told_the_account_and_the_second_address_and_nobody_elses(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    with house(home(shop, tmp_path, mailer=hook(vendor))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        assert told(vendor)["identities"] == {"email": ["ann@example.org", "ann@work.example"], "account_id": ["1"]}
        everything = "".join(event.model_dump_json() for event in at.events)
        assert "ann@work.example" not in everything


def test_who_is_not_named_in_the_map_is_told_only_what_everybody_may_know(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    with house(home(shop, tmp_path, other=hook(vendor))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        assert told(vendor)["identities"] == {"email": ["ann@example.org", "ann@work.example"]}


def test_without_a_word_of_the_map_nothing_is_told_but_what_the_person_said(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    fields = IDENTIFIED.replace(", passed_on: [mailer]", "").replace(", passed_on: true", "")
    with house(home(shop, tmp_path, fields, mailer=hook(vendor))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        assert told(vendor)["identities"] == {"email": ["ann@example.org"]}


def test_opendsr_has_a_word_for_an_account(tmp_path: Path, shop: Shop, vendor: Processor) -> None:
    with house(home(shop, tmp_path, mailer=f"opendsr+http://user:s3cret@{vendor.host}/v2")) as at:
        erase(at)
        settle(at, tasks(at)[0])
        known = {(each["identity_type"], each["identity_value"]) for each in told(vendor)["subject_identities"]}
        assert known == {
            ("email", "ann@example.org"), ("email", "ann@work.example"), ("controller_customer_id", "1")
        }  # fmt: skip


def test_a_human_who_asks_by_hand_reads_them_too(tmp_path: Path, shop: Shop) -> None:
    with house(home(shop, tmp_path, mailer="task:")) as at:
        erase(at)
        settle(at, tasks(at)[0])
        (task,) = tasks(at)
        assert shown(at, task)["known_by"] == "account_id: 1; email: ann@work.example"


def test_what_somebody_who_only_called_is_known_by_is_not_passed_on(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    """A telephone is shared: whose account the row is, the number does not say."""
    shop.execute("ALTER TABLE customers ADD COLUMN phone TEXT; UPDATE customers SET phone = '+40 21 555 0100';")
    fields = IDENTIFIED + "      phone: {identity: phone}\n"
    with house(home(shop, tmp_path, fields, mailer=hook(vendor))) as at:
        at.mail(AXIGEN, "Please delete all my personal data. My phone is +40 21 555 0100.", sender="x@example.org")
        at.follow_link()
        for task in tasks(at):
            settle(at, task)
        assert "work.example" not in str(vendor.asked)
