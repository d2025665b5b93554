"""A system that does not answer is waited for: the person's claim is not given up, and an officer sees why it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from schemas import events as bus
from schemas.rights import Right
from services.cli.case_look import show
from services.runtime.failures import failure_of, is_tried_again
from services.runtime.settings import RetrySettings
from tests.journeys.shop import Shop, home_with
from tests.journeys.walk import House, house

AXIGEN = "data-protection@axigen.com"
ASKED = {
    Right.ACCESS: "Please send me a copy of my data.",
    Right.PORTABILITY: "Please give me the data I provided in a machine-readable format, under Article 20.",
    Right.ERASURE: "Please delete all my personal data.",
    Right.RESTRICTION: "Please restrict the processing of my data under Article 18.",
    Right.RECTIFICATION: "My name is wrong in your records: please correct it to Anna Ash.",
    Right.UNSUBSCRIBE: "Unsubscribe me from all your mailing lists.",
    Right.OBJECTION: "I object to the processing of my data for direct marketing.",
}


@contextmanager
def gone(shop: Shop) -> Iterator[None]:
    """The shop's database cannot be reached."""
    aside = shop.path.with_suffix(".away")
    shop.path.rename(aside)
    shop.path.mkdir()
    try:
        yield
    finally:
        shop.path.rmdir()
        aside.rename(shop.path)


def asked(at: House, right: Right) -> None:
    at.mail(AXIGEN, ASKED[right])
    if at.told(bus.IdentityRequested):
        at.follow_link()
    assert at.told(bus.ClaimRouted)[-1].right is right


def shown(at: House, home: Path) -> str:
    told = CliRunner().invoke(show, [at.case().case_id, "--home", str(home)])
    assert told.exception is None, told.exception
    return told.output


@pytest.mark.parametrize("right", list(ASKED))
def test_every_right_waits_for_a_system_that_is_away_and_goes_on_when_it_is_back(right: Right, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path)
    with house(home) as at:
        with gone(shop):
            asked(at, right)
            for _ in range(12):
                at.later(hours=4)
            assert not at.told(bus.TaskOpened)
            assert not at.told(bus.ClaimFulfilled)
            assert "WAITS for shop to answer, tried 13 times" in shown(at, home)
        at.later(hours=1)
        assert at.told(bus.ClaimFulfilled) or at.told(bus.TaskOpened)[-1].reason.startswith(("approve", "weigh"))
        assert "WAITS" not in shown(at, home)


def test_a_human_is_called_for_an_outage_in_time_before_the_claim_is_due(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    with house(home_with(shop, tmp_path)) as at, gone(shop):
        asked(at, Right.ACCESS)
        for _ in range(40):
            at.later(days=1)
            if at.told(bus.TaskOpened):
                break
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == "system_unavailable"
        assert 2 <= (task.due - at.clock.now()).days <= 3


def test_what_a_system_refuses_goes_to_a_human_at_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    home = home_with(shop, tmp_path)
    shop.execute("DROP TABLE orders;")
    with house(home) as at:
        asked(at, Right.ACCESS)
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == "access_incomplete"


def test_a_refusal_beside_an_outage_is_for_a_human_too(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    second = Shop(tmp_path / "second.db")
    second.execute("DROP TABLE orders;")
    home = home_with(shop, tmp_path)
    (tmp_path / "second.yml").write_text((tmp_path / "shop.yml").read_text().replace("system: shop", "system: second"))
    with (home / "habeas.toml").open("a") as settings:
        settings.write(f'[controllers.axigen.systems.second]\nmap = "{tmp_path}/second.yml"\n')
        settings.write(f'connect = "sqlite:///{second.path}"\n')
    with house(home) as at, gone(shop):
        asked(at, Right.ACCESS)
        (task,) = at.told(bus.TaskOpened)
        assert task.reason == "access_incomplete"


def test_an_outage_is_borne_for_days_and_a_job_that_fails_by_itself_for_its_tries_only() -> None:
    from services.runtime.failures import Retry

    settings, hour_ms = RetrySettings(), 3_600_000
    away, fault = failure_of(Retry("SystemUnavailable: shop", outage=True)), failure_of(Retry("ErasureIncomplete"))
    assert is_tried_again(settings, 100, away, 100 * hour_ms)
    assert not is_tried_again(settings, 100, away, 121 * hour_ms)
    assert not is_tried_again(settings, settings.tries_max, fault, hour_ms)
