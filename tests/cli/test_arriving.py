"""Lines as they arrive: order, ends of every kind, lines without an end, and an answer while the input stays open."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st

from services.cli.arriving import arriving

LIMIT = 40
QUESTION = {
    "regime": "eu-gdpr", "right": "access", "tz": "Europe/Bucharest", "calendar": "RO",
    "received": "2026-03-31T09:00:00+02:00",
}  # fmt: skip


class Dripping(io.BytesIO):
    """A stream whose bytes arrive in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self._pieces = [piece for piece in pieces if piece]

    def read1(self, _size: int | None = -1, /) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def lines_of(pieces: list[bytes]) -> list[bytes]:
    return [line for lines in arriving(cast("BinaryIO", Dripping(pieces)), LIMIT) for line in lines]


@given(st.lists(st.binary(max_size=LIMIT).map(lambda line: line.replace(b"\n", b"")), max_size=8), st.data())
def test_lines_are_the_same_however_their_bytes_arrive(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert [line for line in lines_of(pieces) if line] == [line for line in lines if line]


def test_a_line_without_an_end_is_kept_only_so_far_that_it_is_seen_to_be_too_long() -> None:
    found = lines_of([b"x" * 30] * 1_000 + [b"y\nshort\n"])

    assert LIMIT < len(found[0]) <= LIMIT + 2 * 30
    assert found[1] == b"short"


def test_a_line_is_answered_while_the_input_stays_open() -> None:
    asked = [sys.executable, "-m", "services", "deadline", "--jsonl"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for name in ("first", "second"):
            running.stdin.write(json.dumps({"id": name, **QUESTION}).encode() + b"\nno JSON\n")
            running.stdin.flush()
            answer, fault = json.loads(running.stdout.readline()), json.loads(running.stdout.readline())
            assert (answer["id"], answer["due"]) == (name, "2026-04-30")
            assert "error" in fault
        running.stdin.write(json.dumps({"id": "last", **QUESTION}).encode())  # a file may end without a line's end
        running.stdin.close()
        assert json.loads(running.stdout.readline())["id"] == "last"
    assert running.returncode == 0
