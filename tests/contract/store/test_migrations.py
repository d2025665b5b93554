"""Migrations run forward on a database with rows in it, one process at a time, and refuse what they do not know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from scripts.postgres_server import PostgresServer
from services.runtime.store import METADATA, Database, DatabaseDamaged, DatabaseNewer, DatabaseOlder
from services.runtime.store.migrate import _config, head, migrate, require_current, revisions
from tests.contract.store.events import event
from tests.journeys.product import WAIT_SECONDS
from tests.servers.databases import BOTH
from tests.servers.postgres import empty_database


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'with a space.db'}"
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return empty_database(server)


def test_there_is_one_history_with_one_head() -> None:
    history = ScriptDirectory.from_config(_config(None))
    assert history.get_heads() == [head()]
    # What the files' names say is what the files say.
    assert [script.revision for script in history.walk_revisions()] == list(reversed(revisions()))


def test_a_database_of_the_first_revision_comes_forward_with_its_rows(empty_url: str) -> None:
    database = Database(empty_url)
    with database.migrating() as connection:
        command.upgrade(_config(connection), "0001")
    with database.begin("router") as transaction:
        transaction.enqueue(event("case-1", 1))
    with pytest.raises(DatabaseOlder, match="start habeas once"):
        require_current(database)
    assert migrate(database) == head()
    require_current(database)
    with database.look("router") as reading:
        assert reading.execute(text("SELECT count(*) FROM router_outbox")).scalar_one() == 1
    database.close()


def test_the_migrated_tables_have_the_columns_that_the_code_names(empty_url: str) -> None:
    database = Database(empty_url)
    migrate(database)
    inspector = inspect(database.engine)
    for table in METADATA.tables.values():
        schema = None if database.is_sqlite else table.name.partition("_")[0]
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name, schema=schema)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}, table.name
    database.close()


def test_a_database_of_a_newer_release_is_refused_and_left_alone(empty_url: str) -> None:
    database = Database(empty_url)
    migrate(database)
    with database.begin("router") as transaction:
        transaction.execute(text("UPDATE habeas_revision SET version_num = '9999'"))
    for call in (migrate, require_current):
        with pytest.raises(DatabaseNewer, match="9999"):
            call(database)
    database.close()


def test_two_processes_that_start_together_migrate_once(empty_url: str) -> None:
    code = (
        "import sys; from services.runtime.store import Database; from services.runtime.store.migrate import migrate; "
        "print(migrate(Database(sys.argv[1])))"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, empty_url], stdout=subprocess.PIPE) for _ in range(2)]
    assert [one.communicate(timeout=WAIT_SECONDS)[0].decode().strip() for one in started] == [head(), head()]


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.begin("router") as transaction:
        transaction.execute(text("PRAGMA user_version = 1"))
    database.close()
    content = bytearray(path.read_bytes())
    content[4096 : len(content)] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="restore"):
        migrate(Database(f"sqlite:///{path}"))
    assert path.read_bytes() == bytes(content), "a damaged file is not written to"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "habeas.db"
    path.write_text("this is no database, but a letter" * 200)
    with pytest.raises(DatabaseDamaged):
        migrate(Database(f"sqlite:///{path}"))
