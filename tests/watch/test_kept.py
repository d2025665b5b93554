"""A table on Kafka: what an instance that stood still wrote changes nothing; a record given up is sent again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import faust
import pytest

from services.watch.kept import KeptTable


@pytest.fixture
def table() -> Any:
    app = faust.App("habeas-test", broker="kafka://127.0.0.1:1", store="memory://", Table=KeptTable, autodiscover=False)
    return app.Table("cases", partitions=8)


def event(key: Any, value: Any) -> SimpleNamespace:
    raw = None if value is None else b"{}"
    return SimpleNamespace(key=key, value=value, message=SimpleNamespace(value=raw, partition=3))


def test_what_was_written_late_by_an_instance_that_stood_still_is_left_out(table: Any) -> None:
    table.apply_changelog_batch([event("a", {"revision": 2}), event("a", {"revision": 1}), event("b", {"revision": 1})])
    table.apply_changelog_batch([event("a", {"revision": 1}), event("b", {"revision": 2})])
    assert table.data.data == {"a": {"revision": 2}, "b": {"revision": 2}}


def test_a_case_that_was_taken_out_is_out_and_windows_have_no_revision(table: Any) -> None:
    table.apply_changelog_batch([event("a", {"revision": 2}), event("a", None)])
    window = [["message", [60.0, 119.9]]]
    table.apply_changelog_batch([event([*window[0]], {"offset": 7}), event([*window[0]], {"offset": 7})])
    assert table.data.data == {("message", (60.0, 119.9)): {"offset": 7}}


class Changelog:
    """Takes what a table sends, and gives the first record up."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, Any]] = []

    def send_soon(self, *, key: Any, value: Any, **_: Any) -> asyncio.Future[None]:
        self.sent.append((key, value))
        outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if len(self.sent) == 1:
            outcome.set_exception(TimeoutError())
        else:
            outcome.set_result(None)
        return outcome


def test_a_record_that_was_given_up_is_sent_again_with_what_is_known_by_then(table: Any) -> None:
    table.changelog_topic = changelog = Changelog()

    async def go() -> None:
        table.send_changelog(3, "a", {"revision": 1})
        table.data["a"] = {"revision": 2}
        await asyncio.sleep(0.01)

    asyncio.run(go())
    assert changelog.sent == [("a", {"revision": 1}), ("a", {"revision": 2})]
