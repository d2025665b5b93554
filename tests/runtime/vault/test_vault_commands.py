"""`habeas vault` as an operator uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.vault import vault as command
from services.runtime.store import Database
from services.runtime.store.migrate import migrate
from services.runtime.vault import Forgotten, Vault, open_vault


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def ready(tmp_path: Path, store: Database) -> Iterator[Vault]:
    vault = open_vault(tmp_path, lambda: store.begin("router")).vault
    yield vault
    vault.close()


def habeas(home: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(command, [*words, "--home", str(home)], input=text, catch_exceptions=False)


def test_rotating_by_command_works_beside_a_running_vault(tmp_path: Path, ready: Vault, store: Database) -> None:
    with store.begin("router") as tx:
        ref = ready.seal(tx, "p1", "body", b"mine")
    done = habeas(tmp_path, "rotate")
    assert done.exit_code == 0, done.output
    assert "2 keys are wrapped by the new master key" in done.output
    with store.begin("router") as tx:
        assert ready.open(tx, ref) == b"mine"
        ready.seal(tx, "p2", "body", b"new")


def test_a_folder_without_a_habeas_is_named_and_stays_as_it_is(tmp_path: Path) -> None:
    for home in (tmp_path, tmp_path / "nowhere"):
        done = habeas(home, "rotate")
        assert done.exit_code == 1
        assert f"there is no habeas in {home}; say --home" in done.output
    assert list(tmp_path.iterdir()) == []


def test_tombstones_carried_away_are_obeyed_after_a_restore(tmp_path: Path, ready: Vault, store: Database) -> None:
    with store.begin("router") as tx:
        ref = ready.seal(tx, "p1", "body", b"mine")
    copies = {path: path.read_bytes() for path in tmp_path.glob("*.db*")}
    assert habeas(tmp_path, "forget", "p1").output == "Forgotten.\n"
    listed = tmp_path / "tombstones.jsonl"
    assert habeas(tmp_path, "tombstones", "export", str(listed)).exit_code == 0
    assert '"p1"' in listed.read_text()
    ready.close()
    store.close()
    for path in tmp_path.glob("*.db*"):
        path.unlink()
    for path, content in copies.items():
        path.write_bytes(content)
    done = habeas(tmp_path, "tombstones", "apply", str(listed))
    assert done.exit_code == 0, done.output
    database = Database(f"sqlite:///{tmp_path / 'habeas.db'}")
    restored = open_vault(tmp_path, lambda: database.begin("router")).vault
    with database.begin("router") as tx, pytest.raises(Forgotten):
        restored.open(tx, ref)
    restored.close()
    database.close()


@pytest.mark.parametrize("change", ["cut", "added", "emptied", "junk"])
def test_a_list_of_tombstones_that_was_changed_destroys_nothing(
    tmp_path: Path, ready: Vault, store: Database, change: str
) -> None:
    with store.begin("router") as tx:
        ref = ready.seal(tx, "p2", "body", b"mine")
    ready.forget("p1")
    lines = habeas(tmp_path, "tombstones", "export").stdout.splitlines()
    forged = lines[0].replace("p1", "p2")
    text = {"cut": lines[:1], "added": [lines[0], forged, lines[1]], "emptied": [], "junk": ["[]", "x"]}[change]
    done = habeas(tmp_path, "tombstones", "apply", "-", text="\n".join(text))
    assert done.exit_code == 1
    assert "nothing was applied" in done.output
    with store.begin("router") as tx:
        assert ready.open(tx, ref) == b"mine"


def test_a_home_without_keys_gets_none_from_a_command_that_looks(tmp_path: Path, store: Database) -> None:
    done = habeas(tmp_path, "tombstones", "export")
    assert done.exit_code == 1
    assert "there are no keys" in done.output
    assert not (tmp_path / "master.key").exists()


def test_an_address_given_for_a_person_is_refused_without_being_repeated(tmp_path: Path, ready: Vault) -> None:
    done = habeas(tmp_path, "forget", "maria@example.com")
    assert done.exit_code == 1
    assert "maria" not in done.output


def test_a_slip_in_a_persons_id_forgets_nobody_and_says_so(tmp_path: Path, ready: Vault, store: Database) -> None:
    with store.begin("router") as tx:
        ready.seal(tx, "p1", "body", b"mine")
    done = habeas(tmp_path, "forget", "p11")
    assert (done.exit_code, "nobody was forgotten" in done.output) == (1, True)
    assert "0 tombstones" in habeas(tmp_path, "tombstones", "export").stderr
    assert habeas(tmp_path, "forget", "p1").output == "Forgotten.\n"
    assert "before" in habeas(tmp_path, "forget", "p1").output
