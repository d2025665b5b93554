"""Who should own which partition: a pure decision that every member reaches alike from the same rows."""

from __future__ import annotations

from collections.abc import Mapping

from services.runtime.bus.port import Partition


def fair_shares(
    members: Mapping[str, frozenset[str]], partitions: frozenset[Partition], owners: Mapping[Partition, str]
) -> dict[Partition, str]:
    """Return an owner for each partition that somebody subscribes to.

    Loads differ by at most one among members with the same topics, and as few partitions move as that allows: each move
    costs its new owner a look-up of the stored position.
    """
    loads = dict.fromkeys(sorted(members), 0)
    shares: dict[Partition, str] = {}
    candidates = {topic: [name for name in loads if topic in members[name]] for topic in {p.topic for p in partitions}}
    wanted = [partition for partition in sorted(partitions) if candidates[partition.topic]]
    for partition in wanted:
        owner = owners.get(partition)
        if owner is not None and owner in candidates[partition.topic]:
            shares[partition] = owner
            loads[owner] += 1
    for partition in wanted:
        if partition not in shares:
            _give(partition, candidates[partition.topic], shares, loads)
    while _even_out(wanted, candidates, shares, loads):
        pass
    return shares


def _give(partition: Partition, names: list[str], shares: dict[Partition, str], loads: dict[str, int]) -> None:
    owner = min(names, key=lambda name: loads[name])
    shares[partition] = owner
    loads[owner] += 1


def _even_out(
    wanted: list[Partition], candidates: Mapping[str, list[str]], shares: dict[Partition, str], loads: dict[str, int]
) -> bool:
    """Move partitions from the most to the least loaded; return whether any moved. Each move narrows a gap of two."""
    moved = False
    for partition in wanted:
        owner = shares[partition]
        least = min(candidates[partition.topic], key=lambda name: loads[name])
        if loads[owner] - loads[least] >= 2:
            loads[owner] -= 1
            _give(partition, [least], shares, loads)
            moved = True
    return moved
