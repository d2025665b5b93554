"""The whole product, killed in the middle of an erasure: it is done after the restart, once, and told in full."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.journeys.product import Product, eventually, link_in
from tests.journeys.shop import Shop, home_with

AXIGEN = "data-protection@axigen.com"
ORDERS = 3_000


def waiting_case(habeas: Product) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        found = [each for each in json.loads(habeas.habeas("case", "list", "--json")) if each["tasks"]]
        return dict(found[0]) if found else {}

    return eventually(look)


def test_an_erasure_that_is_killed_completes_after_the_restart(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db")
    with closing(sqlite3.connect(shop.path)) as database, database:
        notes = [(customer, f"note {n} of {customer}") for customer in (1, 2) for n in range(ORDERS)]
        database.executemany("INSERT INTO orders (customer_id, note) VALUES (?, ?)", notes)
    before = shop.rows("SELECT * FROM orders WHERE customer_id = 2 ORDER BY id")
    home = home_with(shop, tmp_path)
    product = Product(home)
    product.start()
    try:
        product.mail(AXIGEN, "Please delete all my personal data.")
        product.get(link_in(product.letter("please confirm that you"), "v"), "POST")
        case = waiting_case(product)
        assert case["tasks"] == ["approve_erasure"]
        page = product.habeas("case", "show", str(case["reference"]))
        assert "shop.customers: 1 rows to mask (Customer records)" in page
        assert f"shop.orders: {ORDERS + 2} rows to mask (Orders)" in page

        # Somebody else writes to the shop, so that the erasure has begun and cannot end when the product dies.
        with closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            product.habeas("case", "approve", str(case["reference"]), "--ground", "checked")
            eventually(lambda: len(product.events("ClaimRouted")) == 2)
            time.sleep(1.0)
            product.stop(9)  # type: ignore[arg-type]
            other.execute("ROLLBACK")
        assert shop.rows("SELECT name FROM customers WHERE id = 1") == [("Ann Ash",)]
        product.start()
        answer = product.letter("This is done")
        assert f"Orders ({ORDERS + 2})" in answer
        (completed,) = eventually(lambda: product.events("CaseCompleted"))
        assert completed["data"]["claims"][0]["outcome"] == "fulfilled"
        assert len({event["id"] for event in product.events("ClaimFulfilled")}) == 1
    finally:
        assert product.stop() == 0
    assert shop.rows("SELECT * FROM orders WHERE customer_id = 2 ORDER BY id") == before
    assert shop.rows("SELECT count(*) FROM orders WHERE note LIKE '%of 1%' OR note LIKE '%Ann%'") == [(0,)]
    assert "ann@example.org" not in str(shop.whole())
