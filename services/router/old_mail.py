"""Read an organisation's old mail, one message at a time, in bounded memory: mbox, Maildir, folders, JSONL.

Old inboxes hold everything that mail programs ever got wrong. Headers and nesting are scanned before parsing, the
lenient parser is used, and a message that still cannot be read is counted, never fatal.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice
from pathlib import Path
from typing import Final

from inscriptis import get_text

MESSAGE_BYTES_MAX: Final = 2_000_000
TEXT_CHARACTERS_MAX: Final = 200_000
HEADER_BYTES_MAX: Final = 64_000
BOUNDARIES_MAX: Final = 60
PARTS_MAX: Final = 80
HTML_CHARACTERS_MAX: Final = 300_000
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_FROM_LINE = re.compile(rb"From \S+.*\d{4}")


class BacktestError(ValueError):
    """A source that cannot be read; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class OldMessage:
    """One message of an old inbox; `fault` says why it could not be read."""

    name: str
    subject: str
    text: str
    fault: str | None = None


def messages_in(source: Path, limit: int | None = None) -> Iterator[OldMessage]:
    """Yield the messages of a source, oldest file first."""
    return islice(_messages(source), limit)


def count_messages(source: Path, limit: int | None = None) -> int:
    """Return how many messages a source holds, reading it once without parsing."""
    if not source.exists():
        raise BacktestError(
            f"{source} does not exist; give an mbox, a Maildir, a folder of .eml files, or a .jsonl file"
        )
    if source.is_dir():
        counted = sum(1 for _ in _files(source))
    elif source.suffix == ".jsonl":
        with source.open("rb") as opened:
            counted = sum(1 for line in opened if line.strip())
    elif source.suffix in (".eml", ".txt"):
        counted = 1
    else:
        with source.open("rb") as opened:
            counted = sum(1 for line in opened if _FROM_LINE.match(line))
    return counted if limit is None else min(counted, limit)


def _messages(source: Path) -> Iterator[OldMessage]:
    if source.is_dir():
        for path in _files(source):
            yield _from_file(path)
    elif source.suffix == ".jsonl":
        yield from _from_jsonl(source)
    elif source.suffix in (".eml", ".txt"):
        yield _from_file(source)
    else:
        yield from _from_mbox(source)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        in_maildir = path.parent.name in ("cur", "new")
        if path.is_file() and (in_maildir or path.suffix in (".eml", ".txt")) and path.parent.name != "tmp":
            yield path


def _from_file(path: Path) -> OldMessage:
    try:
        with path.open("rb") as opened:
            raw = opened.read(MESSAGE_BYTES_MAX + 1)
    except OSError as fault:
        return OldMessage(path.name, "", "", f"cannot be opened: {fault.strerror}")
    if path.suffix == ".txt":
        return OldMessage(path.name, "", raw[:MESSAGE_BYTES_MAX].decode("utf-8", "replace")[:TEXT_CHARACTERS_MAX])
    return parsed(raw, path.name)


def _from_jsonl(path: Path) -> Iterator[OldMessage]:
    with path.open("rb") as opened:
        number = 0
        while line := opened.readline(MESSAGE_BYTES_MAX):
            number += 1
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                text, subject = row["text"], row.get("subject") or ""
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                yield OldMessage(f"line {number}", "", "", 'not a line like {"text": "..."}')
                continue
            yield OldMessage(str(row.get("id", number)), str(subject), str(text)[:TEXT_CHARACTERS_MAX])


def _from_mbox(path: Path) -> Iterator[OldMessage]:
    """Cut an mbox at its "From " lines, never holding more than one message."""
    lines: list[bytes] = []
    size = number = 0
    blank_before = True
    with path.open("rb") as opened:
        first = opened.readline(HEADER_BYTES_MAX)
        if not _FROM_LINE.match(first):
            raise BacktestError(f'{path.name} is no mbox (its first line is not a "From " line), folder or .jsonl file')
        while line := opened.readline(HEADER_BYTES_MAX):
            if blank_before and _FROM_LINE.match(line):
                number += 1
                yield parsed(b"".join(lines), f"message {number}")
                lines, size = [], 0
            elif size <= MESSAGE_BYTES_MAX:
                lines.append(line[1:] if line.startswith((b">From ", b">>From ")) else line)
                size += len(line)
            blank_before = not line.strip()
    yield parsed(b"".join(lines), f"message {number + 1}")


def parsed(raw: bytes, name: str) -> OldMessage:
    """Return the subject and the text of a message, or why it cannot be read."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    if len(head) > HEADER_BYTES_MAX:
        return OldMessage(name, "", "", "its headers are too long")
    if len(_BOUNDARY.findall(raw)) > BOUNDARIES_MAX:
        return OldMessage(name, "", "", "its parts are nested too deeply")
    try:
        message = email.message_from_bytes(raw[:MESSAGE_BYTES_MAX], policy=email.policy.compat32)
        return OldMessage(name, _subject(message), _text(message)[:TEXT_CHARACTERS_MAX])
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as fault:
        return OldMessage(name, "", "", f"cannot be parsed ({type(fault).__name__})")


def _subject(message: Message) -> str:
    try:
        return str(make_header(decode_header(str(message.get("Subject", ""))[:2_000])))
    except (ValueError, LookupError):
        return str(message.get("Subject", ""))[:2_000]


def _text(message: Message) -> str:
    plain: list[str] = []
    html: list[str] = []
    for part in islice(message.walk(), PARTS_MAX):
        if part.is_multipart() or part.get_filename():
            continue
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_decoded(part))
        elif kind == "text/html":
            html.append(_decoded(part)[:HTML_CHARACTERS_MAX])
    if any(text.strip() for text in plain):
        return "\n".join(plain)
    return "\n".join(get_text(text) for text in html if text.strip())


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else str(payload or "").encode("utf-8", "replace")
    charset = part.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
