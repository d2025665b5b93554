"""A shop and a sales desk that knows people only by the shop's numbers; either may come back from a backup."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.cli.reapply import reapply
from tests.journeys.shop import Shop, home_with

CRM_MAP = """\
system: crm
tables:
  contacts:
    key: id
    erase: delete
    fields:
      id: {}
      customer: {from: "shop:customers.id"}
      remark: {category: user.content}
"""
CRM = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, customer TEXT, remark TEXT);
INSERT INTO contacts VALUES (7, '1', 'Ann likes to be called in the morning'), (8, '2', 'Bob never answers');
"""


@dataclass
class Places:
    """The two systems, and the home that connects them."""

    shop: Shop
    crm: Path
    home: Path
    folder: Path

    def contacts(self) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.crm)) as database:
            return database.execute("SELECT * FROM contacts ORDER BY id").fetchall()

    def back_up(self) -> None:
        for path in (self.shop.path, self.crm):
            shutil.copy(path, path.with_suffix(".backup"))

    def restore(self, *paths: Path) -> None:
        for path in paths:
            shutil.copy(path.with_suffix(".backup"), path)

    def reapply(self, *args: str, since: str = "2020-01-01") -> tuple[int, dict[str, Any]]:
        """Run the command, and return its status and what it printed."""
        told = CliRunner().invoke(reapply, ["--home", str(self.home), "--since", since, "--json", *args])
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
        return told.exit_code, json.loads(told.stdout) if told.stdout.startswith("{") else {"said": told.output}


def places(folder: Path, more: str = "", marker: bool = False) -> Places:
    """Make the systems and the home."""
    shop = Shop(folder / "shop.db")
    crm = folder / "crm.db"
    with closing(sqlite3.connect(crm)) as database, database:
        database.executescript(CRM)
    (folder / "crm.yml").write_text(CRM_MAP, encoding="utf-8")
    systems = f'{more}\n[controllers.axigen.systems.crm]\nmap = "{folder}/crm.yml"\nconnect = "sqlite:///{crm}"\n'
    if marker:
        systems += 'restore_marker = "habeas_marker"\n'
        with closing(sqlite3.connect(crm)) as database, database:
            database.execute("CREATE TABLE habeas_marker (name VARCHAR(20) PRIMARY KEY, moment VARCHAR(40))")
            database.execute("INSERT INTO habeas_marker VALUES ('habeas', '')")
    return Places(shop, crm, home_with(shop, folder, systems), folder)


@contextmanager
def written(path: Path) -> Iterator[sqlite3.Connection]:
    """Write to a system, as its own users do."""
    with closing(sqlite3.connect(path)) as database, database:
        yield database
