"""Asking the command line, as an engineer does, and reading what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.cli.fulfil import fulfil


@dataclass
class Answer:
    """What a command said."""

    exit: int
    status: str
    tables: dict[str, Any]
    said: str
    errors: list[str]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The keys found or changed."""
        return list(self.tables[table]["rows"])

    def ids(self, table: str) -> set[Any]:
        """The same, by id."""
        return {row["id"] for row in self.rows(table)}

    def withheld(self, table: str) -> dict[Any, str]:
        """The ids withheld, with their reasons."""
        return {entry["id"]: entry["reason"] for entry in self.tables[table]["withheld"]}


def ask(right: str, *args: str | Path) -> Answer:
    """Run one command with --json."""
    result = CliRunner().invoke(fulfil, [right, *map(str, args), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    said = json.loads(result.stdout) if result.stdout.startswith("{") else {}
    return Answer(
        result.exit_code, said.get("status", ""), said.get("tables", {}), result.output, said.get("errors", [])
    )
