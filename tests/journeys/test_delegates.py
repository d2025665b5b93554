"""Processors and vendors are asked after the controller's own systems, and waited for before the person is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import events as bus
from schemas.rights import Outcome
from services.cli.case_words import preview
from services.router.core.cases import commands as c
from services.router.core.cases.state import Task
from tests.fulfil.connectors.processor import Processor
from tests.journeys.product import connect
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


@pytest.fixture
def vendor() -> Iterator[Processor]:
    found = Processor()
    yield found
    found.close()


def delegates(**asked: str) -> str:
    return "".join(f'[controllers.axigen.delegates.{name}]\nask = "{ask}"\n' for name, ask in asked.items())


def hook(vendor: Processor) -> str:
    return f"webhook+http://:s3cret@{vendor.host}/hook"


def tasks(at: House) -> tuple[Task, ...]:
    return at.case().claims[0].tasks


def shown(at: House, task: Task) -> dict[str, Any]:
    assert task.preview is not None
    with at.stores["router"].begin() as transaction:
        return dict(json.loads(at.vault.open(transaction, task.preview)))


def settle(at: House, task: Task) -> None:
    at.order(c.CompleteTask, at.case(), task_id=task.task_id)


def erase(at: House, sender: str = "ann@example.org") -> None:
    at.mail(AXIGEN, "Please delete all my personal data.", sender=sender)
    at.follow_link()


def test_a_webhook_that_answers_late_is_waited_for_and_asked_once(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        erase(at)
        (task,) = tasks(at)
        assert "      asked besides: mailer" in list(preview(shown(at, task)))
        assert not vendor.asked, "nobody hears of a person before the officer's yes"
        settle(at, task)
        assert "Ann" not in str(shop.whole())
        assert not at.told(bus.ClaimFulfilled)
        for _ in range(3):
            at.later(days=1)
        assert not at.told(bus.ClaimFulfilled)
        assert len([method for method, *_ in vendor.asked if method == "POST"]) == 1
        assert len([method for method, *_ in vendor.asked if method == "GET"]) >= 2

        vendor.finished = True
        at.later(days=1)
        (done,) = at.told(bus.ClaimFulfilled)
        assert done.outcome is Outcome.FULFILLED
        (receipt,) = [each for each in done.receipts if each.action == "ask"]
        assert (receipt.system, receipt.count, receipt.reason) == ("mailer", 0, "done")
        assert sum(each.count for each in done.receipts) == 5, "what was erased here is told as it was"
        assert "mailer" in at.texts()[-1]
        assert at.told(bus.ClaimCompleted)
        assert vendor.effects == 1
        assert "ann@example.org" not in "".join(event.model_dump_json() for event in at.events)


def test_a_death_between_asking_and_its_receipt_has_one_effect(tmp_path: Path, shop: Shop, vendor: Processor) -> None:
    settings = "[controllers.axigen.approval]\nofficers = 0\n" + delegates(mailer=hook(vendor))
    with house(home_with(shop, tmp_path, settings)) as at:
        at.mail(AXIGEN, "Please delete all my personal data.")
        at.relay_is_down = True
        vendor.trouble = (503, {}, {})
        at.follow_link()
        vendor.trouble = None
        at.receipts_lost = 1
        at.later(minutes=2)
        assert vendor.effects == 1
        vendor.finished = True
        at.later(minutes=10)
        at.later(minutes=10)
        assert at.told(bus.ClaimFulfilled)
        assert vendor.effects == 1


def test_somebody_unknown_here_is_asked_for_elsewhere_with_the_same_yes(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    vendor.finished = True
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        erase(at, "nobody@example.org")
        (task,) = tasks(at)
        assert task.reason == "approve_erasure"
        assert not vendor.asked
        settle(at, task)
        assert at.told(bus.ClaimFulfilled)
        assert "found no data about you" not in at.texts("nobody@")[-1]


def test_silence_becomes_a_task_in_time_that_names_the_delegate(tmp_path: Path, shop: Shop, vendor: Processor) -> None:
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        days = 0
        while not tasks(at):
            at.later(days=1)
            days += 1
            assert days < 40
        (task,) = tasks(at)
        assert task.reason == "delegate_silent"
        assert "mailer is to be settled with by hand" in "".join(preview(shown(at, task)))
        assert at.clock.now() < at.told(bus.ClaimRouted)[-1].due, "there is time left for a human"
        settle(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert [each.reason for each in done.receipts if each.action == "ask"] == ["by_hand"]
        assert sum(each.count for each in done.receipts) == 5


def test_a_refusal_is_a_task_and_a_vendor_without_interface_another(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    vendor.refuses = True
    settings = delegates(mailer=hook(vendor), paper="task:", cdp=f"opendsr+http://u:s@{vendor.host}/v2")
    with house(home_with(shop, tmp_path, settings)) as at:
        erase(at)
        settle(at, tasks(at)[0])
        at.later(hours=1)
        told = {(task.reason, shown(at, task)["delegate"]) for task in tasks(at)}
        assert told == {
            ("delegate_refused", "mailer"), ("delegate_by_hand", "paper"), ("delegate_refused", "cdp"),
        }  # fmt: skip
        for task in tasks(at):
            assert not at.told(bus.ClaimFulfilled)
            settle(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        asked = {each.system: each.reason for each in done.receipts if each.action == "ask"}
        assert asked == {"mailer": "by_hand", "paper": "by_hand", "cdp": "by_hand"}


def test_what_a_human_settles_and_what_answers_late_are_both_waited_for(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor), paper="task:"))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        (task,) = tasks(at)
        settle(at, task)
        at.later(days=1)
        assert not tasks(at), "what was settled by hand is not asked for again"
        assert not at.told(bus.ClaimFulfilled)
        vendor.finished = True
        at.later(days=1)
        (done,) = at.told(bus.ClaimFulfilled)
        asked = {each.system: each.reason for each in done.receipts if each.action == "ask"}
        assert asked == {"mailer": "done", "paper": "by_hand"}
        assert vendor.effects == 1


def test_a_controller_that_keeps_nothing_itself_asks_those_who_do(tmp_path: Path, vendor: Processor) -> None:
    vendor.finished = True
    connect(tmp_path / "home", "axigen", [AXIGEN], delegates(mailer=hook(vendor)))
    with house(tmp_path / "home") as at:
        erase(at)
        (task,) = tasks(at)
        assert (task.reason, shown(at, task)["delegates"]) == ("approve_erasure", ["mailer"])
        assert not vendor.asked
        settle(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert [(each.system, each.reason) for each in done.receipts] == [("mailer", "done")]


def test_one_that_is_down_is_tried_again_and_after_a_day_a_human_is_called(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    vendor.trouble = (503, {}, {})
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        at.later(hours=1)
        assert not tasks(at)
        at.later(hours=25)
        assert [task.reason for task in tasks(at)] == ["delegate_silent"]


def test_who_is_not_asked_for_a_right_hears_nothing_of_it(tmp_path: Path, shop: Shop, vendor: Processor) -> None:
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        at.follow_link()
        assert at.told(bus.ClaimFulfilled)
        assert not vendor.asked


def test_a_request_that_is_taken_back_is_asked_of_nobody_any_more(
    tmp_path: Path, shop: Shop, vendor: Processor
) -> None:
    vendor.trouble = (503, {}, {})
    with house(home_with(shop, tmp_path, delegates(mailer=hook(vendor)))) as at:
        erase(at)
        settle(at, tasks(at)[0])
        at.mail(AXIGEN, "I withdraw my request, please keep my data.")
        assert at.told(bus.ClaimWithdrawn)
        vendor.trouble = None
        at.later(days=1)
        assert vendor.effects == 0
        assert not at.told(bus.ClaimFulfilled)


def test_what_a_delegate_found_is_a_humans_to_hand_over(tmp_path: Path, shop: Shop, vendor: Processor) -> None:
    vendor.finished, vendor.results = True, "https://vendor.example/results/1"
    settings = delegates(mailer=hook(vendor)) + 'rights = ["access"]\n'
    with house(home_with(shop, tmp_path, settings)) as at:
        at.mail(AXIGEN, "Please send me a copy of my data.")
        at.follow_link()
        (task,) = tasks(at)
        assert task.reason == "delegate_results"
        assert "https://vendor.example/results/1" in "".join(preview(shown(at, task)))
        settle(at, task)
        assert at.told(bus.ClaimCompleted)
