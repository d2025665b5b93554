"""From a connection URL to the connector that speaks its scheme.

A connector module is loaded when its scheme is first used, so that nobody pays for systems they do not have. To add
one, add its schemes here and make it pass the contract suite.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final

from services.fulfil.connectors.protocol import Connector, SystemRefuses
from services.fulfil.core.maps.model import DataMap

Maker = Callable[[str, str, DataMap], Connector]

SQL: Final = "services.fulfil.connectors.sql.connector:sql_connector"
FOLDER: Final = "services.fulfil.connectors.folder.connector:folder_connector"
MAILDIR: Final = "services.fulfil.connectors.mail.maildir:maildir_connector"
IMAP: Final = "services.fulfil.connectors.mail.imap:imap_connector"
S3: Final = "services.fulfil.connectors.s3.connector:s3_connector"
LDAP: Final = "services.fulfil.connectors.ldap.connector:ldap_connector"
MONGO: Final = "services.fulfil.connectors.mongo.connector:mongo_connector"
HTTP: Final = "services.fulfil.connectors.http.connector:http_connector"
SCHEMES: Final[dict[str, str]] = {
    "postgresql": SQL,
    "postgres": SQL,
    "mysql": SQL,
    "mariadb": SQL,
    "sqlite": SQL,
    "mssql": SQL,
    "oracle": SQL,
    "file": FOLDER,
    "maildir": MAILDIR,
    "http": HTTP,
    "https": HTTP,
    "imap": IMAP,
    "imaps": IMAP,
    "s3": S3,
    "ldap": LDAP,
    "ldaps": LDAP,
    "mongodb": MONGO,
}


def connector_for(system: str, url: str, data_map: DataMap) -> Connector:
    """Return the connector for a URL, or say which schemes there are."""
    scheme = url.partition(":")[0].partition("+")[0].lower()
    place = SCHEMES.get(scheme)
    if place is None:
        known = ", ".join(sorted(SCHEMES))
        raise SystemRefuses(f"{system}: no connector speaks `{scheme}:`; there are: {known}.")
    module, _, name = place.partition(":")
    maker: Maker = getattr(importlib.import_module(module), name)
    try:
        return maker(system, url, data_map)
    except ValueError:
        # The driver's own words would repeat the URL, and the secret in it.
        said = f"{system}: this is no {scheme} URL: its host or port cannot be read."
        raise SystemRefuses(
            f"{said} Write {scheme}://user:secret@host:port/…, with % codes for @ : / in a secret."
        ) from None
