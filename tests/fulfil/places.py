"""Real databases to try on, filled from a script, and compared row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.fulfil.connectors.sql.connector import engine_for

SAMPLES = Path(__file__).parent / "samples"
Rows = dict[str, set[tuple[Any, ...]]]


@dataclass
class Place:
    """One database of a test."""

    url: str

    def run(self, script: str) -> None:
        """Run statements, one by one."""
        engine = engine_for(self.url)
        with engine.begin() as connection:
            for statement in re.split(r";\s*\n", re.sub(r"--.*", "", script)):
                if statement.strip():
                    text = statement.strip().rstrip(";")
                    connection.exec_driver_sql(text if self.url.startswith("sqlite") else text.replace("%", "%%"))
        engine.dispose()

    def dump(self) -> Rows:
        """Return every row of every table."""
        engine = sa.create_engine(engine_for(self.url).url)
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            quote = connection.dialect.identifier_preparer.quote
            found = {
                t: {tuple(map(str, row)) for row in connection.exec_driver_sql(f"SELECT * FROM {quote(t)}")}
                for t in tables
            }
        engine.dispose()
        return found


def changed(before: Rows, after: Rows) -> dict[str, set[str]]:
    """Return the first column of the rows that are not as they were."""
    return {t: {row[0] for row in before[t] - after[t]} for t in before if before[t] != after[t]}


KINDS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        (tmp_path / "target.db").touch()
        yield Place(f"sqlite:///{tmp_path / 'target.db'}")
    elif request.param == "mariadb":
        from tests.servers import mariadb  # the server starts only where it is asked for

        yield Place(mariadb.empty_database(request.getfixturevalue("mariadb_server")))
    else:
        from tests.servers.postgres import empty_database  # the server starts only where it is asked for

        server = request.getfixturevalue("postgres_server")
        yield Place(empty_database(server).replace("+psycopg", ""))
