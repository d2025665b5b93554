"""`habeas topics positions` and `reset`: where each group stands, and putting a stopped one somewhere else.

Positions are stored with the work and moved by compare-and-set, so a worker that was overlooked loses its slice and
does nothing twice; and an event that is read again is known by its id for as long as the topics keep it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click

from services.runtime.bus.port import Bus, Partition
from services.runtime.settings import Settings
from services.runtime.store import Conflict, Database, Zombie
from services.runtime.store.migrate import require_current
from services.runtime.store.positions import advance, all_of

GROUPS: Final = ("intake", "router", "fulfil")
BEGINNING: Final = "beginning"
END: Final = "end"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a group stands in one partition, and where the log ends."""

    group: str
    partition: Partition
    position: int
    end: int


async def standings(settings: Settings, bus: Bus, groups: Sequence[str], topics: Sequence[str]) -> list[Standing]:
    """Return where these groups stand in these topics, as stored with their work."""
    ends = {lag.partition: lag.end for lag in await bus.lag("habeas-topics-positions", topics)}
    found = []
    for group, stored in _stored(settings, groups).items():
        found += [Standing(group, place, at, ends[place]) for place, at in sorted(stored.items()) if place in ends]
    return found


def _stored(settings: Settings, groups: Sequence[str]) -> Mapping[str, Mapping[Partition, int]]:
    database = Database(settings.store_url)
    try:
        require_current(database)
        stored = {}
        for group in groups:
            with database.look(group) as reading:
                stored[group] = all_of(reading, group)
        return stored
    finally:
        database.close()


def said(standing: Standing, *, as_json: bool) -> str:
    """Return one standing as a line."""
    place = standing.partition
    if as_json:
        fields: dict[str, Any] = {"group": standing.group, "topic": place.topic, "partition": place.number}
        return json.dumps({**fields, "position": standing.position, "end": standing.end})
    behind = standing.end - standing.position
    return (
        f"{standing.group:<8} {place.topic}/{place.number:<3} at {standing.position} of {standing.end}, {behind} behind"
    )


def moment_of(text: str) -> datetime | None:
    """Return the moment that is meant; None for the beginning and the end."""
    if text in {BEGINNING, END}:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"--to takes {BEGINNING}, {END} or a time like 2026-03-01T00:00Z, not {text!r}"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def reset(settings: Settings, bus: Bus, group: str, to: str, topics: Sequence[str], *, sure: bool) -> list[str]:
    """Put a stopped group somewhere else; return what was done, or would be without `sure`."""
    if count := await bus.members(group):
        holding = "a running worker holds" if count == 1 else f"{count} running workers hold"
        raise click.ClickException(
            f"{holding} the group {group}; stop habeas (or `run {group}`) everywhere, wait ten "
            "seconds, and say this again. Nothing was changed"
        )
    standing = await standings(settings, bus, [group], topics)
    wanted = await _wanted(bus, standing, to)
    moves = [(one, wanted[one.partition]) for one in standing if wanted[one.partition] != one.position]
    lines = [
        f"{group} {one.partition.topic}/{one.partition.number}: {one.position} -> {target}"
        + (f", SKIPPING {target - one.position} events" if target > one.position else "")
        for one, target in moves
    ]
    if not sure:
        return [*lines, "nothing was changed; say --yes to do it" if lines else "the group stands there already"]
    _move(settings, group, moves)
    return lines or ["the group stands there already"]


async def _wanted(bus: Bus, standing: Sequence[Standing], to: str) -> dict[Partition, int]:
    moment = moment_of(to)
    if moment is None:
        # Offset 0 may be gone: then a worker goes on at the first that is kept.
        return {one.partition: 0 if to == BEGINNING else one.end for one in standing}
    found = {one.partition: one.end for one in standing}
    async for record in bus.tail(sorted({place.topic for place in found}), from_beginning=True, follow=False):
        if record.timestamp_ms >= moment.timestamp() * 1000 and record.partition in found:
            found[record.partition] = min(found[record.partition], record.offset)
    return found


def _move(settings: Settings, group: str, moves: Sequence[tuple[Standing, int]]) -> None:
    database = Database(settings.store_url)
    try:
        with database.begin(group) as transaction:
            for one, target in moves:
                advance(transaction, group, one.partition, one.position, target)
    except (Zombie, Conflict):
        raise click.ClickException(
            f"a worker of {group} went on meanwhile; stop it and say this again. Nothing was changed"
        ) from None
    finally:
        database.close()
