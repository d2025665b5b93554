"""The embedded bus seen from outside: how its topics differ, with nothing made and nothing brought forward."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from schemas.topics import TopicSpec
from services.runtime.bus.differences import differences
from services.runtime.bus.sqlite import ledger
from services.runtime.bus.sqlite.schema import present
from services.runtime.bus.sqlite.session import faults
from services.runtime.store.readonly import connect_read_only


def compare(path: Path, topics: Sequence[TopicSpec]) -> Sequence[str]:
    """Return every difference between the topics in this file and the documents, in sentences."""
    with faults(path), closing(connect_read_only(path)) as connection:
        return differences(topics, ledger.specs(connection) if present(connection) else {})
