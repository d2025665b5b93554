"""Addresses in settings, refused when they are read: a slip in one is told by its setting, not met at first use."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

RELAY: Final = "say smtp://[user:password@]host:port, smtps://… or maildir:FOLDER"
DATABASE: Final = "say postgresql://user:password@host/database or sqlite:///FILE"
ESCAPED: Final = "a sign such as @ : / [ in a user's name or password is written as %40 %3A %2F %5B"
BROKERS: Final = "say HOST:PORT, and more of them after commas"
PUBLIC: Final = "say the address under which people reach the HTTP port: https://HOST or https://HOST/PATH"
PORT_MAX: Final = 65_535


def relay(address: str) -> str:
    """Accept smtp://, smtps:// and maildir:."""
    if address.startswith("maildir:"):
        if len(address) == len("maildir:"):
            raise ValueError(RELAY)
        return address
    parts = _parts(address, RELAY)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(RELAY)
    return address


def database(url: str) -> str:
    """Accept PostgreSQL, and SQLite in a file: what lies in memory is gone with the process."""
    parts = _parts(url, DATABASE)
    kind = parts.scheme.partition("+")[0]
    file = parts.path.removeprefix("/")
    if kind in {"postgresql", "postgres"} or (kind == "sqlite" and not parts.netloc and file not in {"", ":memory:"}):
        return url
    raise ValueError(DATABASE)


def brokers(bootstrap: str) -> str:
    """Accept HOST or HOST:PORT, one or several."""
    for broker in bootstrap.split(","):
        if "/" in broker or broker.endswith(":") or not _parts(f"//{broker.strip()}", BROKERS).hostname:
            raise ValueError(BROKERS)
    return bootstrap


def public(url: str) -> str:
    """Accept what a link in a letter may begin with."""
    parts = _parts(url, PUBLIC)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or " " in url:
        raise ValueError(PUBLIC)
    return url


def _parts(url: str, wanted: str) -> SplitResult:
    """Return an address's parts; the fault says what is wanted, never what was written: it may be a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{wanted}; the port is a number up to {PORT_MAX}, and {ESCAPED}") from None
    if port == 0:
        raise ValueError(f"{wanted}; the port is a number from 1 to {PORT_MAX}")
    return parts
