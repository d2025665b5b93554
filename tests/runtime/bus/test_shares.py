"""Fair shares: everything is owned, nobody has two more than another, and nothing moves without need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.bus.port import Partition
from services.runtime.bus.sqlite.shares import fair_shares

NAMES = st.sets(st.sampled_from([f"member-{letter}" for letter in "abcdefg"]), min_size=1)
PARTITIONS = frozenset(Partition(topic, number) for topic in ("one", "two") for number in range(8))
OWNERS = st.dictionaries(st.sampled_from(sorted(PARTITIONS)), st.sampled_from([f"member-{x}" for x in "abcdefgh"]))
BOTH = frozenset({"one", "two"})


@given(NAMES, OWNERS)
def test_every_partition_is_owned_by_a_member_and_loads_differ_by_at_most_one(
    names: set[str], owners: dict[Partition, str]
) -> None:
    shares = fair_shares(dict.fromkeys(names, BOTH), PARTITIONS, owners)
    assert shares.keys() == PARTITIONS
    loads = [sum(owner == name for owner in shares.values()) for name in names]
    assert max(loads) - min(loads) <= 1


@given(NAMES, OWNERS)
def test_what_is_settled_stays_settled(names: set[str], owners: dict[Partition, str]) -> None:
    members = dict.fromkeys(names, BOTH)
    shares = fair_shares(members, PARTITIONS, owners)
    assert fair_shares(members, PARTITIONS, shares) == shares


@given(NAMES)
def test_a_newcomer_takes_its_share_and_the_others_keep_the_rest(names: set[str]) -> None:
    members = dict.fromkeys(names, BOTH)
    before = fair_shares(members, PARTITIONS, {})
    after = fair_shares({**members, "newcomer": BOTH}, PARTITIONS, before)
    moved = {partition for partition in PARTITIONS if after[partition] != before[partition]}
    assert all(after[partition] == "newcomer" for partition in moved)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from([frozenset({"one"}), BOTH]), min_size=1))
def test_nobody_is_given_a_topic_it_did_not_subscribe_to(members: dict[str, frozenset[str]]) -> None:
    shares = fair_shares(members, PARTITIONS, {})
    assert all(partition.topic in members[owner] for partition, owner in shares.items())
    wanted = frozenset().union(*members.values())
    assert {partition.topic for partition in shares} == wanted
