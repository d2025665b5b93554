"""Arguments that are no text end in one line, as every other slip does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "words", [(b"topics", b"list", b"--bootstrap", b"kafka\xe9"), (b"case", b"show", b"\xe9"), (b"ask", b"\xff\xfe")]
)
def test_bytes_that_are_no_text_end_in_a_line_and_not_in_a_traceback(words: tuple[bytes, ...]) -> None:
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"services", *words], capture_output=True, check=False, timeout=120
    )
    assert done.returncode in {1, 2}
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()
