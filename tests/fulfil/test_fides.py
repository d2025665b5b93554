"""Fides dataset files are read as they are: what is new in them is remarked on, what is wrong names its line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.fulfil.asking import ask

DATASET = """
dataset:
  - fides_key: store
    tomorrow: 1
    collections:
      - name: person
        retention: three years
        fides_meta:
          skip_procesing: true
        fields:
          - name: id
            fides_meta: {primary_key: true}
          - name: email
            data_categories: [user.contact.email]
            fides_meta: {identity: email, colour: red}
          - name: crm_id
            fides_meta:
              references: [{dataset: crm, field: lead.id, direction: to}]
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.executescript(
            "CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, crm_id TEXT);"
            "INSERT INTO person VALUES (1, 'ann@x.org', 'c1'), (2, 'bob@x.org', 'c2');"
        )
    connection.close()
    return tmp_path


def options(store: Path, text: str) -> list[str | Path]:
    (store / "store.yml").write_text(text)
    url = f"store=sqlite:///{store / 'store.db'}"
    return ["--map", store / "store.yml", "--connect", url, "--identity", "email=ann@x.org", "phone=+491"]


def test_unknown_keys_and_other_datasets_are_remarked_on_and_stop_nothing(store: Path) -> None:
    answer = ask("erasure", *options(store, DATASET), "--yes")
    assert (answer.exit, answer.status) == (0, "complete")
    assert answer.ids("store.person") == {1}
    notes = " ".join(json.loads(answer.said)["notes"])
    for line, word in ((4, "tomorrow"), (7, "retention"), (9, "skip_processing"), (15, "colour"), (18, "crm.lead")):
        assert f"store.yml:{line}: " in notes
        assert word in notes
    assert "phone_number" in notes


@pytest.mark.parametrize(
    ("old", "new", "line", "hint"),
    [
        ("direction: to", "direction: sideways", 18, "from, to"),
        ("field: lead.id", "field: lead", 18, "collection.field"),
        ("primary_key: true", "primary_key: perhaps", 12, "true"),
        ("identity: email", "identity: email, data_type: text", 15, "string"),
        ("identity: email", "identity: email, masking_strategy_override: {strategy: shred}", 15, "hash"),
        ("      - name: person", "      - title: person", 6, "name"),
        ("fides_key: store", "fides_kee: store", 3, "fides_key"),
    ],
)
def test_what_fides_would_refuse_names_line_and_remedy(store: Path, old: str, new: str, line: int, hint: str) -> None:
    answer = ask("access", *options(store, DATASET.replace(old, new, 1)))
    assert answer.exit == 2
    assert f"store.yml:{line}: " in answer.said
    assert hint in answer.said
