"""A scenario: databases and maps as a stranger would write them, whom to look for, and what must come out.

One YAML file each in `cases/`. `systems` holds the script of each database, `maps` the maps as text. `found` lists per
table the first key column of the rows that access hands out, `withheld` those it names with a word of the reason;
`erased` lists per table the first column of the rows that differ after an erasure, `kept` those it names as kept back,
`after` whole rows afterwards. `keyless` counts the rows of tables that have no key, found and erased alike; `counted`
says that all rows are compared by number alone, because their keys are written differently by each database. What is
not listed must be empty, and every other row of every table as it was.
`access: refused`, with `status: refused`, says that neither right is carried out: nothing is handed out or changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fulfil.places import KINDS, Place

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
TYPES = {
    "sqlite": {"json": "TEXT", "blob": "BLOB", "uuid": "TEXT", "moment": "TEXT", "small": "SMALLINT", "bool": "BOOLEAN",
               "mood": "VARCHAR(10) CHECK (mood IN ('happy', 'unknown'))", "joined": "first || '!'"},
    "postgresql": {"json": "JSONB", "blob": "BYTEA", "uuid": "UUID", "moment": "TIMESTAMPTZ", "small": "SMALLINT",
                   "bool": "BOOLEAN", "mood": "mood", "joined": "first || '!'"},
    "mariadb": {"json": "JSON", "blob": "VARBINARY(200)", "uuid": "UUID", "moment": "DATETIME", "small": "SMALLINT",
                "bool": "BOOLEAN", "mood": "ENUM('happy', 'unknown')", "joined": "CONCAT(first, '!')"},
}  # fmt: skip
HEX = {"sqlite": "X'{}'", "postgresql": "'\\x{}'::bytea", "mariadb": "X'{}'"}


@dataclass(frozen=True)
class Scenario:
    """One case file."""

    name: str
    said: dict[str, Any]

    def map_files(self, folder: Path) -> list[Path]:
        """Write the maps."""
        files = []
        for n, text in enumerate(self.said["maps"]):
            files.append(folder / f"map{n}.yml")
            files[-1].write_text(text, encoding="utf-8")
        return files

    def rows(self, what: str) -> dict[str, set[str]]:
        """Rows by table, as text; tables with none are left out."""
        return {t: {str(r) for r in rows} for t, rows in self.said.get(what, {}).items() if rows}


def scenarios() -> list[Scenario]:
    """Read every case."""
    return [Scenario(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in CASES]


def script_for(kind: str, script: str) -> str:
    """Write a script in one database's words: `{json}` and its like are types, `{hex:00ff}` bytes, "x" a name."""
    for word, declared in TYPES[kind].items():
        script = script.replace("{" + word + "}", declared)
    script = re.sub(r"\{hex:([0-9a-f]*)\}", lambda m: HEX[kind].format(m.group(1)), script)
    script = re.sub(r"^-- not " + kind + r": .*\n", "", script, flags=re.MULTILINE)
    script = re.sub(r"^-- not \w+: ", "", script, flags=re.MULTILINE)
    script = re.sub(r"^-- only " + kind + r": ", "", script, flags=re.MULTILINE)
    if kind == "mariadb":
        # Names in JSON texts are quoted too; those stand inside single quotes.
        parts = re.split(r"('(?:[^']|'')*')", script)
        script = "".join(p if p.startswith("'") else p.replace('"', "`") for p in parts)
    return script


@dataclass
class World:
    """The databases of one scenario, of one kind."""

    kind: str
    places: dict[str, Place]

    def connections(self) -> list[str]:
        """As --connect takes them."""
        return [f"{name}={place.url}" for name, place in self.places.items()]

    def dump(self) -> dict[str, set[tuple[Any, ...]]]:
        """Every row of every table of every system."""
        return {f"{name}.{t}": rows for name, place in self.places.items() for t, rows in place.dump().items()}


@pytest.fixture(params=KINDS)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], World]:
    """Makes the databases of a scenario."""
    kind: str = request.param

    def made(scenario: Scenario) -> World:
        places = {}
        for n, (name, script) in enumerate(scenario.said["systems"].items()):
            places[name] = _empty(request, kind, tmp_path / f"system{n}.db")
            places[name].run(script_for(kind, script))
        return World(kind, places)

    return made


def _empty(request: pytest.FixtureRequest, kind: str, path: Path) -> Place:
    if kind == "sqlite":
        path.touch()
        return Place(f"sqlite:///{path}")
    if kind == "mariadb":
        from tests.servers import mariadb  # the server starts only where it is asked for

        return Place(mariadb.empty_database(request.getfixturevalue("mariadb_server")))
    from tests.servers.postgres import empty_database  # the server starts only where it is asked for

    return Place(empty_database(request.getfixturevalue("postgres_server")).replace("+psycopg", ""))
