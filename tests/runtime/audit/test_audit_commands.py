"""`habeas audit` signs chains in a real store, and proves them with and without the system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, text

from services.cli.audit import audit
from services.router.tables import CASE_EVENTS
from services.runtime.audit.chain import canonical, empty, extend
from services.runtime.store.database import Database
from services.runtime.vault import open_vault

CASES = [f"case-{number}" for number in range(7)]


def grow(database: Database, controller: str, case_id: str, count: int, already: int = 0) -> None:
    bodies = [canonical({"event": "Noted", "number": number}) for number in range(already + count)]
    with database.begin("router") as tx:
        for link in list(extend(controller, empty(case_id), bodies))[already:]:
            row = {"case_id": case_id, "sequence": link.sequence, "controller": controller, "body": link.body}
            tx.execute(insert(CASE_EVENTS), {**row, "cause": f"c{link.sequence}", "digest": link.digest})


class System:
    """A home folder, a database (either of the two) with chains in it, and the commands that an auditor runs."""

    def __init__(self, home: Path, url: str, database: Database) -> None:
        self.home, self.url, self.database = home, url, database

    def audit(self, *words: str) -> Result:
        return run(*words, "--home", str(self.home), "--store", self.url)

    def tamper(self, statement: str) -> None:
        with self.database.begin("router") as tx:
            tx.execute(text(statement))


@pytest.fixture
def system(tmp_path: Path, database_url: str, database: Database) -> System:
    keys = database_url if database_url.startswith("postgresql") else f"sqlite:///{tmp_path / 'keys.db'}"
    open_vault(tmp_path, lambda: database.begin("router"), keys_url=keys).vault.close()
    for case_id in CASES:
        grow(database, "axigen", case_id, 5)
    grow(database, "mailpro", "other", 2)
    return System(tmp_path, database_url, database)


def run(*words: str) -> Result:
    return CliRunner().invoke(audit, words, catch_exceptions=False)


def test_chains_are_sound_after_a_checkpoint_and_after_they_grew(system: System) -> None:
    assert system.audit("checkpoint").exit_code == 0
    grow(system.database, "axigen", "case-3", 2, already=5)
    grow(system.database, "axigen", "case-new", 1)
    found = system.audit("verify", "--controller", "axigen")
    assert found.exit_code == 0, found.output
    assert "3 links are newer" in found.output
    assert system.audit("checkpoint").exit_code == 0
    found = system.audit("verify")
    assert "axigen: sound, 8 cases, 38 links" in found.output
    assert "mailpro: sound, 1 cases, 2 links" in found.output


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE router_case_events SET body = '{}' WHERE case_id = 'case-2' AND sequence = 3",
            "case-2, link 3: changed",
        ),
        (
            "UPDATE router_case_events SET digest = 'f' WHERE case_id = 'case-2' AND sequence = 5",
            "case-2, link 5: changed",
        ),
        ("DELETE FROM router_case_events WHERE case_id = 'case-4' AND sequence = 2", "case-4, link 2: missing"),
        ("DELETE FROM router_case_events WHERE case_id = 'case-4' AND sequence = 5", "case-4, link 5: missing"),
        ("DELETE FROM router_case_events WHERE case_id = 'case-0'", "case-0, link 1: missing"),
        ("UPDATE router_case_events SET controller = 'mailpro' WHERE case_id = 'case-6'", "case-6, link 1: missing"),
        ("UPDATE router_checkpoints SET statement = replace(statement, '35', '34')", "is not signed by this key"),
        ("DELETE FROM router_checkpoint_heads WHERE case_id = 'case-1'", "heads beside checkpoint 1 are not those"),
    ],
)
def test_what_was_done_to_the_store_is_named(system: System, statement: str, named: str) -> None:
    system.audit("checkpoint")
    system.tamper(statement)
    found = system.audit("verify")
    assert found.exit_code == 1
    assert named in found.output, found.output


def test_a_chain_made_anew_with_its_digests_is_named_by_a_checkpoint_kept_elsewhere(
    tmp_path: Path, system: System
) -> None:
    kept = tmp_path / "kept"
    system.audit("checkpoint", "--folder", str(kept))
    system.tamper("DELETE FROM router_case_events WHERE case_id = 'case-5'")
    bodies = [canonical({"event": "Noted", "number": 9 if number == 2 else number}) for number in range(5)]
    with system.database.begin("router") as tx:
        for link in extend("axigen", empty("case-5"), bodies):
            row = {"case_id": "case-5", "sequence": link.sequence, "controller": "axigen", "body": link.body}
            tx.execute(insert(CASE_EVENTS), {**row, "cause": f"c{link.sequence}", "digest": link.digest})
    system.tamper("DELETE FROM router_checkpoint_heads")
    system.tamper("DELETE FROM router_checkpoints")
    found = system.audit("verify", "--checkpoint", str(kept / "axigen-000001.checkpoint.jsonl"))
    assert found.exit_code == 1
    assert "case case-5, link 3: changed" in found.output


def test_a_broken_chain_is_never_signed(system: System) -> None:
    system.audit("checkpoint")
    system.tamper("DELETE FROM router_case_events WHERE case_id = 'case-4' AND sequence = 5")
    found = system.audit("checkpoint", "--controller", "axigen")
    assert found.exit_code == 1
    assert "case case-4, link 5: missing" in found.output


@pytest.fixture
def files(tmp_path: Path, system: System) -> dict[str, Path]:
    system.audit("checkpoint", "--folder", str(tmp_path / "kept"), "--controller", "axigen")
    system.audit("export", "axigen", "--output", str(tmp_path / "export.jsonl"))
    key = tmp_path / "axigen.pem"
    key.write_text(system.audit("key", "axigen").output)
    # The system is gone; only what was handed out is left.
    system.tamper("DROP TABLE router_case_events")
    return {
        "export": tmp_path / "export.jsonl", "key": key,
        "checkpoint": tmp_path / "kept" / "axigen-000001.checkpoint.jsonl",
    }  # fmt: skip


def offline(files: dict[str, Path], *without: str) -> Result:
    words = ["verify", "--export", str(files["export"])]
    for name, option in (("checkpoint", "--checkpoint"), ("key", "--public-key")):
        if name not in without:
            words += [option, str(files[name])]
    return run(*words)


def test_an_exported_file_is_proven_without_the_system(files: dict[str, Path]) -> None:
    for without in ((), ("checkpoint",), ("key",), ("checkpoint", "key")):
        found = offline(files, *without)
        assert found.exit_code == 0, found.output
        assert "axigen: sound, 7 cases, 35 links" in found.output
    assert "came with the checkpoint" in offline(files, "key").output


def test_each_line_of_an_export_that_is_dropped_or_changed_is_noticed(files: dict[str, Path]) -> None:
    lines = files["export"].read_text().splitlines()
    for number, line in enumerate(lines):
        fields = json.loads(line)
        if "case" not in fields:
            continue
        files["export"].write_text("\n".join(lines[:number] + lines[number + 1 :]))
        found = offline(files)
        assert found.exit_code == 1
        assert f"case {fields['case']}, link {fields['sequence']}: missing" in found.output
        changed = json.dumps({**fields, "body": fields["body"] + " "})
        files["export"].write_text("\n".join([*lines[:number], changed, *lines[number + 1 :]]))
        found = offline(files)
        assert found.exit_code == 1
        assert f"case {fields['case']}, link {fields['sequence']}: changed" in found.output


def test_a_published_statement_alone_proves_an_export(files: dict[str, Path]) -> None:
    statement = files["checkpoint"].read_text().splitlines()[0]
    files["checkpoint"].write_text(statement)
    assert offline(files).exit_code == 0
    forged = json.loads(statement)
    forged["checkpoint"]["links"] = 34
    files["checkpoint"].write_text(json.dumps(forged))
    assert "is not signed by this key" in offline(files).output


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", '{"case": 1}', '{"checkpoint": {}}', "\xff", '{"export": 1}']
)
def test_a_file_that_is_no_export_gets_one_clear_line(files: dict[str, Path], content: str) -> None:
    files["export"].write_bytes(content.encode("latin-1"))
    found = offline(files, "checkpoint")
    assert found.exit_code == 1
    assert found.output.startswith("habeas: ")
    assert len(found.output.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("key", "axigne"), ("export", "axigne"), ("verify", "--controller", "axigne"),
        ("checkpoint", "--controller", "axigne"),
    ],
)  # fmt: skip
def test_a_slip_in_a_controllers_name_is_refused_and_the_nearest_is_named(
    system: System, words: tuple[str, ...]
) -> None:
    found = system.audit(*words)
    assert found.exit_code == 1
    assert "there is no controller axigne; is axigen meant?" in found.output
    assert "BEGIN PUBLIC KEY" not in found.output


def test_a_controller_without_cases_has_a_key_already(system: System) -> None:
    assert "BEGIN PUBLIC KEY" in system.audit("key", "hexamail").output


def test_an_export_that_was_cut_down_to_nothing_proves_nothing(system: System, tmp_path: Path) -> None:
    system.audit("checkpoint")
    file, pem = tmp_path / "axigen.jsonl", tmp_path / "axigen.pem"
    system.audit("export", "axigen", "--output", str(file))
    pem.write_text(system.audit("key", "axigen").output)
    lines = file.read_text().splitlines(keepends=True)
    file.write_text(lines[0])
    found = run("verify", "--export", str(file))
    assert (found.exit_code, "proves nothing" in found.output) == (1, True), found.output
    # Without its checkpoint a chain may have been cut off anywhere: a key that is given has nothing to prove.
    file.write_text("".join(line for line in lines if '"checkpoint"' not in line and '"head"' not in line))
    found = run("verify", "--export", str(file), "--public-key", str(pem))
    assert (found.exit_code, "no checkpoint that the key could prove" in found.output) == (1, True), found.output
