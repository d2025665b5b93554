"""The clock that wakes cases, on both databases: one that is woken for nothing or refuses keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from schemas.rights import Channel, Right
from services.router import service
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.state import Case
from services.router.core.cases.story import CommandRefused
from services.router.core.cases.values import Asked, Assurance, LawChoice
from services.router.desk.looking import Looking
from services.router.service import WAKE_AGAIN, wake_due
from services.router.tables import CASE_EVENTS, CASES
from services.runtime.clock import Clock
from services.runtime.settings import load
from services.runtime.store import Database, Transaction
from services.runtime.vault import master_key_source, open_vault

NOTE = "vault:00000000-0000-4000-8000-000000000001"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def at(database_url: str, tmp_path: Path) -> Iterator[Looking]:
    database = Database(database_url)
    settings = load(tmp_path, None, {"store": database_url})
    opened = open_vault(
        tmp_path, lambda: database.begin("router"), keys_url=settings.keys_url,
        masters=master_key_source(tmp_path, file=settings.master_key),
    )  # fmt: skip
    clock = Clock()
    yield Looking(
        database.store("router"), opened.vault, router_of(settings, opened.vault, clock), clock, "olga", settings
    )
    opened.vault.close()
    database.close()


def carry_out(at: Looking, *commands: c.Command) -> None:
    with at.store.begin() as transaction:
        for command in commands:
            at.router.carry_out(transaction, command, None)


def opening(name: str, law: str = "eu-gdpr") -> c.OpenCase:
    return c.OpenCase(
        case_id=name, cause=f"open-{name}", at=START, controller="hexamail", message_id=f"m-{name}",
        correspondent="correspondent", person="person", channel=Channel.EMAIL, received=START, policy_version="none",
        law=LawChoice(laws=(law,)), subject=NOTE, assurance=Assurance.LINK,
        asked=(Asked(claim_id=f"claim-{name}", right=Right.ACCESS),),
    )  # fmt: skip


def wake(at: Looking, now: datetime) -> int:
    return asyncio.run(wake_due(at.store, at.router, now))


def wake_of(at: Looking, name: str) -> int | None:
    with at.store.begin() as transaction:
        found = transaction.execute(select(CASES.c.wake_ms).where(CASES.c.case_id == name)).scalar_one()
        return None if found is None else int(found)


def told(at: Looking, name: str) -> list[str]:
    with at.store.begin() as transaction:
        query = select(CASE_EVENTS.c.body).where(CASE_EVENTS.c.case_id == name).order_by(CASE_EVENTS.c.sequence)
        return [body.partition('"event":"')[2].partition('"')[0] for body in transaction.execute(query).scalars()]


def test_what_is_woken_for_nothing_does_not_stand_before_the_others(
    at: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WAKES_AT_ONCE", 2)
    carry_out(at, *(opening(f"case-{number}") for number in range(4)))
    early = int(START.timestamp() * 1000)
    with at.store.begin() as transaction:
        stale = update(CASES).where(CASES.c.case_id.in_(["case-0", "case-1"])).values(wake_ms=early)
        transaction.execute(stale)
    right = wake_of(at, "case-3")
    assert wake(at, START + timedelta(hours=1)) == 2
    assert wake(at, START + timedelta(hours=1)) == 0, "looked at once, and set to where they belong"
    assert wake_of(at, "case-0") == right


def test_a_case_that_refuses_is_put_off_and_the_others_are_woken(at: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out(at, opening("case-0"), opening("case-1"))
    carried_out = type(at.router).carry_out

    def broken(router: object, transaction: Transaction, command: c.Command, cause: None) -> Case | None:
        if command.case_id == "case-0":
            raise CommandRefused("transition table", "no")
        return carried_out(at.router, transaction, command, cause)

    monkeypatch.setattr(type(at.router), "carry_out", broken)
    late = START + timedelta(days=60)
    assert wake(at, late) == 2
    assert "DeadlineMissed" in told(at, "case-1")
    assert "DeadlineMissed" not in told(at, "case-0")
    assert wake_of(at, "case-0") == int((late + WAKE_AGAIN).timestamp() * 1000)
    monkeypatch.undo()
    assert wake(at, late + WAKE_AGAIN) == 1
    assert "DeadlineMissed" in told(at, "case-0")


def test_a_law_corrected_and_corrected_back_still_tells_its_deadlines(at: Looking) -> None:
    carry_out(at, opening("case-0"))
    first = wake_of(at, "case-0")
    assert first is not None
    moment = datetime.fromtimestamp(first / 1000, UTC) + timedelta(minutes=1)
    assert wake(at, moment) == 1
    approaching = told(at, "case-0").count("DeadlineApproaching")
    for number, law in enumerate(("br-lgpd", "eu-gdpr")):
        correct = c.CorrectLaw(
            case_id="case-0", cause=f"law-{number}", at=START + timedelta(hours=1), officer="olga",
            law=LawChoice(laws=(law,), because=("corrected",)),
        )  # fmt: skip
        carry_out(at, correct)
    assert wake_of(at, "case-0") == first, "the same moment comes a second time"
    assert wake(at, moment) == 1
    assert told(at, "case-0").count("DeadlineApproaching") == approaching + 1
    assert wake(at, moment) == 0
    assert wake(at, START + timedelta(days=90)) == 1
    assert told(at, "case-0").count("DeadlineMissed") == 1
