"""A question that cannot be answered is refused in one sentence that says what to write instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli.deadline import deadline
from services.router.api.deadlines import answer_lines

GOOD: dict[str, Any] = {
    "id": "G1",
    "regime": "eu-gdpr",
    "calendar": "DE-BE",
    "tz": "Europe/Berlin",
    "right": "access",
    "received": "2026-03-31T09:00:00+02:00",
}


def answered(line: Any) -> dict[str, Any]:
    text = line if isinstance(line, str) else json.dumps(line)
    found: dict[str, Any] = json.loads(next(answer_lines([text])))
    return found


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"regime": "xx-law"}, "unknown law 'xx-law'"),
        ({"regime": None}, "regime is missing"),
        ({"tz": "Mars/Olympus"}, "unknown time zone"),
        ({"tz": "../../etc/passwd"}, "unknown time zone"),
        ({"tz": 7}, "tz must be text"),
        ({"tz": None}, "tz is missing"),
        ({"calendar": "ZZ"}, "unknown calendar"),
        ({"calendar": "DE-QQ"}, "unknown region"),
        ({"right": "teleportation"}, "unknown right"),
        ({"right": None}, "right is missing"),
        ({"received": "31/03/2026"}, "is no date"),
        ({"received": None}, "received is missing"),
        ({"received": "0001-01-01T00:00:00+14:00"}, "out of range"),
        ({"received": "9999-12-31"}, "out of range"),
        ({"received": "2026-02-30"}, "is no date"),
        ({"now": "soon"}, "now 'soon' is no date"),
        ({"events": "none"}, "events must be a list"),
        ({"events": [3]}, "event 1 must be an object"),
        ({"events": [{"t": "2026-04-01"}]}, "event 1 has no type"),
        ({"events": [{"type": "id_requested"}]}, "event 1's t is missing"),
        ({"events": [{"type": "id_requested", "t": "later"}]}, "is no date"),
        ({"promise": "soon"}, "cannot read the period"),
        ({"promise": {"clause": "c1"}}, "promise needs a period"),
        ({"period": "2 months"}, "only for right n/a"),
        ({"undue_delay_working_days": -1}, "whole number"),
        ({"tz": "localtime"}, "unknown time zone"),
        ({"regime": None, "seat": "DE", "person": 5}, "person must be text"),
    ],
)
def test_a_line_with_a_fault_is_answered_with_what_to_write_instead(change: dict[str, Any], says: str) -> None:
    line = {key: value for key, value in (GOOD | change).items() if value is not None}
    found = answered(line)
    assert found["id"] == "G1"
    assert says in found["error"]
    assert set(found) == {"id", "error"}


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "null", "[" * 100_000, '{"id": 1, "received": ' + "9" * 5000 + "}"])
def test_a_line_that_is_no_object_is_refused_without_a_traceback(text: str) -> None:
    assert "error" in answered(text)


def test_an_event_that_the_clock_does_not_know_is_left_out_with_a_warning() -> None:
    found = answered(GOOD | {"events": [{"type": "moon_landing", "t": "2026-04-01"}]})
    assert found["due"] == "2026-04-30"
    assert "moon_landing" in found["warnings"][0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"promis": "14 days"}, "not read, because no such field is known: promis"),
        ({"now": "2026-03-01"}, "now lies before the receipt"),
        ({"events": [{"type": "extension_notified", "t": "2026-04-02", "reasons": "x", "until": "2026-04-10"}]},
         "sooner than the period ends anyway"),
        ({"events": [{"type": "extension_notified", "t": "2026-04-02", "reasons": "x", "until": "2030-01-01"}],
          "due": "2026-06-30"}, "later than the law allows: Tue 30 Jun 2026 binds"),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_line_is_said_beside_its_answer(change: dict[str, Any], says: str) -> None:
    found = answered(GOOD | change)
    assert found["due"] == change.get("due", "2026-04-30")
    assert says in found["warnings"][0]


def test_the_mark_that_some_editors_begin_a_file_with_is_read_over() -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(GOOD).encode()
    assert json.loads(next(answer_lines([raw])))["due"] == "2026-04-30"


def test_a_number_that_json_does_not_know_is_no_json() -> None:
    assert "not JSON" in answered('{"id": NaN}')["error"]


def test_a_bad_line_stops_no_other_and_the_order_is_kept() -> None:
    zones = ["Europe/Berlin", "Nowhere", "Europe/Berlin"]
    lines = [json.dumps(GOOD | {"id": number, "tz": name}) for number, name in enumerate(zones)]
    found = [json.loads(each) for each in answer_lines([*lines, "", "  "])]
    assert [each["id"] for each in found] == [0, 1, 2]
    assert ["error" in each for each in found] == [False, True, False]


def test_the_command_prints_steps_that_can_be_checked_by_hand() -> None:
    line = ["--law", "eu-gdpr", "--received", "2026-03-05T10:00", "--tz", "Europe/Berlin", "--calendar", "DE-BE"]
    found = CliRunner().invoke(deadline, line)
    assert found.exit_code == 0
    assert "due     2026-04-07" in found.output
    assert "Mon 6 Apr 2026 is Easter Monday" in found.output


def test_the_command_answers_lines_from_stdin() -> None:
    found = CliRunner().invoke(deadline, ["--jsonl"], input=json.dumps(GOOD) + "\nnonsense\n")
    assert found.exit_code == 0
    assert [json.loads(each).get("due") for each in found.output.splitlines()] == ["2026-04-30", None]


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["--law", "eu-gdpr"],
        ["--law", "nolaw", "--received", "2026-03-05", "--tz", "Europe/Berlin"],
        ["--law", "eu-gdpr", "--received", "2026-03-05", "--tz", "Europe/Berlin", "--event", "id_requested"],
    ],
)
def test_the_command_refuses_a_faulty_question_with_one_line_and_status_2(line: list[str]) -> None:
    found = CliRunner().invoke(deadline, line)
    assert found.exit_code == 2
    assert "Error:" in found.output
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("spelling", "suspended"),
    [
        ("id_requested|id_received", 6),
        ("identity_requested|identity_received", 6),
        ("IdentityRequested|IdentityConfirmed", 6),
        ("identity-verification asked|identity verified", 6),
        ("verification_requested|verification_completed", 6),
        ("clarification_requested|clarification_received", 6),
        ("clarification_asked|clarification_provided", 6),
        ("noted|noted", 0),
    ],
)
def test_an_event_is_known_by_its_words_not_by_one_spelling(spelling: str, suspended: int) -> None:
    asked, given = spelling.split("|")
    events = [{"type": asked, "t": "2026-04-02"}, {"type": given, "t": "2026-04-08"}]
    assert answered(GOOD | {"events": events})["suspended_days"] == suspended


def test_a_seat_and_a_persons_place_choose_the_laws_and_say_why() -> None:
    line = {key: value for key, value in GOOD.items() if key != "regime"} | {"seat": "CH-VD", "person": "DE"}
    line["received"] = "2026-02-02"
    found = answered(line)
    assert found["law"] == "eu-gdpr"
    assert [reason.partition(":")[0] for reason in found["because"]] == ["ch-fadp", "eu-gdpr"]
    assert "AQ" in answered(line | {"seat": "AQ", "person": None})["error"]
