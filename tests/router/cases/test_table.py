"""The transition table is whole, closed, and the one that the docs show."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from scripts.draw_cases import BEGIN, END, drawn
from services.router.core.cases import events as e
from services.router.core.cases.commands import Command
from services.router.core.cases.decide import HANDLERS
from services.router.core.cases.evolve import _APPLY
from services.router.core.cases.table import TABLE, UnlistedTransition, next_stage
from services.router.core.cases.values import Stage


def test_the_page_shows_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "cases.md").read_text("utf-8")
    shown = page.partition(BEGIN)[2].partition(END)[0]
    assert shown == drawn(), "run: python scripts/draw_cases.py"


def test_every_stage_has_a_row_and_every_open_stage_can_end() -> None:
    assert set(TABLE) == set(Stage)
    for start in Stage:
        reached, queue = {start}, deque([start])
        while queue:
            for target in TABLE[queue.popleft()].values():
                if target not in reached:
                    reached.add(target)
                    queue.append(target)
        assert Stage.COMPLETED in reached


def test_an_unlisted_pair_names_the_stage_and_the_event() -> None:
    with pytest.raises(UnlistedTransition, match="completed cannot take ClaimRouted"):
        next_stage(Stage.COMPLETED, e.ClaimRouted)


def test_every_event_can_be_applied_and_every_command_decided() -> None:
    assert set(_APPLY) | {e.CaseOpened} == set(e.EVENTS.values())
    kinds = {kind for kind in Command.__subclasses__() if kind.__name__ != "ByOfficer"}
    by_officer = next(kind for kind in Command.__subclasses__() if kind.__name__ == "ByOfficer")
    assert set(HANDLERS) == kinds | set(by_officer.__subclasses__())


def test_a_stored_event_that_is_newer_than_this_release_is_refused_and_not_guessed() -> None:
    with pytest.raises(e.UnknownEvent, match="upgrade"):
        e.from_json('{"event":"ClaimTeleported","at":"2026-01-01T00:00:00Z","cause":"x"}')
