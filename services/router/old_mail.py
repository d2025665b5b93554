"""Read an organisation's old mail, one message at a time, in bounded memory: mbox, Maildir, folders, JSONL.

What a mail says is told by whoever takes mail in (`Reader`), so that an old mail is read as a new one would be. A
message that cannot be read is counted, never fatal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

MESSAGE_BYTES_MAX: Final = 2_000_000
TEXT_CHARACTERS_MAX: Final = 200_000
HEADER_BYTES_MAX: Final = 64_000
LINE_BYTES_MAX: Final = 8_000_000
_ONE_MESSAGE: Final = (".eml", ".txt")
_LINES: Final = (".jsonl", ".ndjson")
_FROM_LINE = re.compile(rb"From \S+.*\d{4}")


class BacktestError(ValueError):
    """A source that cannot be read; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class OldMessage:
    """One message of an old inbox; `fault` says why it could not be read, `automatic` that a machine wrote it."""

    name: str
    subject: str
    text: str
    fault: str | None = None
    automatic: bool = False


Reader = Callable[[bytes, str], OldMessage]
"""From a mail's bytes and its name in the inbox to what it says."""


def messages_in(source: Path, read: Reader, limit: int | None = None) -> Iterator[OldMessage]:
    """Yield the messages of a source, oldest file first; `read` tells what a mail says."""
    return islice(_messages(source, read), limit)


def count_messages(source: Path, limit: int | None = None) -> int:
    """Return how many messages a source holds, reading it once without parsing."""
    if not source.exists():
        raise BacktestError(
            f"{source} does not exist; give an mbox, a Maildir, a folder of .eml files, or a .jsonl file"
        )
    if source.is_dir():
        counted = sum(1 for _ in _files(source))
        if not counted:
            raise BacktestError(
                f"{source} holds no mail: give a Maildir, a folder of .eml or .txt files, or one mbox file"
            )
    elif source.suffix.lower() in _LINES:
        with source.open("rb") as opened:
            counted = sum(1 for line in opened if line.strip())
    elif source.suffix.lower() in _ONE_MESSAGE:
        counted = 1
    else:
        with source.open("rb") as opened:
            counted = sum(1 for line in opened if _FROM_LINE.match(line))
    return counted if limit is None else min(counted, limit)


def _messages(source: Path, read: Reader) -> Iterator[OldMessage]:
    if source.is_dir():
        for path in _files(source):
            yield _from_file(path, read)
    elif source.suffix.lower() in _LINES:
        yield from _from_jsonl(source)
    elif source.suffix.lower() in _ONE_MESSAGE:
        yield _from_file(source, read)
    else:
        yield from _from_mbox(source, read)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        in_maildir = path.parent.name in ("cur", "new")
        if path.is_file() and (in_maildir or path.suffix.lower() in _ONE_MESSAGE) and path.parent.name != "tmp":
            yield path


def _from_file(path: Path, read: Reader) -> OldMessage:
    try:
        with path.open("rb") as opened:
            raw = opened.read(MESSAGE_BYTES_MAX + 1)
    except OSError as fault:
        return OldMessage(path.name, "", "", f"cannot be opened: {fault.strerror}")
    if path.suffix.lower() == ".txt":
        return OldMessage(path.name, "", raw[:MESSAGE_BYTES_MAX].decode("utf-8", "replace")[:TEXT_CHARACTERS_MAX])
    return read(raw[:MESSAGE_BYTES_MAX], path.name)


def _from_jsonl(path: Path) -> Iterator[OldMessage]:
    with path.open("rb") as opened:
        number = 0
        while line := opened.readline(LINE_BYTES_MAX + 1):
            number += 1
            if len(line) > LINE_BYTES_MAX:
                while line and not line.endswith(b"\n"):
                    line = opened.readline(LINE_BYTES_MAX)
                yield OldMessage(f"line {number}", "", "", f"longer than {LINE_BYTES_MAX} bytes")
            elif line.strip():
                yield _from_line(line, number)


def _from_line(line: bytes, number: int) -> OldMessage:
    try:
        # A byte that is no UTF-8 spoils one letter, not the message.
        row = json.loads(line.decode("utf-8-sig", "replace"))
        text, subject = row["text"], row.get("subject") or ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return OldMessage(f"line {number}", "", "", 'not a line like {"text": "..."}')
    if not isinstance(text, str) or not isinstance(subject, str):
        return OldMessage(f"line {number}", "", "", 'not a line like {"text": "..."}')
    return OldMessage(str(row.get("id", number)), subject, text[:TEXT_CHARACTERS_MAX])


def _from_mbox(path: Path, read: Reader) -> Iterator[OldMessage]:
    """Cut an mbox at its "From " lines, never holding more than one message."""
    lines: list[bytes] = []
    size = number = 0
    blank_before = True
    with path.open("rb") as opened:
        first = opened.readline(HEADER_BYTES_MAX)
        if not first:
            raise BacktestError(f"{path.name} is empty")
        if not _FROM_LINE.match(first):
            raise BacktestError(f'{path.name} is no mbox (its first line is not a "From " line), folder or .jsonl file')
        while line := opened.readline(HEADER_BYTES_MAX):
            if blank_before and _FROM_LINE.match(line):
                number += 1
                yield read(b"".join(lines), f"message {number}")
                lines, size = [], 0
            elif size <= MESSAGE_BYTES_MAX:
                lines.append(line[1:] if line.startswith((b">From ", b">>From ")) else line)
                size += len(line)
            blank_before = not line.strip()
    yield read(b"".join(lines), f"message {number + 1}")
