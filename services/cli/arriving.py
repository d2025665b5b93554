"""Lines as they arrive: as many at once as are there, so that many cost little and one is answered at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

CHUNK_BYTES: Final = 64 * 1024


def arriving(stream: BinaryIO, line_bytes_max: int) -> Iterator[list[bytes]]:
    """Yield the whole lines that have arrived, without their ends; nothing is waited for once one is whole.

    Of a line longer than `line_bytes_max`, only so much is kept that its reader sees that it is too long.
    """
    rest = b""
    while chunk := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]  # every buffered stream has it
        whole, end, tail = chunk.rpartition(b"\n")
        if end:
            yield (rest + whole).split(b"\n")
            rest = tail
        elif len(rest) <= line_bytes_max:
            rest += chunk
    if rest:
        yield [rest]
