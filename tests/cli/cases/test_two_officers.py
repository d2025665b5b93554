"""Two officers who decide about one case at once, on both databases: one decision counts, the other is told why."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.events import MessageReceived, ReviewRequested
from schemas.rights import Channel, Right
from services.router import casebook, reviews
from services.router.api.cases import Desk, Refused, Request
from services.runtime.clock import Clock
from tests.cli.cases.office import Office, days_ago
from tests.journeys.product import WAIT_SECONDS


def at_once(office: Office, *acts: Callable[[Desk], Any]) -> list[Any]:
    """Let each act run at its own desk, all released at the same moment; return what each got or was refused."""
    gate = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def sit(number: int, act: Callable[[Desk], Any]) -> None:
        with office.desk(f"officer-{number}") as at:
            gate.wait(timeout=WAIT_SECONDS)
            try:
                answers[number] = act(at)
            except Refused as refused:
                answers[number] = refused

    threads = [threading.Thread(target=sit, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=2 * WAIT_SECONDS)
    return answers


def test_of_two_refusals_at_once_one_counts_and_the_other_hears_who_was_first(both: Office) -> None:
    name = both.open("access", identified="known_customer")["case"]
    answers = at_once(
        both,
        *(lambda at: at.refuse(name, None, "excessive", "The tenth time this year.") for _ in range(2)),
    )
    (refused,) = [each for each in answers if isinstance(each, Refused)]
    (winner,) = [number for number, each in enumerate(answers) if not isinstance(each, Refused)]
    assert "cannot be refused any more" in str(refused)
    assert f"by officer officer-{winner}" in str(refused)
    told = [each for each in both.show(name)["timeline"] if each["event"] == "ClaimRefused"]
    assert len(told) == 1


def test_decisions_that_do_not_exclude_each_other_are_both_kept(both: Office) -> None:
    name = both.open("access", identified="known_customer")["case"]
    answers = at_once(
        both,
        *(lambda at, n=n: at.note(name, f"note {n}") for n in range(4)),  # type: ignore[misc]
        lambda at: at.assign(name, "per"),
    )
    assert not [each for each in answers if isinstance(each, Refused)]
    shown = both.show(name)
    noted = [each["words"] for each in shown["timeline"] if each["event"] == "NoteAdded"]
    assert sorted(noted) == [["note 0"], ["note 1"], ["note 2"], ["note 3"]]
    assert shown["officer"] == "per"
    assert shown["version"] == len(shown["timeline"])


def test_a_decision_on_what_was_seen_is_refused_once_the_case_changed(both: Office) -> None:
    name = both.open("access", identified="known_customer")["case"]
    seen = str(both.show(name)["version"])
    both.run("note", name, "The person called and withdrew half of it.", officer="per")
    before = both.show(name)
    said = both.refused("refuse", name, "--ground", "excessive", "--reasons", "Again.", "--seen", seen)
    assert f"it is at version {before['version']}, you saw {seen}" in said
    assert "note added by officer per" in said
    assert both.show(name) == before
    both.run("refuse", name, "--ground", "excessive", "--reasons", "Again.", "--seen", str(before["version"]))


def test_the_same_letter_typed_in_by_two_officers_is_one_case(both: Office) -> None:
    received = Clock().now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    letter = Request("axigen", (Right.ACCESS,), received, Channel.LETTER, email="ann@example.org", reference="letter 7")

    def type_in(at: Desk) -> Any:
        return at.open(letter)

    answers = at_once(both, type_in, type_in)
    assert {each["how"] for each in answers} == {"opened", "known"}
    assert len({each["case"] for each in answers}) == 1
    assert len(both.json("list", "--state", "all")) == 1


@pytest.mark.parametrize(("how", "last_look"), [("opened", "open_case_of"), ("joined", "known")])
def test_who_is_overtaken_after_the_last_look_hears_that_the_letter_is_known(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, last_look: str
) -> None:
    # SQLite lets nobody else write between one officer's look and the same officer's writing.
    office = Office(tmp_path, postgres_url)
    if how == "joined":
        office.open("access", received=days_ago(9))
    on = Clock().now() - timedelta(days=2)
    letter = Request("axigen", (Right.ERASURE,), on, Channel.LETTER, email="ann@example.org", reference="letter 7")
    others: list[Any] = []
    look = getattr(casebook, last_look)

    def overtaken(*given: Any) -> Any:
        seen = look(*given)
        monkeypatch.setattr(casebook, last_look, look)
        with office.desk("per") as at:
            others.append(at.open(letter))
        return seen

    with office.desk() as at:
        monkeypatch.setattr(casebook, last_look, overtaken)
        told = at.open(letter)
    assert [each["how"] for each in others] == [how]
    assert told["how"] == "known"
    assert told["case"] == others[0]["case"]


def test_a_message_is_decided_once(office: Office) -> None:
    with office.desk() as at, at.store.begin() as transaction:
        person = at.vault.recognise("address", "axigen", "ann@example.org")
        body = at.vault.seal(transaction, person, "message", json.dumps({"channel": "email", "text": "Hm."}).encode())
        fields: dict[str, Any] = {"controller": "axigen", "occurred": Clock().now(), "correspondent": "c1"}
        fields |= {"message_id": "m1", "body": body}
        message = MessageReceived(**fields, channel=Channel.EMAIL, received=Clock().now(), person=person, size_bytes=3)
        reviews.add(transaction, ReviewRequested(**fields, review_id="r1", reason="not_clear"), message)
    assert office.json("read", "r1")["text"] == "Hm."
    assert office.run("decide", "r1", "--right", "access") == "decided: access\n"
    assert "decided already: access" in office.refused("decide", "r1", "--none", officer="per")
    assert office.json("reviews") == []


@pytest.mark.parametrize("state", ["open", "all"])
def test_lists_are_the_same_on_both_databases(both: Office, state: str) -> None:
    late = both.open("erasure", received="2026-01-05", identified="known_customer")["reference"]
    soon = both.open("access", person_email="bob@example.org", name="Bob Bay", assign="per", identified="id_seen")[
        "reference"
    ]
    waits = both.open("breach_report", person_email="cid@example.org", received="2026-11-20T10:00")["reference"]
    listed = both.json("list", "--state", state)
    assert listed[0]["reference"] == late
    assert listed[0]["overdue"] is True
    assert [each["reference"] for each in both.json("list", "--right", "erasure")] == [late]
    assert both.json("list", "--overdue")[0]["reference"] == late
    assert {each["reference"] for each in both.json("list", "--due-within", "8w")} == {late, soon, waits}
    assert {each["reference"] for each in both.json("list", "--assigned", "me")} == {late, waits}
    assert both.json("list", "--assigned", "nobody") == []
    assert [each["reference"] for each in both.json("list", "--human")] == [waits]
    both.run("list", "--right", "erasure", "--overdue", "--save", "late-erasures")
    assert [each["reference"] for each in both.json("list", "--filter", "late-erasures")] == [late]
    assert both.json("list", "--filter", "late-erasures", "--controller", "mailpro") == []
    assert both.json("filters") == {"late-erasures": {"overdue": True, "right": "erasure"}}
    assert "there is no filter nothing; saved are: late-erasures" in both.refused("list", "--filter", "nothing")
    assert "is no length of time" in both.refused("list", "--due-within", "soon")
    assert "is no name for a filter" in both.refused("list", "--save", "../x")
    both.run("list", "--forget", "late-erasures")
    assert both.json("filters") == {}
