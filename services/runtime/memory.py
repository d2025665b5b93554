"""What the process asks of the C library's allocator, so that loading and threads leave no unused memory behind.

glibc gives each thread a heap of its own, and keeps what a heap has freed. A dozen threads that each hold little then
hold much, and what starting needed for a second stays for weeks. Other C libraries are left as they are.
"""

from __future__ import annotations

import ctypes
import gc
import os
from typing import Final

_M_ARENA_MAX: Final = -8  # <malloc.h>
HEAPS_MAX: Final = 2


def keep_small() -> None:
    """Bound the heaps, and the threads of the matrix library; call it before anything large is imported."""
    # Our matrices are small: more threads would only spin, each with a buffer of its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    mallopt = _of_the_c_library("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, HEAPS_MAX)


def give_back() -> None:
    """Give back what starting needed and nothing needs any more; and look at what stays no more for garbage."""
    gc.collect()
    keep()


def keep() -> None:
    """Say that what was loaded just now stays to the end, and give back what loading it took: a language, an index."""
    # A full collection need not walk through what stays every time: one message in some hundreds would wait for it.
    gc.freeze()
    trim = _of_the_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _of_the_c_library(name: str) -> ctypes._FuncPointer | None:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    found: ctypes._FuncPointer | None = getattr(library, name, None)
    return found
