"""What was done again after a restore stands in the case: who ordered it, when, why, and in the chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from schemas import events as bus
from services.cli.main import habeas
from tests.journeys.restored import Places, places
from tests.journeys.test_reapply import erased, watch
from tests.journeys.walk import house


def shown(here: Places, reference: str) -> list[str]:
    """What `habeas case show` says happened."""
    result = CliRunner().invoke(habeas, ["case", "show", reference, "--home", str(here.home)])
    assert result.exit_code == 0, result.output
    return [line.strip() for line in result.output.splitlines() if "done again" in line]


def verified(here: Places) -> dict[str, Any]:
    """What `habeas audit verify` says of the chain."""
    result = CliRunner().invoke(habeas, ["audit", "verify", "--home", str(here.home), "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output.splitlines()[0]))


def test_an_act_that_was_ordered_again_stands_in_the_timeline_with_who_when_and_why(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
        case_id = at.case().case_id
    here.restore(here.shop.path, here.crm)
    assert here.reapply("--dry-run")[0] == 0
    assert here.reapply("--yes", "--officer", "Olga", since="2020-01-01T10:00+00:00")[0] == 0
    with house(here.home) as at:
        at.settle()
        [told] = at.told(bus.ActReapplied)
    assert (told.case_id, told.officer, told.whole, set(told.systems)) == (case_id, "olga", True, {"shop", "crm"})
    [line] = shown(here, case_id)
    assert "olga" in line
    assert "as of a backup of Wed 1 Jan 2020 12:00" in line
    assert f"{told.count} rows changed" in line
    assert told.count >= 4
    assert verified(here)


def test_the_same_answer_given_twice_is_said_once_and_a_late_rest_is_said_besides(tmp_path: Path) -> None:
    here = places(tmp_path)
    with house(here.home) as at:
        erased(at, here)
        case_id = at.case().case_id
    here.restore(here.shop.path, here.crm)
    for _ in range(3):
        here.reapply("--yes", "--officer", "olga")
    with house(here.home) as at:
        at.settle()
        assert len({event.count for event in at.told(bus.ActReapplied)}) == 2
    first, second = shown(here, case_id)
    assert "0 rows changed" in second
    assert "0 rows changed" not in first


def test_a_restore_that_was_seen_by_its_marker_names_no_officer(tmp_path: Path) -> None:
    here = places(tmp_path, marker=True)
    with house(here.home) as at:
        watcher = watch(at)
        watcher.look()
        here.back_up()
        at.later(hours=1)
        erased_without_backup(at)
        at.later(hours=1)
        watcher.look()
        here.restore(here.crm)
        at.later(hours=1)
        assert watcher.look() == 1
        at.settle()
        [told] = at.told(bus.ActReapplied)
        assert told.officer is None
        case_id = at.case().case_id
    [line] = shown(here, case_id)
    assert "because a restore was seen" in line


def erased_without_backup(at: Any) -> None:
    """Ask for an erasure and approve it."""
    from tests.journeys.test_erasure import approve, asked

    approve(at, asked(at))
