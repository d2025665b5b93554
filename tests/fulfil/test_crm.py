"""Ann shares a household and a phone number with Bob, mails with him, and has an invoice that the law keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fulfil.asking import ask
from tests.fulfil.places import SAMPLES, Place, changed, place

__all__ = ["place"]


@pytest.fixture
def crm(place: Place) -> Place:
    nested = {"sqlite": "TEXT", "postgresql": "jsonb"}.get(place.url.partition(":")[0], "JSON")
    place.run((SAMPLES / "crm.sql").read_text().replace("JSONTYPE", nested))
    return place


def options(crm: Place, *identities: str) -> list[str]:
    named = identities or ("email=ann@x.org",)
    return ["--map", str(SAMPLES / "crm.yml"), "--connect", f"crm={crm.url}", "--identity", *named]


def test_a_phone_two_people_share_does_not_hand_out_the_other_one(crm: Place) -> None:
    answer = ask("access", *options(crm, "email=ann@x.org", "phone=+471"))
    assert answer.ids("crm.contact") == {1}
    assert "somebody else" in answer.withheld("crm.contact")[2]


def test_her_own_second_address_inside_nested_data_finds_her(crm: Place) -> None:
    assert ask("access", *options(crm, "email=b2@x.org")).ids("crm.contact") == {1}


def test_each_element_of_an_array_is_one_persons(crm: Place, tmp_path: Path) -> None:
    ask("access", *options(crm), "--out", tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out/crm/mail.jsonl").read_text().splitlines()]
    copies = {line["id"]: line["doc"]["cc"] for line in lines}
    assert copies[3] == [{"email": "ann@x.org", "name": "Ann"}, "[another person]"]
    assert copies[1] == ["[another person]"]


def test_erasure_keeps_what_law_and_other_people_need(crm: Place) -> None:
    before = crm.dump()
    answer = ask("erasure", *options(crm), "--yes")
    assert (answer.exit, answer.status) == (0, "complete")
    kept = {entry["no"]: entry for entry in answer.tables["crm.invoice"]["withheld"]}
    assert (kept[10]["reason"], kept[10]["until"]) == ("kept: bookkeeping law", "2034-01-01")
    assert "shared" in answer.withheld("crm.household")[1]
    after = crm.dump()
    assert changed(before, after) == {
        "contact": {"1"}, "invoice": {"12"}, "log": {"1"}, "mail": {"1", "2", "3"}, "prefs": {"1"}, "token": {"1"},
    }  # fmt: skip
    assert not [row for row in after["log"] if row[0] == "1"]
    assert not [row for row in after["token"] if row[1] == "1"]
    everything = str(after)
    assert "ann@x.org" not in everything
    assert "dan@x.org" in everything


def test_replacements_keep_the_tables_own_conditions(crm: Place) -> None:
    ask("erasure", *options(crm), "--yes")
    ann = next(row for row in crm.dump()["contact"] if row[0] == "1")
    assert (ann[3], ann[4]) == ("erased", "x")
    assert ann[1].endswith("@erased.invalid")
