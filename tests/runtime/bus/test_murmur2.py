"""The key hash is Kafka's own: published vectors, and aiokafka's partitioner for everything else."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as aiokafkas
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.bus.murmur2 import murmur2, partition_of

# From Apache Kafka's own UtilsTest, as signed 32-bit numbers.
PUBLISHED = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize(("key", "expected"), PUBLISHED.items())
def test_the_published_vectors_hold(key: bytes, expected: int) -> None:
    assert murmur2(key) == expected & 0xFFFFFFFF


@given(st.binary(max_size=80))
def test_every_key_hashes_as_in_aiokafka(key: bytes) -> None:
    assert murmur2(key) == aiokafkas(key) & 0xFFFFFFFF


@given(st.binary(max_size=40), st.integers(1, 64))
def test_every_key_lies_where_the_default_partitioner_puts_it(key: bytes, count: int) -> None:
    partitions = list(range(count))
    assert partition_of(key, count) == DefaultPartitioner()(key, partitions, partitions)
