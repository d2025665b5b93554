"""Opening a person's archive as the person does: with a program that is not ours, and the password of the page."""

from __future__ import annotations

import html
import io
import re

import pyzipper


def opened(content: bytes, password: str) -> dict[str, bytes]:
    """Return the files of an encrypted archive, read by a library that habeas does not use."""
    with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
        archive.setpassword(password.encode())
        assert all(entry.flag_bits & 1 for entry in archive.infolist()), "every file of it is encrypted"
        return {name: archive.read(name) for name in archive.namelist()}


def password_on(page: str) -> str:
    """Return the password that a page shows."""
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found, page
    return html.unescape(found.group(1))


def archive_on(page: str) -> str:
    """Return where a page says that the archive is."""
    found = re.search(r'<a class="button" href="(/a/[^"]+)"', page)
    assert found, page
    return html.unescape(found.group(1))
