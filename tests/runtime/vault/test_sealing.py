"""No byte of a sealed object can be changed, moved, repeated or cut off unnoticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.vault import Tampered
from services.runtime.vault.sealing import CHUNK_BYTES, Place, Sealer, cut, keyed_hash

KEY, SALT = bytes(range(32)), bytes(range(32, 64))
PLACE = Place("vault:r", "person", "body")


@given(content=st.binary(max_size=2000), at=st.integers(0), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(content: bytes, at: int, bit: int) -> None:
    sealed = bytearray(Sealer(KEY, SALT, PLACE).seal(0, True, content))
    assert Sealer(KEY, SALT, PLACE).open(0, True, bytes(sealed)) == content
    sealed[at % len(sealed)] ^= 1 << bit
    with pytest.raises(Tampered):
        Sealer(KEY, SALT, PLACE).open(0, True, bytes(sealed))


@given(content=st.binary(max_size=200), kept=st.integers(0))
def test_any_cut_is_noticed(content: bytes, kept: int) -> None:
    sealed = Sealer(KEY, SALT, PLACE).seal(0, True, content)
    with pytest.raises(Tampered):
        Sealer(KEY, SALT, PLACE).open(0, True, sealed[: kept % len(sealed)])


@given(number=st.integers(0, 5), other=st.integers(0, 5), last=st.booleans(), other_last=st.booleans())
def test_a_chunk_opens_only_at_its_number_and_as_last_or_not(
    number: int, other: int, last: bool, other_last: bool
) -> None:
    sealer = Sealer(KEY, SALT, PLACE)
    sealed = sealer.seal(number, last, b"content")
    if (number, last) == (other, other_last):
        assert sealer.open(other, other_last, sealed) == b"content"
    else:
        with pytest.raises(Tampered):
            sealer.open(other, other_last, sealed)


@pytest.mark.parametrize(
    ("key", "salt", "place"),
    [
        (bytes(32), SALT, PLACE),
        (KEY, bytes(32), PLACE),
        (KEY, SALT, Place("vault:r2", "person", "body")),
        (KEY, SALT, Place("vault:r", "other", "body")),
        (KEY, SALT, Place("vault:r", "person", "package")),
        (KEY, SALT, Place("vault:rp", "erson", "body")),
    ],
)
def test_an_object_opens_only_under_its_key_its_salt_and_its_place(key: bytes, salt: bytes, place: Place) -> None:
    sealed = Sealer(KEY, SALT, PLACE).seal(0, True, b"content")
    with pytest.raises(Tampered):
        Sealer(key, salt, place).open(0, True, sealed)


@given(sizes=st.lists(st.integers(0, CHUNK_BYTES + 2), max_size=4))
def test_content_is_cut_into_full_chunks_and_one_last_one(sizes: list[int]) -> None:
    content = [bytes([number]) * size for number, size in enumerate(sizes)]
    chunks = list(cut(content))
    assert b"".join(chunk for _, _, chunk in chunks) == b"".join(content)
    assert [number for number, _, _ in chunks] == list(range(len(chunks)))
    assert [last for _, last, _ in chunks] == [False] * (len(chunks) - 1) + [True]
    assert all(len(chunk) == CHUNK_BYTES for _, last, chunk in chunks if not last)
    assert chunks[-1][2] or len(chunks) == 1


@given(one=st.lists(st.text(max_size=4), max_size=3), other=st.lists(st.text(max_size=4), max_size=3))
def test_a_keyed_hash_tells_parts_and_purposes_apart(one: list[str], other: list[str]) -> None:
    assert (keyed_hash(KEY, "p", one) == keyed_hash(KEY, "p", other)) == (one == other)
    assert keyed_hash(KEY, "p", one) != keyed_hash(KEY, "q", one)
    assert keyed_hash(KEY, "p", one) != keyed_hash(SALT, "p", one)
