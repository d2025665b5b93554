"""Speaking LDAP (RFC 4511), through ldap3, which is an optional extra (`habeas[ldap]`): it runs wherever Python does.

Every answer's code is looked at: a directory that reaches its limit gives half an answer and calls it one.
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from services.fulfil.connectors.protocol import SystemDown, SystemRefuses

try:
    with warnings.catch_warnings():
        # ldap3 names two tables of pyasn1 by their older names.
        warnings.simplefilter("ignore", DeprecationWarning)
        import ldap3
        from ldap3.core.exceptions import LDAPException
        from ldap3.core.exceptions import LDAPExceptionError as LdapFault
        from ldap3.utils.conv import escape_filter_chars
        from ldap3.utils.dn import parse_dn as parse_dn
except ImportError:  # pragma: no cover - the test installation has it
    raise SystemRefuses("Directories need an extra library: pip install 'habeas[ldap]'.") from None

HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
CONNECT_SECONDS: Final = 10
SECONDS_MAX: Final = 60
PAGE: Final = 500
USAGE: Final = "write ldaps://BIND-DN:password@host/BASE-DN"
AGAIN: Final = frozenset({3, 51, 52, 80})
GONE: Final = 32
NO_NAME: Final = 34
CHANGED: Final = frozenset({16, 20, GONE})
LIMITED: Final = frozenset({4, 11})
REMEDIES: Final[Mapping[int, str]] = {
    8: "it wants a stronger way to log in; use ldaps:",
    13: "it wants TLS; use ldaps:",
    19: "a constraint forbids the value; map another mask, or `erase: delete`",
    21: "the value does not fit the attribute; map another mask",
    49: "it refuses the login; mend bind DN or password",
    50: "the account may not do this; mend its rights",
    53: "it is unwilling; look at its constraints and overlays",
    64: "the entry's name does not allow it; say `erase: delete`",
    65: "the entry's class needs the attribute or does not know it; map another mask, or `erase: delete`",
    66: "entries lie below it; delete those first",
    67: "the attribute is part of the entry's name; say `erase: delete`",
    69: "an entry's class cannot be changed",
    71: "the change would reach several servers",
}


class Changed(SystemDown):
    """An entry is not as it was read: another program changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Address:
    """A connection URL, read."""

    host: str
    port: int
    secure: bool
    start_tls: bool
    user: str
    password: str
    base: str
    authority: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its name, and its attributes' values as they stand there, by attribute in small letters."""

    dn: str
    attributes: Mapping[str, Sequence[bytes]]


def address_of(system: str, url: str) -> Address:
    """Read `ldaps://BIND-DN:password@host/BASE-DN`; `ldap:` begins TLS on its own, except on this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SystemRefuses(f"{system}: the connection is no address; {USAGE}.") from None
    asked = parse_qs(parts.query)
    host, base = parts.hostname or "", unquote(parts.path.strip("/"))
    if not host or not base:
        raise SystemRefuses(f"{system}: the connection names no host or no base; {USAGE}.")
    secure = parts.scheme == "ldaps"
    return Address(
        host, port or (636 if secure else 389), secure,
        not secure and (host not in HERE or asked.get("tls") == ["start"]),
        unquote(parts.username or ""), unquote(parts.password or ""), base, (asked.get("ca") or [""])[0],
    )  # fmt: skip


class Directory:
    """One connection to a directory, bound."""

    def __init__(self, system: str, address: Address) -> None:
        self.system: Final = system
        self.base: Final = address.base
        with named(system):
            tls = _Trusted(address.authority)
            server = ldap3.Server(
                address.host, address.port, use_ssl=address.secure, tls=tls, get_info=ldap3.SCHEMA,
                connect_timeout=CONNECT_SECONDS,
            )  # fmt: skip
            self._connection = ldap3.Connection(
                server, address.user or None, address.password or None, auto_bind=ldap3.AUTO_BIND_NONE,
                receive_timeout=SECONDS_MAX, check_names=False, auto_referrals=False, raise_exceptions=False,
            )  # fmt: skip
        try:
            self._log_in(start_tls=address.start_tls)
        except BaseException:
            self.close()
            raise

    def _log_in(self, *, start_tls: bool) -> None:
        with named(self.system):
            self._connection.open(read_server_info=False)
            if start_tls and not self._connection.start_tls(read_server_info=False):
                raise SystemRefuses(f"{self.system}: the directory cannot begin TLS; use ldaps:.")
            self._connection.bind(read_server_info=True)
            self._settled()

    @property
    def schema(self) -> Any:
        """What classes and attributes the directory knows; None where it does not say."""
        return self._connection.server.schema

    def search(self, base: str, asked: str, attributes: Sequence[str], *, below: bool = True) -> Iterator[Entry]:
        """Yield the entries that a filter names, page by page: below the base, or the one that it names."""
        cookie: bytes | None = None
        scope = ldap3.SUBTREE if below else ldap3.BASE
        while True:
            with named(self.system):
                self._connection.search(
                    base, asked, scope, attributes=list(attributes), paged_size=PAGE, paged_cookie=cookie
                )
                if self._connection.result["result"] in (GONE, NO_NAME):
                    if not below:
                        return
                    raise SystemRefuses(
                        f"{self.system}: the directory knows no such base; mend the connection or the map."
                    )
                self._settled()
                found = [
                    Entry(entry["dn"], {k.lower(): v for k, v in entry["raw_attributes"].items()})
                    for entry in self._connection.response
                    if entry["type"] == "searchResEntry"
                ]
                controls = self._connection.result.get("controls") or {}
            yield from found
            cookie = controls.get("1.2.840.113556.1.4.319", {}).get("value", {}).get("cookie")
            if not cookie:
                return

    def modify(self, dn: str, changes: Mapping[str, Sequence[tuple[str, Sequence[bytes]]]]) -> None:
        """Change attributes of one entry, all or none."""
        with named(self.system):
            self._connection.modify(dn, {name: [(how, list(v)) for how, v in list_] for name, list_ in changes.items()})
            self._settled()

    def rename(self, dn: str, name: str) -> str:
        """Give an entry another name in its place; return the new DN."""
        with named(self.system):
            self._connection.modify_dn(dn, name, delete_old_dn=True)
            self._settled()
        return f"{name},{dn.partition(',')[2]}"

    def delete(self, dn: str) -> None:
        """Delete an entry; one that is gone is gone."""
        with named(self.system):
            self._connection.delete(dn)
            if self._connection.result["result"] != GONE:
                self._settled()

    def close(self) -> None:
        """Take leave; a connection that failed half-way is closed all the same."""
        with contextlib.suppress(LDAPException, OSError):
            self._connection.unbind()
        if self._connection.socket is not None:
            self._connection.socket.close()

    def _settled(self) -> None:
        """Look at the answer's code; the directory's own words repeat names of entries and are not passed on."""
        code = int(self._connection.result["result"])
        if code == 0:
            return
        if code in AGAIN:
            raise SystemDown(f"{self.system}: the directory cannot answer now (LDAP code {code}).")
        if code in CHANGED:
            said = f"{self.system}: an entry was changed or removed by another program meanwhile"
            raise Changed(f"{said} (LDAP code {code}). It was left as it is; try again.")
        if code in LIMITED:
            said = f"{self.system}: the directory gives half an answer, its limit is reached (LDAP code {code})"
            raise SystemRefuses(f"{said}; raise the limit for this account.")
        remedy = REMEDIES.get(code, "look into its log")
        raise SystemRefuses(f"{self.system}: the directory refuses (LDAP code {code}): {remedy}.")


class _Trusted(ldap3.Tls):  # type: ignore[misc]
    """TLS as Python's own defaults have it: certificate and name are checked while hands are shaken."""

    def __init__(self, authority: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        try:
            self._context = ssl.create_default_context(cafile=authority or None)
        except OSError:
            raise SystemRefuses("the connection's ?ca= names no readable file of certificates.") from None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Put TLS around the connection's socket."""
        del do_handshake
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)


@contextmanager
def named(system: str) -> Iterator[None]:
    """Turn what ldap3 raises into our faults."""
    try:
        yield
    except LdapFault as fault:
        cause = type(fault).__name__
        if "certificate" in str(fault).casefold():
            raise SystemRefuses(f"{system}: the directory's certificate is not trusted; name its ?ca=FILE.") from None
        raise SystemDown(f"{system}: the directory does not answer ({cause}).") from None
    except (OSError, ssl.SSLError) as fault:
        raise SystemDown(f"{system}: the directory does not answer ({type(fault).__name__}).") from None


def normal_dn(text: str) -> str:
    """Return a DN in the form in which equal ones are equal: small letters, no spaces around its signs."""
    try:
        parts = parse_dn(text, escape=False, strip=True)
    except LDAPException:
        return text.strip().lower()
    return "".join(f"{kind}={value}{after}" for kind, value, after in parts).lower()


def escaped(value: str) -> str:
    """Return a value as a filter may hold it (RFC 4515): it is never part of the question."""
    return str(escape_filter_chars(value))
