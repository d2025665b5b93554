"""Opening the vault at start: the key store, the master key, and what the operator must be told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from services.runtime.vault.errors import DatabaseLost, KeyStoreFault
from services.runtime.vault.keydatabase import KeyDatabase, key_store_url
from services.runtime.vault.keystore import KeyStore
from services.runtime.vault.master import KeyFile, KeyText, MasterKeySource
from services.runtime.vault.objects import ObjectRows
from services.runtime.vault.rotation import finish_rotation
from services.runtime.vault.tables import Begin
from services.runtime.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """A vault ready for use. `notice` is for the operator: it is not empty on the first run."""

    vault: Vault
    notice: str


def master_key_source(
    home: Path, *, file: Path | None = None, environment: Mapping[str, str] = os.environ
) -> MasterKeySource:
    """Return where the master key comes from: HABEAS_MASTER_KEY if it is set, else the file."""
    text = environment.get("HABEAS_MASTER_KEY", "")
    return (
        KeyText(text, environment.get("HABEAS_MASTER_KEY_PREVIOUS", ""))
        if text
        else KeyFile(file or home / "master.key")
    )


def open_keys(url: str, masters: MasterKeySource, *, make: bool = True) -> tuple[KeyStore, bool]:
    """Return the key store, with its tables made and its master key checked, and whether this was the first run."""
    keys = KeyStore(KeyDatabase(url), masters)
    try:
        first = keys.prepare(make=make)
        if isinstance(masters, KeyFile) and not keys.rotating():
            # A rotation that stopped after its last page, before the new file took the old one's name.
            masters.settle(keys.current_master())
    except BaseException:
        keys.database.close()
        raise
    return keys, first


def look_at_keys(url: str, masters: MasterKeySource, *, tied: bool = True) -> None:
    """Raise what is wrong with a key store, its master key, and a database that was or was not tied to one."""
    keys = KeyStore(KeyDatabase(url, looking=True), masters)
    try:
        keys.inspect()
        if not tied and keys.knows_people():
            raise DatabaseLost(keys.database.shown)
    finally:
        keys.database.close()


def holds_keys(url: str, masters: MasterKeySource) -> bool:
    """Tell whether a key store was made there already; looking makes nothing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Path(parsed.database or "").exists()
    keys = KeyStore(KeyDatabase(url, looking=True), masters)
    try:
        return keys.is_made()
    finally:
        keys.database.close()


def is_tied(begin: Begin) -> bool:
    """Tell whether a database was ever sealed with a key store."""
    with begin() as tx:
        return ObjectRows().identity(tx) is not None


def open_vault(
    home: Path,
    begin: Begin,
    *,
    keys_url: str = "",
    masters: MasterKeySource | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    make: bool = True,
) -> OpenedVault:
    """Open the vault of this home; tie the database to the key store, or refuse a pair that does not belong together.

    Without `make`, a home that has no keys yet is refused: a command that looks must not create secrets. `begin`
    gives short transactions on the main database. It is used here once, and by streams and forgetting.
    """
    source = masters or master_key_source(home)
    url = keys_url or key_store_url(home)
    require_key_store(url, begin)
    keys, first = open_keys(url, source, make=make)
    try:
        vault = Vault(keys, begin, clock=clock)
        with begin() as tx:
            vault.attach(tx)
    except BaseException:
        keys.database.close()
        raise
    return OpenedVault(vault, _first_notice(source, keys) if first else "")


def require_key_store(url: str, begin: Begin) -> None:
    """Refuse a database that was sealed with a key store whose file is gone: a new one would open nothing of it."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists():
        return
    with begin() as tx:
        if ObjectRows().identity(tx) is not None:
            raise KeyStoreFault(
                f"the key store {parsed.database} is missing, and what people wrote is sealed with it. Restore the key "
                "store that belongs to this database, never make a new one; nothing was changed"
            )


def finish(keys: KeyStore) -> int:
    """Go on with a rotation that was cut off; return how many keys were wrapped anew."""
    return finish_rotation(keys) if keys.rotating() else 0


def _first_notice(source: MasterKeySource, keys: KeyStore) -> str:
    store = keys.database.url.render_as_string(hide_password=True)
    return (
        f"A new master key was made in {source.where()}. KEEP A COPY of it in a safe place that is not the backup of "
        "the database: without it, nothing that people wrote can ever be read again.\n"
        f"The keys of persons are in {store}. Leave it out of ordinary backups, and keep its own copies only for as "
        "long as a forgotten person may come back: whoever restores an old key store restores the forgotten. "
        "Copy the tombstones regularly: `habeas vault tombstones export FILE`."
    )
