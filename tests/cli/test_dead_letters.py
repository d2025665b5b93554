"""`habeas dead-letters`, as an operator meets it, on both databases."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.envelope import Envelope
from services.cli.dead_letters import dead_letters
from services.runtime.failures import Failure
from services.runtime.settings import RetrySettings
from services.runtime.store import Database, JobOrder, Transaction
from services.runtime.store.jobs import claim, park
from services.runtime.worker.flood import FloodGate
from services.runtime.worker.held import try_held
from services.runtime.worker.turn import Turn
from tests.contract.store.events import event, number_of, record, slice_of


class Handler:
    """Fails on number 0 while broken."""

    def __init__(self) -> None:
        self.broken = True
        self.handled: list[int] = []

    def __call__(self, transaction: Transaction, envelope: Envelope) -> None:
        if self.broken and number_of(envelope) == 0:
            raise KeyError("a.person@example.org")
        self.handled.append(number_of(envelope))

    def turn(self) -> Turn:
        settings = RetrySettings()
        return Turn("router", self, settings, FloodGate(settings), random.Random(1))


@pytest.fixture
def handler(database: Database) -> Handler:
    """A handler that parked the first of three events of one case."""
    found = Handler()
    with database.begin("router") as transaction:
        found.turn().take(transaction, [slice_of(*[record(n, event("case-1", n)) for n in range(3)])])
    return found


def run(url: str, home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dead_letters, [*arguments, "--store", url, "--home", str(home)])


def try_again(database: Database, handler: Handler) -> None:
    with database.begin("router") as transaction:
        try_held(transaction, handler.turn())


def test_the_list_shows_cause_key_and_what_waits_behind(database_url: str, tmp_path: Path, handler: Handler) -> None:
    shown = run(database_url, tmp_path, "list", "--json")
    (letter,) = [json.loads(line) for line in shown.output.splitlines()]
    assert (letter["id"], letter["cause"], letter["key"], letter["behind"]) == ("router:1", "KeyError", "case-1", 2)
    table = run(database_url, tmp_path, "list").output
    assert "router:1" in table
    assert "example.org" not in table + shown.output


def test_show_gives_headers_and_content(database_url: str, tmp_path: Path, handler: Handler) -> None:
    letter = json.loads(run(database_url, tmp_path, "show", "router:1", "--json").output)
    assert letter["headers"]["ce_type"] == "habeas.CaseJoined"
    assert json.loads(letter["content"])["case_id"] == "case-1"


def test_a_replayed_letter_goes_first_and_the_rest_follow(
    database_url: str, database: Database, tmp_path: Path, handler: Handler
) -> None:
    handler.broken = False
    assert run(database_url, tmp_path, "replay", "router:1").exit_code == 0
    try_again(database, handler)
    assert handler.handled == [0, 1, 2]
    assert run(database_url, tmp_path, "list").output == "No dead letters.\n"


def test_a_discarded_letter_lets_the_rest_go_on_and_leaves_a_record(
    database_url: str, database: Database, tmp_path: Path, handler: Handler
) -> None:
    assert run(database_url, tmp_path, "discard", "router:1", "--reason", "a trial event").exit_code == 0
    try_again(database, handler)
    assert handler.handled == [1, 2]
    with database.begin("router") as transaction:
        (row,) = transaction.execute(transaction.tables.discarded.select())
    assert (row.event_id, row.cause, row.reason) == (event("case-1", 0).id, "KeyError", "a trial event")


def test_a_parked_job_is_listed_and_replayed(database_url: str, database: Database, tmp_path: Path) -> None:
    with database.begin("intake") as transaction:
        transaction.order(JobOrder("letter-1", "send", "case-1"))
    with database.begin("intake") as transaction:
        (job,) = claim(transaction, ["send"], "me", 1000, 5)
        park(transaction, job, "me", Failure("RelayRefused"))
    assert "intake:job:letter-1" in run(database_url, tmp_path, "list").output
    shown = run(database_url, tmp_path, "show", "intake:job:letter-1", "--json").output
    assert isinstance(json.loads(json.loads(shown)["content"]), dict)
    assert run(database_url, tmp_path, "replay", "--cause", "RelayRefused").exit_code == 0
    with database.begin("intake") as transaction:
        assert [job.id for job in claim(transaction, ["send"], "me", 1000, 5)] == ["letter-1"]


@pytest.mark.parametrize(
    "id_", ["router:99", "nowhere:1", "router:", "router:x", "router:job:none", "router:" + "9" * 40]
)
def test_an_id_that_is_not_there_is_one_clear_line(database_url: str, tmp_path: Path, id_: str) -> None:
    for command in (["replay", id_], ["show", id_], ["discard", id_, "--reason", "x"]):
        done = run(database_url, tmp_path, *command)
        assert done.exit_code == 1
        assert "habeas dead-letters list" in done.output
        assert "Traceback" not in done.output


def test_replaying_nothing_in_particular_is_a_usage_fault(database_url: str, tmp_path: Path) -> None:
    assert run(database_url, tmp_path, "replay").exit_code == 2


def test_a_folder_without_habeas_is_said_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(dead_letters, ["list", "--home", str(tmp_path / "nowhere")])
    assert (done.exit_code, "--home" in done.output) == (1, True)
