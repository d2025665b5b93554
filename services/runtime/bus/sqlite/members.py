"""Members of a group and what each owns: rows under the write lock, so that no two processes own one partition.

A member owns a partition from the commit that inserts its row until the commit that removes it. Nobody takes a row from
a living member: who should give something up does so itself, at its next fetch, when it has no slice of it in hand.
Rows of a dead or silent member are removed by any other.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.runtime.bus.port import Partition
from services.runtime.bus.sqlite.session import transaction
from services.runtime.bus.sqlite.shares import fair_shares


@dataclass(frozen=True, slots=True)
class Member:
    """One consumer of a group, in the process that holds this seat."""

    group: str
    name: str
    seat: str
    topics: tuple[str, ...]


def join(connection: sqlite3.Connection, member: Member, lease_until_ms: int) -> None:
    """Enter the group, owning nothing yet."""
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO bus_members VALUES (?, ?, ?, ?, ?)",
            (member.group, member.name, member.seat, json.dumps(sorted(member.topics)), lease_until_ms),
        )
        _changed(connection, {member.group})


def leave(connection: sqlite3.Connection, member: Member) -> None:
    """Leave the group and free what was owned, for the others to take at once."""
    with transaction(connection):
        _remove(connection, [(member.group, member.name)])


def renew(connection: sqlite3.Connection, seat: str, lease_until_ms: int) -> None:
    """Say that the members at this seat are alive."""
    with transaction(connection):
        connection.execute("UPDATE bus_members SET lease_until_ms = ? WHERE seat = ?", (lease_until_ms, seat))


def living(connection: sqlite3.Connection, group: str, now_ms: int) -> int:
    """Return how many members have said lately that they are alive."""
    query = "SELECT count(*) FROM bus_members WHERE grp = ? AND lease_until_ms > ?"
    return int(connection.execute(query, (group, now_ms)).fetchone()[0])


def expel_the_lost(
    connection: sqlite3.Connection, seat: str, is_taken: Callable[[str], bool], now_ms: int
) -> list[tuple[str, str]]:
    """Remove members whose process died or fell silent, and return them as (group, member)."""
    found = _lost(connection, seat, is_taken, now_ms)
    if not found:
        return []
    with transaction(connection):
        # Look again under the lock: one that was silent may have spoken in between.
        found = _lost(connection, seat, is_taken, now_ms)
        _remove(connection, found)
    return found


def _lost(
    connection: sqlite3.Connection, seat: str, is_taken: Callable[[str], bool], now_ms: int
) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT grp, member, seat, lease_until_ms FROM bus_members WHERE seat <> ?", (seat,))
    return [
        (group, name) for group, name, other, until_ms in rows.fetchall() if until_ms < now_ms or not is_taken(other)
    ]


def settle(connection: sqlite3.Connection, member: Member) -> frozenset[Partition] | None:
    """Give up and take partitions towards fair shares; return what is owned now, or None when expelled."""
    with transaction(connection):
        rows = connection.execute("SELECT member, topics FROM bus_members WHERE grp = ?", (member.group,)).fetchall()
        members = {name: frozenset(json.loads(topics)) for name, topics in rows}
        if member.name not in members:
            return None
        ids = _partition_ids(connection, frozenset[str]().union(*members.values()))
        owners = _owners(connection, member.group, ids)
        shares = fair_shares(members, frozenset(ids), owners)
        given = [p for p, owner in owners.items() if owner == member.name and shares.get(p) != member.name]
        taken = [p for p, owner in shares.items() if owner == member.name and p not in owners]
        connection.executemany(
            "DELETE FROM bus_owners WHERE grp = ? AND partition_id = ?", [(member.group, ids[p]) for p in given]
        )
        connection.executemany(
            "INSERT INTO bus_owners VALUES (?, ?, ?)", [(member.group, ids[p], member.name) for p in taken]
        )
        if given:
            _changed(connection, {member.group})
    kept = {partition for partition, owner in owners.items() if owner == member.name}
    return frozenset(kept.difference(given).union(taken))


def changes(connection: sqlite3.Connection, group: str) -> int:
    """Return a number that grows whenever members of the group, or what they own, change."""
    row = connection.execute("SELECT changes FROM bus_groups WHERE name = ?", (group,)).fetchone()
    return int(row[0]) if row else 0


def _partition_ids(connection: sqlite3.Connection, topics: Collection[str]) -> dict[Partition, int]:
    rows = connection.execute("SELECT topic, number, id FROM bus_partitions")
    return {Partition(topic, number): id_ for topic, number, id_ in rows if topic in topics}


def _owners(connection: sqlite3.Connection, group: str, ids: dict[Partition, int]) -> dict[Partition, str]:
    partitions = {id_: partition for partition, id_ in ids.items()}
    rows = connection.execute("SELECT partition_id, member FROM bus_owners WHERE grp = ?", (group,))
    return {partitions[id_]: name for id_, name in rows if id_ in partitions}


def _remove(connection: sqlite3.Connection, gone: Collection[tuple[str, str]]) -> None:
    connection.executemany("DELETE FROM bus_members WHERE grp = ? AND member = ?", gone)
    connection.executemany("DELETE FROM bus_owners WHERE grp = ? AND member = ?", gone)
    _changed(connection, {group for group, _ in gone})


def _changed(connection: sqlite3.Connection, groups: Collection[str]) -> None:
    connection.executemany(
        "INSERT INTO bus_groups VALUES (?, 1) ON CONFLICT DO UPDATE SET changes = changes + 1",
        [(group,) for group in groups],
    )
