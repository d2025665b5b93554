"""The wheel carries knowledge, letters, pages and migrations, and runs outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, *arguments: str, stdin: str = "") -> str:
    """Run habeas from the wheel's content, in a folder that is no checkout; its dependencies are this venv's."""
    home = site.parent / "elsewhere"
    home.mkdir(exist_ok=True)
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from services.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=home, input=stdin, capture_output=True, text=True, timeout=600, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_what_the_product_reads_at_run_time(unpacked: Path) -> None:
    for name in (
        "knowledge/policies/axigen/2018-11-10.md",
        "knowledge/laws/eu-gdpr.toml",
        "knowledge/phrases/en.toml",
        "knowledge/grounds/refusal.toml",
        "services/intake/letters/en.toml",
        "services/intake/pages/confirm.html.j2",
        "services/runtime/store/migrations/versions/r0001_runtime.py",
    ):
        assert (unpacked / name).is_file(), name


def test_a_question_is_answered_from_the_wheel_alone(unpacked: Path) -> None:
    asked = json.dumps({"id": "q", "question": "How long do you keep my data?"})
    answer = json.loads(run(unpacked, "ask", "--controller", "axigen", "--jsonl", stdin=asked))
    assert answer["citations"][0]["quote"]
