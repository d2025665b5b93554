"""How faults are said: one line that names the matter, then each fault on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence


def sentence(matter: str, faults: Sequence[str]) -> str:
    """Return one message that names every fault."""
    if len(faults) == 1:
        return f"{matter}: {faults[0]}"
    return "\n".join([f"{matter}, for {len(faults)} reasons:", *(f"  - {fault}" for fault in faults)])
