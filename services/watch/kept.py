"""A Faust table whose changelog holds what the table holds, whoever else wrote to it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Final

import faust

REVISION: Final = "revision"


class KeptTable(faust.Table[Any, Any]):
    """Entries that have a revision only grow, and an entry whose record was lost is written again."""

    logger = logging.getLogger("faust")

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take in what the changelog holds."""
        super().apply_changelog_batch(list(self._newest(batch)))

    def _newest(self, batch: Iterable[Any]) -> Iterator[Any]:
        """Leave out what is older than what is known.

        An instance that stood still, and did not know yet that its partitions are another's, wrote it after the newer.
        """
        known: dict[Any, Any] = {}
        for event in batch:
            key = self._to_key(event.key)
            kept = known[key] if key in known else self.data.get(key)
            if kept and event.value and event.value.get(REVISION, 0) < kept.get(REVISION, 0):
                continue
            known[key] = event.value
            yield event

    def _verify_source_topic_partitions(self, source_topic: str) -> None:
        """Trust the counts: both topics are made with ours, and `habeas.*` is compared at the start.

        Faust compares what the client knows of the topics, which of one made a moment ago may for minutes be a part;
        it would refuse every event until then.
        """

    def send_changelog(
        self,
        partition: int | None,
        key: Any,
        value: Any,
        key_serializer: Any = None,
        value_serializer: Any = None,
    ) -> Any:
        """Write to the changelog, and once more where the record was given up: Faust only warns of that."""
        sent = super().send_changelog(partition, key, value, key_serializer, value_serializer)
        sent.add_done_callback(partial(self._again, partition, key))
        return sent

    def _again(self, partition: int | None, key: Any, sent: Any) -> None:
        if sent.cancelled() or sent.exception() is None or self.app.should_stop:
            return
        kept = self.data.get(key)
        self.send_changelog(partition, key, kept, value_serializer=None if kept else "raw")
