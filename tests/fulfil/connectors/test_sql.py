"""The SQL connector keeps the contract on every database we can start."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from services.fulfil.connectors.sql.connector import SqlConnector, engine_for
from tests.fulfil.connectors.contract import FIELDS, PEOPLE, ConnectorContract, World
from tests.fulfil.places import Place, place

__all__ = ["place"]
JSON_TYPES = {"sqlite": "TEXT", "postgresql": "jsonb"}


class TestSql(ConnectorContract):
    """SQLite, PostgreSQL and MariaDB."""

    @pytest.fixture
    def world(self, place: Place) -> Iterator[World]:
        """People in a table."""
        engine = engine_for(place.url)
        nested = JSON_TYPES.get(engine.dialect.name, "JSON")
        place.run(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80), name VARCHAR(80), boss INTEGER, "
            f"profile {nested})"
        )
        names = ", ".join(f":{field}" for field in FIELDS)
        with engine.begin() as connection:
            for row in PEOPLE:
                values = {**dict(zip(FIELDS, row, strict=True)), "profile": json.dumps(row[-1])}
                connection.execute(sa.text(f"INSERT INTO people VALUES ({names})"), values)

        def look() -> dict[int, dict[str, Any]]:
            with engine.connect() as connection:
                return {row.id: dict(row._mapping) for row in connection.execute(sa.text("SELECT * FROM people"))}

        connector = SqlConnector("people", place.url)
        yield World(connector, look)
        connector.close()
        engine.dispose()
