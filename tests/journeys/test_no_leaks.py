"""After a full run, nothing that names a person is found outside the vault: topics, log, metrics, database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.journeys.archives import archive_on, password_on
from tests.journeys.product import eventually, link_in, running
from tests.journeys.test_access import connected_home, shop
from tests.leaks import LeakScanner

__all__ = ["shop"]

PERSONAL = [
    "ann.ash@example.org",
    "Annabel Ashworth",
    "the yellow submarine",
    "a copy of everything you know about me",
    "wonderful question about Zanzibar",
]


def test_no_name_address_or_text_is_found_outside_the_vault(tmp_path: Path, shop: Path) -> None:
    with sqlite3.connect(shop) as database:
        database.execute("UPDATE customers SET email = 'ann.ash@example.org', name = 'Annabel Ashworth' WHERE id = 1")
        database.execute("UPDATE orders SET item = 'the yellow submarine' WHERE id = 10")
    database.close()
    home = connected_home(tmp_path, shop)
    with running(home) as habeas:
        person = {"sender": "ann.ash@example.org", "name": "Annabel Ashworth"}
        text = "Please send me a copy of everything you know about me."
        habeas.mail("data-protection@axigen.com", text, subject="Annabel Ashworth", **person)
        habeas.get(link_in(habeas.letter("please confirm that you"), "v"), "POST")
        answer = habeas.letter("here is the answer")
        page = habeas.get(link_in(answer, "d"), "POST")[1].decode()
        assert habeas.get(archive_on(page))[0] == 200
        habeas.mail("data-protection@axigen.com", "I have a wonderful question about Zanzibar.", **person)
        habeas.say("axigen", "I have a wonderful question about Zanzibar, says ann.ash@example.org")
        eventually(lambda: habeas.events("CaseCompleted"))
        eventually(lambda: len(habeas.events("ReviewRequested")) >= 2 or habeas.events("QuestionAnswered"))
        metrics = habeas.get("/metrics")[1]
        topics = habeas.habeas("topics", "tail", "--from-beginning", "--no-follow", "--json")
    scanner = LeakScanner([*PERSONAL, password_on(page)])
    outside = {"topics": topics.encode(), "metrics": metrics, "log": habeas.log.read_bytes()}
    with sqlite3.connect(home / "habeas.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
            outside[table] = repr(rows).encode() + b"".join(
                value for row in rows for value in row if isinstance(value, bytes)
            )
    database.close()
    for name in ("habeas.db", "habeas.db-wal", "keys.db", "keys.db-wal"):
        if (home / name).exists():
            outside[name] = (home / name).read_bytes()
    assert "router_cases" in outside
    assert "vault_objects" in outside
    leaks = [leak for where, content in outside.items() for leak in scanner.scan(where, content)]
    assert not leaks, "\n".join(map(str, leaks))
    assert scanner.scan("letter", answer + "Annabel Ashworth"), "the scanner finds what is there"
