"""A small shop with a map that says everything: lists, consents, restriction, retention, what the person provided."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.journeys.product import connect

MAP = """\
system: shop
about: The web shop
source: The person, when ordering
recipients: [Parcel Ltd.]
tables:
  customers:
    key: id
    about: Customer records
    fields:
      id: {}
      email: {identity: email, category: user.contact.email}
      name: {category: user.name}
      score: {category: user.behavior, provided: false}
      wants_offers: {consent: offers by mail}
      wants_survey: {consent: {purpose: customer survey, off: 0}}
      blocked: {restriction: {on: 1, off: 0}}
  orders:
    key: id
    about: Orders
    fields:
      id: {}
      customer_id: {from: customers.id}
      note: {category: user.content}
  invoices:
    key: no
    about: Invoices
    retention: {ground: § 147 AO, until: 2031-12-31}
    fields:
      no: {}
      customer_id: {from: customers.id}
      name: {category: user.name}
  subscriptions:
    key: id
    about: Mailings
    list: {by: list_name, set: {status: unsubscribed}}
    fields:
      id: {}
      email: {identity: email, category: user.contact.email}
      list_name: {}
      status: {}
"""

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, score TEXT, wants_offers BOOLEAN DEFAULT 1,
                        wants_survey INTEGER DEFAULT 1, blocked INTEGER DEFAULT 0);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), note TEXT);
CREATE TABLE invoices (no INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), name TEXT);
CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, email TEXT, list_name TEXT, status TEXT DEFAULT 'active');
INSERT INTO customers (id, email, name, score) VALUES (1, 'ann@example.org', 'Ann Ash', 'likes pens'),
                                                      (2, 'bob@example.org', 'Bob Bay', 'likes ink');
INSERT INTO orders VALUES (10, 1, 'a red pen for Ann'), (11, 2, 'blue ink'), (12, 1, 'paper');
INSERT INTO subscriptions (email, list_name) VALUES ('ann@example.org', 'Product news'),
    ('ann@example.org', 'Pen friends'), ('bob@example.org', 'Product news');
"""


class Shop:
    """The database of a controller."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.execute(SCHEMA)

    def execute(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.executescript(script)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(query).fetchall()

    def whole(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything that is in it, to compare before and after."""
        tables = ("customers", "orders", "invoices", "subscriptions")
        return {table: self.rows(f"SELECT * FROM {table} ORDER BY 1") for table in tables}


def home_with(shop: Shop, folder: Path, more: str = "", controller: str = "axigen", inbox: str = "") -> Path:
    """Return a home whose controller keeps its data in the shop."""
    (folder / "shop.yml").write_text(MAP, encoding="utf-8")
    systems = f'{more}\n[controllers.{controller}.systems.shop]\nmap = "{folder}/shop.yml"\n'
    systems += f'connect = "sqlite:///{shop.path}"\n'
    connect(folder / "home", controller, [inbox or "data-protection@axigen.com"], systems)
    return folder / "home"
