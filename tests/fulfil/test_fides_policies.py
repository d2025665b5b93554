"""Fides's rules for requests beside its datasets: masked as they say, and a word on what is not followed."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.fulfil.asking import Answer, ask

DATASET = """\
dataset:
  - fides_key: shop
    collections:
      - name: customer
        fides_meta: {partitioning: [{field: id, start: 1}]}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: street, data_categories: [user.contact.address.street]}
          - {name: about, data_categories: [user.content]}
          - name: nick
            data_categories: [user.name]
            fides_meta: {masking_strategy_override: {strategy: null_rewrite}}
          - {name: shoe, data_categories: [system.operations]}
      - name: scratch
        fides_meta: {skip_processing: true}
        fields: [{name: a}]
"""
POLICY = """\
policies:
  - key: erase
    rules:
      - name: contact
        action_type: erasure
        masking_strategy: {strategy: string_rewrite, configuration: {rewrite_value: GONE}}
        targets: [{data_category: user}]
      - name: street
        action_type: erasure
        masking_strategy: {strategy: hash, configuration: {algorithm: SHA-512}}
        targets: [{data_category: user.contact.address}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.executescript(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, email TEXT, street TEXT, about TEXT, nick TEXT, shoe TEXT);"
            "INSERT INTO customer VALUES (1, 'ann@x.org', 'High Street', 'likes tea', 'Annie', '38'),"
            " (2, 'bob@x.org', 'Low Street', 'likes ale', 'Bob', '44');"
        )
    (tmp_path / "shop.yml").write_text(DATASET)
    return tmp_path


def row(folder: Path, key: int) -> tuple[Any, ...]:
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        found: tuple[Any, ...] = database.execute("SELECT * FROM customer WHERE id = ?", (key,)).fetchone()
        return found


def erase(folder: Path, policy: str, name: str = "policy.yml") -> Answer:
    (folder / name).write_text(policy)
    maps = ["--map", folder / "shop.yml", folder / name]
    return ask("erasure", *maps, "--connect", f"shop=sqlite:///{folder / 'shop.db'}", "--identity", "email=ann@x.org",
               "--yes")  # fmt: skip


def test_what_a_rule_targets_is_masked_its_way_the_most_specific_one_first(shop: Path) -> None:
    bob = row(shop, 2)
    answer = erase(shop, POLICY)
    assert (answer.exit, answer.status) == (0, "complete")
    _, email, street, about, nick, shoe = row(shop, 1)
    assert (email, about, nick, shoe) == ("GONE", "GONE", None, "38")
    assert street not in {"High Street", "GONE", None}
    assert row(shop, 2) == bob


def test_what_no_rule_targets_is_erased_all_the_same(shop: Path) -> None:
    erase(shop, POLICY.replace("data_category: user}", "data_category: user.contact.email}"))
    assert row(shop, 1)[1] == "GONE"
    assert row(shop, 1)[3] is None


def test_json_is_read_as_well(shop: Path) -> None:
    rule = {"name": "r", "action_type": "erasure", "masking_strategy": {"strategy": "null_rewrite"},
            "targets": [{"data_category": "user"}]}  # fmt: skip
    erase(shop, json.dumps({"policies": [{"key": "k", "rules": [rule]}]}), "policy.json")
    assert row(shop, 1)[1:5] == (None, None, None, None)


def test_what_is_not_followed_is_said_with_its_line(shop: Path) -> None:
    more = (
        "    execution_timeframe: 7\n    colour: red\npolicy:\n  - fides_key: uses\n    rules:\n      - name: no ads\n"
        "        data_uses: {matches: ANY, values: [marketing]}\nrules:\n  - name: look\n    action_type: access\n"
        "    targets: [{data_category: user.contact}]\n"
    )
    notes = " ".join(json.loads(erase(shop, POLICY + more).said)["notes"])
    for line, word in ((13, "colour"), (17, "about uses of data"), (20, "gets all that is theirs")):
        assert f"policy.yml:{line}: " in notes
        assert word in notes


@pytest.mark.parametrize(
    ("old", "new", "line", "hint"),
    [
        ("action_type: erasure", "action_type: erase", 5, "erasure"),
        ("strategy: string_rewrite", "strategy: shred", 6, "string_rewrite"),
        ("data_category: user}", "category: user}", 7, "data_category"),
        ("{strategy: string_rewrite, configuration: {rewrite_value: GONE}}", "{strategy: string_rewrite}", 6, "value"),
    ],
)
def test_a_rule_that_cannot_be_read_names_line_and_remedy(shop: Path, old: str, new: str, line: int, hint: str) -> None:
    before = row(shop, 1)
    answer = erase(shop, POLICY.replace(old, new, 1))
    assert answer.exit == 2
    assert f"policy.yml:{line}: " in answer.said
    assert hint in answer.said
    assert row(shop, 1) == before
