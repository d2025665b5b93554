"""The key store: a key per person, wrapped by the master key, and the tombstones of those who were forgotten.

The unwrapped keys are not kept here. Unwrapping costs five microseconds, and reading the row anew for every transaction
is what makes a destroyed key useless at once in every process (ADR 0060, ADR 0138).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Executable, Table, bindparam, delete, insert, select, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.runtime.store.prepared import Prepared
from services.runtime.vault.errors import Forgotten, KeyStoreFault, MasterKeyFault, Missing
from services.runtime.vault.keydatabase import KeyDatabase
from services.runtime.vault.keytables import SCHEMA_VERSION, KeyTables, key_tables
from services.runtime.vault.master import MasterKey, MasterKeySource
from services.runtime.vault.sealing import KEY_BYTES

ROOT: Final = "root"
_CURRENT: Final = "current"
_PREVIOUS: Final = "previous"
_VERSION: Final = "version"
_PAGE_ROWS: Final = 500


class KeyStore:
    """Keys of persons, by the person's id."""

    def __init__(self, database: KeyDatabase, masters: MasterKeySource) -> None:
        self.database = database
        self.masters = masters
        self.tables: KeyTables = key_tables(database.schema)
        self._known: dict[str, MasterKey] = {}
        lookup = self.tables.lookup
        self._looked_up = Prepared(select(lookup.c.person).where(lookup.c.digest == bindparam("wanted")))
        self._inserts: dict[tuple[Table, frozenset[str]], Prepared] = {}

    def prepare(self, *, make: bool = True) -> bool:
        """Make the tables and the master key where there are none; return whether this was the first run.

        A key store that already holds keys is never given a new master key: that would lose everything in it.
        """
        with self.database.creating() as connection:
            self._refuse_main_database(connection)
            self.tables.metadata.create_all(connection)
            state = self._state(connection)
            self._refuse_newer(state)
            if _CURRENT in state:
                self._require(state)
                return False
            if not make:
                raise KeyStoreFault(
                    f"there are no keys in {self.database.shown} yet; start habeas once, or check --home"
                )
            first = not self.masters.load()
            master = self.masters.create() if first else self.masters.load()[0]
            self._known[master.id] = master
            connection.execute(
                insert(self.tables.state),
                [{"name": _VERSION, "value": SCHEMA_VERSION}, {"name": _CURRENT, "value": master.id}],
            )
            self._insert_wrapped(connection, self.tables.secret, "name", ROOT, secrets.token_bytes(KEY_BYTES), master)
            return first

    def inspect(self) -> None:
        """Raise where this is no key store of this release, or the master key is not the one that it needs."""
        with self.database.reading() as connection:
            state = self._state(connection)
            self._refuse_newer(state)
            if _CURRENT not in state:
                raise KeyStoreFault(f"there are no keys in {self.database.shown}; restore it from its own backup")
            self._require(state)

    def is_made(self) -> bool:
        """Tell whether there is a key store here; an empty database is none yet."""
        with self.database.reading() as connection:
            return sa_inspect(connection).has_table(self.tables.state.name, schema=self.database.schema)

    def root(self) -> bytes:
        """Return the secret from which the keys for hashing and signing derive."""
        with self.database.reading() as connection:
            key = self._unwrapped(connection, self.tables.secret, "name", ROOT)
        if key is None:
            raise KeyStoreFault("the key store has lost its root secret; restore it from its own backup")
        return key

    def key_of(self, person: str) -> bytes:
        """Return the person's key; raise Forgotten when it was destroyed, Missing when there never was one."""
        table = self.tables.person_key
        row = self.database.look(table, ("master", "wrapped"), "person", person)
        if row is not None:
            return self._master(row[0]).unwrap(_label(table, person), row[1])
        if self.database.look(self.tables.tombstone, ("person",), "person", person) is not None:
            raise Forgotten("this person was forgotten: the key is destroyed")
        raise Missing("the key store holds no key for this person; is it the key store of this database?")

    def key_for(self, person: str) -> bytes:
        """Return the person's key, made durable first when it is new; a forgotten person gets no second one."""
        try:
            return self.key_of(person)
        except Missing:
            pass
        with self.database.writing() as connection:
            self.add_person(connection, person)
        return self.key_of(person)

    def add_person(self, connection: Connection, person: str) -> None:
        """Give the person a key, inside the caller's transaction on the key store."""
        master = self.writing_master(connection)
        if self._is_forgotten(connection, person):
            raise Forgotten("this person was forgotten: the key is destroyed")
        table = self.tables.person_key
        self._insert_wrapped(connection, table, "person", person, secrets.token_bytes(KEY_BYTES), master)

    def destroy(self, connection: Connection, person: str, moment: datetime) -> bool:
        """Destroy the key and the look-ups, and leave the tombstone; return whether this was the first time."""
        self._lock_state(connection, exclusive=True)
        first = not self._is_forgotten(connection, person)
        if first:
            connection.execute(insert(self.tables.tombstone).values(person=person, forgotten=moment))
        connection.execute(delete(self.tables.person_key).where(self.tables.person_key.c.person == person))
        connection.execute(delete(self.tables.lookup).where(self.tables.lookup.c.person == person))
        return first

    def knows(self, person: str) -> bool:
        """Tell whether this person has a key here, or had one."""
        try:
            self.key_of(person)
        except Forgotten:
            return True
        except Missing:
            return False
        return True

    def knows_people(self) -> bool:
        """Tell whether anybody has a key here, or had one."""
        with self.database.reading() as connection:
            tables = (self.tables.person_key, self.tables.tombstone)
            return any(connection.execute(select(table.c.person).limit(1)).first() for table in tables)

    def find(self, digest: str) -> str | None:
        """Return the person that this look-up digest leads to."""
        row = self.database.look(self.tables.lookup, ("person",), "digest", digest)
        return None if row is None else str(row[0])

    def find_or_add(self, digest: str, new_person: str) -> str:
        """Return the person behind a digest; where there is none, the new one, with a key, in one transaction."""
        return self.find_or_add_all({digest: new_person})[digest]

    def find_or_add_all(self, new_persons: Mapping[str, str]) -> dict[str, str]:
        """As `find_or_add`, for several in one transaction."""
        with self.database.writing() as connection:
            master = self.writing_master(connection)
            return {
                digest: self._found_or_added(connection, master, digest, new) for digest, new in new_persons.items()
            }

    def _found_or_added(self, connection: Connection, master: MasterKey, digest: str, new_person: str) -> str:
        found = self._found(connection, digest)
        if found is not None:
            return found
        key = secrets.token_bytes(KEY_BYTES)
        self._insert_wrapped(connection, self.tables.person_key, "person", new_person, key, master)
        if self.bind(connection, digest, new_person):
            return new_person
        # Another process bound the digest a moment before; its person is the one.
        return self._found(connection, digest) or new_person

    def bind(self, connection: Connection, digest: str, person: str) -> bool:
        """Let a digest lead to a person, unless it already leads to one; return whether it was free."""
        return self._insert_new(connection, self.tables.lookup, {"digest": digest, "person": person}) == 1

    def tombstones(self) -> Iterator[tuple[str, datetime]]:
        """Yield who was forgotten and when, in the order of their ids, a page at a time."""
        table, after = self.tables.tombstone, ""
        while True:
            query = select(table).where(table.c.person > after).order_by(table.c.person).limit(_PAGE_ROWS)
            with self.database.reading() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield from ((row.person, row.forgotten) for row in rows)
            after = rows[-1].person

    def writing_master(self, connection: Connection) -> MasterKey:
        """Return the master key for new keys, holding off its replacement until this transaction ends."""
        self._lock_state(connection)
        return self._require(self._state(connection))

    def wrap_new(self, connection: Connection, table: Table, name_column: str, name: str, **columns: object) -> None:
        """Add a random key under this name, unless there is one."""
        master = self.writing_master(connection)
        key = secrets.token_bytes(KEY_BYTES)
        self._insert_wrapped(connection, table, name_column, name, key, master, **columns)

    def unwrapped(self, connection: Connection, table: Table, name_column: str, name: str) -> bytes | None:
        """Return the key of this name in one of the tables of wrapped keys."""
        return self._unwrapped(connection, table, name_column, name)

    # ---- replacing the master key: see rotation.py, which decides the order of these steps

    def begin_rotation(self, following: MasterKey) -> str | None:
        """Use the following key for new keys from now on; return the id of the one that is being replaced, if any."""
        self._known[following.id] = following
        with self.database.writing() as connection:
            self._lock_state(connection, exclusive=True)
            state = self._state(connection)
            if state[_CURRENT] == following.id:
                return state.get(_PREVIOUS)
            if _PREVIOUS in state:
                raise MasterKeyFault("another rotation is under way with another new key; finish that one first")
            self._require(state)
            connection.execute(insert(self.tables.state).values(name=_PREVIOUS, value=state[_CURRENT]))
            self._set_current(connection, following.id)
            return state[_CURRENT]

    def rewrap_page(self) -> int:
        """Wrap the next page of keys with the key in force, in one transaction; return how many there were."""
        with self.database.writing() as connection:
            self._lock_state(connection, exclusive=True)
            master = self._require(self._state(connection))
            for table, name in self.tables.wrapped:
                query = select(name, table.c.master, table.c.wrapped).where(table.c.master != master.id)
                rows = connection.execute(query.limit(_PAGE_ROWS)).all()
                for row in rows:
                    key = self._master(row.master).unwrap(_label(table, row[0]), row.wrapped)
                    wrapped = master.wrap(_label(table, row[0]), key)
                    again = update(table).where(name == row[0]).values(master=master.id, wrapped=wrapped)
                    connection.execute(again)
                if rows:
                    return len(rows)
            connection.execute(delete(self.tables.state).where(self.tables.state.c.name == _PREVIOUS))
            return 0

    def rotating(self) -> bool:
        """Return whether some keys may still be wrapped by the previous master key."""
        with self.database.reading() as connection:
            return _PREVIOUS in self._state(connection)

    def current_master(self) -> str:
        """Return the id of the master key in force."""
        with self.database.reading() as connection:
            return self._state(connection)[_CURRENT]

    # ---- inside

    def _refuse_main_database(self, connection: Connection) -> None:
        # In one file with what they open, the keys would be in every backup of it, and forgetting would forget nothing.
        if self.database.sqlite and sa_inspect(connection).has_table("habeas_revision"):
            raise KeyStoreFault(
                "the key store may not be the file of the main database, or backups of that would hold the keys; "
                'give it a file of its own (settings: keys = "sqlite:///…/keys.db")'
            )

    def _refuse_newer(self, state: dict[str, str]) -> None:
        if state.setdefault(_VERSION, SCHEMA_VERSION) != SCHEMA_VERSION:
            raise KeyStoreFault(f"the key store has version {state[_VERSION]}, made by a newer habeas; upgrade habeas")

    def _state(self, connection: Connection) -> dict[str, str]:
        return {row.name: row.value for row in connection.execute(select(self.tables.state))}

    def _lock_state(self, connection: Connection, *, exclusive: bool = False) -> None:
        # SQLite has one writer anyway; PostgreSQL lets creators share and makes forgetting and rotation wait for them.
        if self.database.sqlite:
            return
        table = self.tables.state
        query = select(table.c.value).where(table.c.name == _CURRENT)
        connection.execute(query.with_for_update(read=not exclusive))

    def _set_current(self, connection: Connection, master: str) -> None:
        table = self.tables.state
        connection.execute(update(table).where(table.c.name == _CURRENT).values(value=master))

    def _require(self, state: dict[str, str]) -> MasterKey:
        if _PREVIOUS in state:
            self._master(state[_PREVIOUS])
        return self._master(state[_CURRENT])

    def _master(self, wanted: str) -> MasterKey:
        if wanted not in self._known:
            self._known |= {key.id: key for key in self.masters.load()}
        if wanted in self._known:
            return self._known[wanted]
        where = self.masters.where()
        if not self._known:
            raise MasterKeyFault(
                f"there is no master key in {where}, but the key store needs the one with the id {wanted}; "
                "restore it from where you keep it. Nothing was changed"
            )
        raise MasterKeyFault(
            f"the master key in {where} is not the one of this key store: it has the id "
            f"{', '.join(sorted(self._known))}, the key store needs {wanted}. Restore that one; nothing was changed"
        )

    def _unwrapped(self, connection: Connection, table: Table, name_column: str, name: str) -> bytes | None:
        query = select(table.c.master, table.c.wrapped).where(table.c[name_column] == name)
        row = connection.execute(query).first()
        return None if row is None else self._master(row.master).unwrap(_label(table, name), row.wrapped)

    def _insert_wrapped(
        self, connection: Connection, table: Table, name_column: str, name: str, key: bytes, master: MasterKey,
        **columns: object,
    ) -> None:  # fmt: skip
        row = {name_column: name, "master": master.id, "wrapped": master.wrap(_label(table, name), key), **columns}
        if columns:
            connection.execute(self.insert_new(table, **row))  # a date needs SQLAlchemy's conversion
        else:
            self._insert_new(connection, table, row)

    def _insert_new(self, connection: Connection, table: Table, row: Mapping[str, object]) -> int:
        """Insert a row of text and bytes unless its key is there; return how many there are now that were not."""
        known = self._inserts.get((table, frozenset(row)))
        if known is None:
            statement = self.insert_new(table, **{name: bindparam(name) for name in row})
            known = self._inserts[table, frozenset(row)] = Prepared(statement)
        return known.changed(connection, row)

    def insert_new(self, table: Table, **row: object) -> Executable:
        """Return an insert that leaves a row with the same key as it is."""
        if self.database.sqlite:
            return sqlite_insert(table).values(**row).on_conflict_do_nothing()
        from sqlalchemy.dialects.postgresql import insert as postgres_insert  # 3 MB, only where it is used

        return postgres_insert(table).values(**row).on_conflict_do_nothing()

    def _found(self, connection: Connection, digest: str) -> str | None:
        row = self._looked_up.first(connection, {"wanted": digest})
        return None if row is None else str(row[0])

    def _is_forgotten(self, connection: Connection, person: str) -> bool:
        table = self.tables.tombstone
        return connection.execute(select(table.c.person).where(table.c.person == person)).first() is not None


def _label(table: Table, name: str) -> str:
    return f"{table.name}|{name}"
