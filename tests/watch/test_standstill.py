"""A recovery that reads nothing more is begun again; one that reads, however slowly, is not."""

from __future__ import annotations

from services.watch.standstill import STILL_SECONDS, Standstill


def test_a_recovery_that_reads_nothing_more_stands_still() -> None:
    watched = Standstill()
    assert not watched.seen({"cases-0": 3}, 0.0)
    assert not watched.seen({"cases-0": 3}, STILL_SECONDS - 1)
    assert watched.seen({"cases-0": 3}, STILL_SECONDS)


def test_one_more_entry_is_progress_and_so_is_another_share() -> None:
    watched = Standstill()
    offsets = {"cases-0": 3}
    assert not watched.seen(offsets, 0.0)
    offsets["cases-0"] = 4
    assert not watched.seen(offsets, STILL_SECONDS)
    assert not watched.seen({"cases-0": 4, "cases-1": 0}, 2 * STILL_SECONDS)
    assert watched.seen({"cases-0": 4, "cases-1": 0}, 3 * STILL_SECONDS)


def test_where_nothing_recovers_nothing_stands_still() -> None:
    watched = Standstill()
    for now in range(0, 200, 10):
        assert not watched.seen(None, float(now))
    assert not watched.seen({"cases-0": 1}, 200.0)
