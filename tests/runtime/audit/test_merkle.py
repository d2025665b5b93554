"""The tree is RFC 6962's, and a proof proves its leaf and no other."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.audit.merkle import inclusion_proof, is_included, leaf_hash, root

leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def by_the_book(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word: split at the largest power of two smaller than n."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + by_the_book(hashes[:split]) + by_the_book(hashes[split:])).digest()


def test_the_empty_tree_and_one_leaf_are_as_published() -> None:
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root([b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(leaves=leaves)
def test_the_root_is_the_one_of_the_rfc(leaves: list[bytes]) -> None:
    assert root(leaves) == by_the_book([leaf_hash(leaf) for leaf in leaves])


@given(leaves=leaves, index=st.integers(0), other=st.binary(max_size=8))
def test_a_proof_proves_its_leaf_at_its_place_and_nothing_else(leaves: list[bytes], index: int, other: bytes) -> None:
    index %= len(leaves)
    path, top = inclusion_proof(leaves, index), root(leaves)
    assert is_included(leaves[index], index, len(leaves), path, top)
    assert is_included(other, index, len(leaves), path, top) == (other == leaves[index])
    assert not is_included(leaves[index], len(leaves), len(leaves), path, top)
    if path:
        assert not is_included(leaves[index], index, len(leaves), path[:-1], top)
    assert not is_included(leaves[index], index, len(leaves), (*path, top), top)
