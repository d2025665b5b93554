"""Looks for what names a person where nothing may: on topics, in logs, metrics and the database outside the vault.

A text is looked for as it is, in other case, without its accents, in UTF-16, in base64 (standard and URL-safe, at each
of the three places where it can begin), quoted-printable, percent-encoded, hexadecimal, and escaped as in JSON.
"""

from __future__ import annotations

import base64
import json
import quopri
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 4
"""Shorter texts are found everywhere by chance; give longer ones."""


@dataclass(frozen=True)
class Leak:
    """A personal text found where it may not be."""

    where: str
    encoding: str
    text: str
    offset: int

    def __str__(self) -> str:
        return f"{self.where}: '{self.text}' in {self.encoding} at byte {self.offset}"


class LeakScanner:
    """Knows every written form of some personal texts and finds them in bytes."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._forms: list[tuple[bytes, str, str, bool]] = []
        for text in texts:
            if len(text) < SHORTEST:
                raise ValueError(f"'{text}' is too short to look for; give at least {SHORTEST} characters")
            seen: set[tuple[bytes, bool]] = set()
            for form, encoding, folded in _forms(text):
                if (form, folded) not in seen:
                    seen.add((form, folded))
                    self._forms.append((form, encoding, text, folded))

    def scan(self, where: str, content: bytes | str) -> list[Leak]:
        """Return every personal text in the content."""
        raw = content.encode() if isinstance(content, str) else content
        # Line breaks inside base64 and soft breaks of quoted-printable would hide what they cut.
        views = {raw, re.sub(rb"=\r?\n", b"", raw), re.sub(rb"\r?\n[ \t]*", b"", raw), raw.replace(rb"\r\n", b"")
                 .replace(rb"\n", b"")}  # fmt: skip
        found: dict[tuple[str, str], Leak] = {}
        for view in views:
            lower = _folded(view)
            for form, encoding, text, folded in self._forms:
                at = (lower if folded else view).find(form)
                if at >= 0:
                    found.setdefault((encoding, text), Leak(where, encoding, text, at))
        return sorted(found.values(), key=lambda leak: (leak.text, leak.encoding))

    def scan_files(self, paths: Iterable[Path]) -> list[Leak]:
        """Return every personal text in these files, folders being walked."""
        return [leak for path in _walk(paths) for leak in self.scan(str(path), path.read_bytes())]

    def scan_rows(self, where: str, rows: Iterable[Iterable[object]]) -> list[Leak]:
        """Return every personal text in the values of a table's rows."""
        leaks: list[Leak] = []
        for number, row in enumerate(rows):
            for value in row:
                if value is not None:
                    content = value if isinstance(value, bytes) else str(value)
                    leaks += self.scan(f"{where}, row {number}", content)
        return leaks


def _forms(text: str) -> Iterator[tuple[bytes, str, bool]]:
    """Yield each written form, its name, and whether the content is folded to lower case before looking."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spellings = {text, text.casefold(), text.lower(), text.upper(), unicodedata.normalize("NFD", text)}
    for spelling in spellings:
        raw = spelling.encode()
        for form in {raw, spelling.encode("utf-16-le"), spelling.encode("utf-16-be")}:
            yield form.lower(), "clear", True
            yield form.hex().encode(), "hexadecimal", True
            yield from _base64(form)
        yield quopri.encodestring(raw, quotetabs=True).strip().replace(b"=\n", b"").lower(), "quoted-printable", True
        yield quopri.encodestring(raw).strip().replace(b"=\n", b"").lower(), "quoted-printable", True
        yield quopri.encodestring(raw, header=True).strip().lower(), "quoted-printable", True
        yield _folded(quote(spelling, safe="").encode()), "percent-encoded", True
        yield _folded(quote(spelling).encode()), "percent-encoded", True
        yield _folded(quote_plus(spelling).encode()), "percent-encoded", True
        yield json.dumps(spelling)[1:-1].encode().lower(), "escaped", True
        for charset in ("latin-1", "cp1257", "cp1250"):
            yield from _in_charset(spelling, charset)
    if len(plain) >= SHORTEST and len(plain) >= len(text) - 3:
        yield plain.lower().encode(), "clear, without accents", True


def _in_charset(text: str, charset: str) -> Iterator[tuple[bytes, str, bool]]:
    try:
        form = text.encode(charset)
    except UnicodeEncodeError:
        return
    yield form.lower(), f"clear ({charset})", True
    yield from _base64(form)


def _base64(raw: bytes) -> Iterator[tuple[bytes, str, bool]]:
    """Yield what base64 makes of the bytes at each of three places, without the characters their neighbours share."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        start = (0, 2, 3)[shift]
        spare = (len(raw) + shift) % 3
        end = len(encoded) - (0, 3, 2)[spare]
        core = encoded[start:end]
        if len(core) >= SHORTEST:
            yield core, "base64", False
            yield core.translate(bytes.maketrans(b"+/", b"-_")), "base64", False


def _folded(content: bytes) -> bytes:
    return content.lower()


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(inner for inner in path.rglob("*") if inner.is_file())
        else:
            yield path
