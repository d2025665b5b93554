"""The whole table of what each shipped policy says: not a promise more, not one less, and each where it stands.

The table was written by reading the five texts sentence by sentence. Whoever changes a record changes the table in the
same pull request, and so says twice what a controller is bound to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.router.core.policy.model import Policy, Promise
from services.router.policies import load, shipped_root

TABLE = Path(__file__).with_name("promises_of_the_shipped.tsv")
QUOTED_CHARACTERS = 70

Line = tuple[str, str, str]


def said() -> Iterator[tuple[str, list[Line]]]:
    """Yield each version's name with its lines."""
    name, lines = "", []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("["):
            if name:
                yield name, lines
            name, lines = line.strip("[]"), []
        elif line and not line.startswith("#"):
            kind, value, quote = line.split("\t")
            lines.append((kind, value, quote))
    yield name, lines


SAID = dict(said())


def policies() -> dict[str, Policy]:
    """Return every version that habeas ships with."""
    base = load([shipped_root()])
    return {f"{name}/{policy.version}": policy for name in base.controllers for policy in base.policies[name]}


def line_of(promise: Promise) -> Line:
    """Return a promise as the table writes it."""
    value = json.dumps(dict(promise.value), ensure_ascii=False, sort_keys=True)
    return promise.kind.value, value, " ".join(promise.quote.split())[:QUOTED_CHARACTERS]


def test_the_table_names_every_version_that_is_shipped() -> None:
    assert set(SAID) == set(policies())
    assert sum(map(len, SAID.values())) > 270


@pytest.mark.parametrize("name", SAID)
def test_a_policy_says_all_of_its_table_and_nothing_else(name: str) -> None:
    assert sorted(map(line_of, policies()[name].promises)) == sorted(SAID[name])


@pytest.mark.parametrize("name", SAID)
def test_every_promise_of_the_table_is_confirmed_and_proved_by_its_clause(name: str) -> None:
    policy = policies()[name]
    for promise in policy.promises:
        clause = policy.clause(promise.clause)
        assert promise.confirmed
        assert clause is not None
        assert clause.citable
        assert promise.start < clause.end  # a promise made by a heading belongs to the clause below it
        assert policy.text[promise.start : promise.end] == promise.quote
