"""What a library writes into a log names nobody."""

from __future__ import annotations

import json
import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from services.runtime.telemetry import set_up_logging


@pytest.mark.parametrize(
    ("library", "line", "told"),
    [
        ("aiohttp.server", ("Error handling request from %s", "203.0.113.9"), "Error handling request from …"),
        ("somebody.else", ("cannot reach %s", "postgresql://user:secret@db.example/x"), "cannot reach …"),
        ("somebody.else", ("topic %s is missing", "habeas.letters"), "topic habeas.letters is missing"),
    ],
)
def test_a_librarys_line_is_told_without_whom_it_names(
    library: str, line: tuple[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        set_up_logging("json", "info")
        logging.getLogger(library).error(*line)
        written = capsys.readouterr().err
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert json.loads(written)["event"] == told


@pytest.mark.parametrize(("level", "lines"), [("info", 1), ("debug", 2)])
def test_what_is_no_http_is_no_error_of_ours(level: str, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, was = list(root.handlers), root.level
    server = logging.getLogger("aiohttp.server")
    try:
        set_up_logging("json", level)
        for fault in (BadStatusLine("\x16\x03"), RuntimeError("ours")):
            server.error("Error handling request from %s", "203.0.113.9", exc_info=fault)
        written = capsys.readouterr().err.splitlines()
    finally:
        root.handlers[:] = before
        root.setLevel(was)
    assert len(written) == lines
    assert json.loads(written[-1])["fault"] == "RuntimeError"
