"""Which partition a key belongs to: the hash of Kafka's own default partitioner, so that both buses agree.

MurmurHash2, 32 bits, seed 0x9747b28c, as in Kafka's `Utils.murmur2` and in every client that follows it. Any tool that
produces by key with the default partitioner lands where habeas does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF
_POSITIVE: Final = 0x7FFFFFFF


@lru_cache(maxsize=4096)
def murmur2(key: bytes) -> int:
    """Return the hash as an unsigned 32-bit number; a message brings several events of one key about."""
    length = len(key)
    hash_ = _SEED ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        word = (int.from_bytes(key[at : at + 4], "little") * _M) & _MASK
        word ^= word >> 24
        hash_ = ((hash_ * _M) & _MASK) ^ ((word * _M) & _MASK)
    if length > whole:
        hash_ = ((hash_ ^ int.from_bytes(key[whole:], "little")) * _M) & _MASK
    hash_ ^= hash_ >> 13
    hash_ = (hash_ * _M) & _MASK
    return hash_ ^ (hash_ >> 15)


def partition_of(key: bytes, count: int) -> int:
    """Return the number of the partition, of `count`, that holds this key."""
    return (murmur2(key) & _POSITIVE) % count
