"""Start a directory (OpenLDAP) for tests and trials, and stop it again.

Debian's packages are unpacked into the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`), by root too: installing
them would start a directory that nobody asked for. It serves this machine only, with and without TLS.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scripts.serving import START_SECONDS_MAX, alive, cache, ended, free_ports, serve

ROOT_DN: Final = "dc=habeas,dc=test"
ADMIN: Final = f"cn=admin,{ROOT_DN}"
PASSWORD: Final = "only-for-tests"
_PACKAGES: Final = (
    "slapd", "libldap-2.5-0", "libodbc2", "libltdl7", "libargon2-1", "libsasl2-2", "libwrap0", "libperl5.36",
)  # fmt: skip
_NUMBERS: Final = itertools.count(1)
# A class whose attributes are those of the connectors' contract; the arc is one that nobody can own.
_SCHEMA: Final = """\
attributetype ( 1.3.6.1.4.1.0.1 NAME 'id' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.0.2 NAME 'boss' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.0.3 NAME 'profile' EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.0.4 NAME 'habeasPerson' SUP top STRUCTURAL MUST id MAY ( email $ name $ boss $ profile ) )
"""
_SETTINGS: Final = """\
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
include {folder}/habeas.schema
modulepath {modules}
moduleload back_mdb.so
pidfile {folder}/pid
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/ca.pem
TLSCertificateKeyFile {folder}/key.pem
database mdb
suffix "{root}"
rootdn "{admin}"
rootpw {password}
directory {folder}/rows
maxsize 67108864
dbnosync
index objectClass,mail,uid,member eq
"""


class LdapMissing(Exception):
    """The directory cannot be had; the message says how to get it."""


def _unpacked() -> Path:
    """Return the folder below which the directory's `usr` lies, fetching it where there is none."""
    folder = cache() / "openldap"
    if (folder / "ready").exists():
        return folder
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    _run("apt-get", "download", *_PACKAGES, cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        _run("dpkg", "-x", str(package), str(folder), cwd=packages)
    (folder / "ready").touch()
    return folder


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"`{' '.join(command[:2])} …` failed; run `apt-get update`, or install Debian's slapd by hand:"
        raise LdapMissing(f"{said}\n{done.stderr[-600:]}")


class LdapServer:
    """A directory of our own, in a folder of its own, on free ports of this machine."""

    def __init__(self) -> None:
        self.port, self.secure_port = free_ports(2)
        self._root = _unpacked()
        self.folder = Path(tempfile.mkdtemp(prefix="habeas-ldap-"))
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, base: str = ROOT_DN, *, user: str = ADMIN, password: str = PASSWORD) -> str:
        """Return the URL of one branch."""
        return f"ldap://{quote(user)}:{quote(password)}@127.0.0.1:{self.port}/{quote(base)}"

    def secure_url(self, base: str = ROOT_DN) -> str:
        """Return the URL of one branch, with TLS, and what to trust it by."""
        authority = quote(str(self.folder / "ca.pem"))
        return f"ldaps://{quote(ADMIN)}:{PASSWORD}@127.0.0.1:{self.secure_port}/{quote(base)}?ca={authority}"

    def new_branch(self) -> str:
        """Return a name below the root that no test has used yet."""
        return f"ou=branch{next(_NUMBERS)},{ROOT_DN}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        (self.folder / "rows").mkdir()
        (self.folder / "habeas.schema").write_text(_SCHEMA)
        _certify(self.folder)
        settings = self.folder / "slapd.conf"
        settings.write_text(
            _SETTINGS.format(
                schemas=self._root / "etc/ldap/schema",
                modules=self._root / "usr/lib/ldap",
                folder=self.folder,
                root=ROOT_DN,
                admin=ADMIN,
                password=PASSWORD,
            )
        )
        libraries = ":".join(str(path) for path in sorted((self._root / "usr/lib").glob("*-linux-gnu")))
        doors = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.secure_port}/"
        log = (self.folder / "log").open("wb")
        with log:
            self._server = subprocess.Popen(
                [str(self._root / "usr/sbin/slapd"), "-h", doors, "-f", str(settings), "-d", "0"],
                env={**os.environ, "LD_LIBRARY_PATH": libraries}, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise LdapMissing(f"the directory did not start:\n{(self.folder / 'log').read_text()[-800:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.secure_port)) == 0

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        if self._server is not None:
            ended(self._server)
        shutil.rmtree(self.folder, ignore_errors=True)


def _certify(folder: Path) -> None:
    """Write a certificate of our own for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "habeas.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def running() -> AbstractContextManager[LdapServer]:
    """Give a server that is gone afterwards."""
    return alive(LdapServer())


if __name__ == "__main__":
    serve(running, LdapMissing)
