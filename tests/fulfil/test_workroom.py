"""A claim's folder goes with the claim, and with the process that died in it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.fulfil.workroom import sweep, workroom

DYING = """
import os, signal, sys
from pathlib import Path
from services.fulfil.workroom import workroom
with workroom(Path(sys.argv[1])) as folder:
    (folder / "data").mkdir()
    (folder / "data" / "customers.jsonl").write_text("ann@example.org")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_goes_with_its_claim_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), workroom(tmp_path) as folder:  # noqa: PT012 - the block is the claim
        (folder / "rows.jsonl").write_text("ann@example.org")
        assert folder.stat().st_mode & 0o077 == 0
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_in_clear_is_removed_at_the_next_start(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], check=False, timeout=600)
    assert died.returncode == -signal.SIGKILL
    assert list(tmp_path.rglob("customers.jsonl"))
    with workroom(tmp_path) as mine:
        assert sweep(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [mine], "a folder in which somebody works stays"


def test_nothing_else_of_a_home_is_removed(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "claim-forms.txt").write_text("an operator's own")
    assert sweep(tmp_path) == 0
    assert sweep(tmp_path / "nowhere") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claim-forms.txt", "outbox"]
