"""`habeas connectors test`: each kind of system says in one line what is wrong; no traceback, no password."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.serving import free_ports
from services.cli.connectors import connectors
from services.cli.map import map_

MAP = """\
system: place
tables:
  people.csv: {key: email, fields: {email: {identity: email, category: user.contact.email}}}
"""


def tried(folder: Path, url: str, text: str = MAP) -> tuple[int, str]:
    (folder / "place.yml").write_text(text)
    told = CliRunner().invoke(connectors, ["test", "--map", str(folder / "place.yml"), "--connect", f"place={url}"])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told.exit_code, told.output


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@127.0.0.1:{port}/db",
        "mysql://u:s3cret@127.0.0.1:{port}/db",
        "imap://u:s3cret@127.0.0.1:{port}/",
        "ldap://127.0.0.1:{port}/dc=x",
        "sqlite:///{folder}/nowhere.db",
        "sqlite:///{folder}/place.yml",
        "file://{folder}/nowhere",
        "maildir://{folder}/nowhere",
    ],
)
def test_a_system_that_is_not_there_is_one_line_that_says_so(tmp_path: Path, url: str) -> None:
    status, said = tried(tmp_path, url.format(port=free_ports(1)[0], folder=tmp_path))
    assert status == 1
    (line,) = said.splitlines()
    assert line.startswith("FAIL place: ")
    assert "place: place:" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("url", ["ftp://host/", "nonsense"])
def test_a_url_that_nothing_speaks_is_wrong_usage(tmp_path: Path, url: str) -> None:
    status, said = tried(tmp_path, url)
    assert status == 2
    assert "no connector speaks" in said


def test_what_is_there_is_ok_and_what_the_map_has_besides_is_named(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email\nann@example.org\n")
    assert tried(tmp_path, f"file://{tmp_path}")[0] == 0
    more = "  gone.csv: {key: email, fields: {email: {identity: email, category: user.contact.email}}}\n"
    status, said = tried(tmp_path, f"file://{tmp_path}", MAP + more)
    assert status == 1
    assert "gone.csv" in said


def test_a_check_of_a_map_names_the_system_once(tmp_path: Path) -> None:
    (tmp_path / "place.yml").write_text(MAP)
    args = ["check", "--map", str(tmp_path / "place.yml"), "--connect", f"place=sqlite:///{tmp_path}/place.yml"]
    told = CliRunner().invoke(map_, args)
    assert told.exit_code == 1
    assert "place: place:" not in told.output
