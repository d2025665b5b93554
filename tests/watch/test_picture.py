"""The projection: the same figures whatever comes twice, late or in another order."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events import CaseSnapshot
from schemas.rights import Outcome, Right
from schemas.values import ClaimState
from services.watch.core.arrivals import WINDOW_MINUTES, Arrivals
from services.watch.core.entry import CaseEntry, entry_of, from_json, seconds, to_json
from services.watch.core.figures import figures
from services.watch.core.picture import Picture
from services.watch.core.tally import DAY_SECONDS, DAYS, bucket, quantile

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASES = tuple(f"case-{number}" for number in range(5))
SOON_DAYS = 14
FEW = settings(max_examples=20, deadline=None)


def claims() -> st.SearchStrategy[ClaimState]:
    def build(
        right: Right, stage: str, age: int, due: int, took: int, paused: bool, outcome: Outcome | None
    ) -> ClaimState:
        received = NOW - timedelta(days=age)
        ended = stage == "completed"
        return ClaimState(
            claim_id=f"claim-{right.value}", right=right, state=stage, received=received,
            due=received + timedelta(days=due), completed=received + timedelta(hours=took) if ended else None,
            paused=paused and not ended, outcome=outcome if ended else None,
        )  # fmt: skip

    return st.builds(
        build, st.sampled_from(list(Right)), st.sampled_from(["received", "routed", "completed"]), st.integers(0, 80),
        st.integers(1, 90), st.integers(0, 3000), st.booleans(),
        st.one_of(st.none(), st.sampled_from(list(Outcome))),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[CaseSnapshot]:
    """Every snapshot of a few cases: each case's revisions grow, and its controller stays."""
    found = []
    for number, case_id in enumerate(CASES):
        for revision in range(1, draw(st.integers(0, 5)) + 1):
            held = tuple(draw(st.lists(claims(), min_size=1, max_size=3, unique_by=lambda one: one.right)))
            ended = all(claim.state == "completed" for claim in held)
            state = draw(st.sampled_from(["joined", "completed" if ended else "open"]))
            found.append(
                CaseSnapshot(
                    controller=["axigen", "mailpro"][number % 2],
                    occurred=NOW,
                    case_id=case_id,
                    revision=revision,
                    state=state,
                    opened=NOW,
                    claims=held,
                )
            )
    return found


def drawn(snapshots: list[CaseSnapshot], picture: Picture | None = None) -> Picture:
    picture = picture or Picture()
    for snapshot in snapshots:
        picture.put(snapshot.case_id, entry_of(snapshot))
    return picture


def shown(picture: Picture) -> dict[str, Any]:
    """Return the figures without the rows that hold nothing any more."""
    found = figures(picture, seconds(NOW), SOON_DAYS)["controllers"]
    return {
        name: {**row, "rights": {r: c for r, c in row["rights"].items() if c["open"] or c["completed"]}}
        for name, row in found.items()
    }


def counted(snapshots: list[CaseSnapshot], controller: str) -> dict[str, int]:
    """Count the latest state of each case in the plainest way there is."""
    latest = {one.case_id: one for one in sorted(snapshots, key=lambda one: one.revision)}
    now, found = NOW, {"open": 0, "due_soon": 0, "overdue": 0, "paused": 0, "completed": 0}
    for case in latest.values():
        if case.controller != controller or case.state == "joined":
            continue
        if case.state == "completed":
            found["completed"] += any(claim.outcome for claim in case.claims)
            continue
        found["open"] += 1
        dues = [claim.due for claim in case.claims if claim.state != "completed" and not claim.paused]
        found["paused"] += not dues
        found["overdue"] += bool(dues) and min(dues) < now
        found["due_soon"] += bool(dues) and now <= min(dues) <= now + timedelta(days=SOON_DAYS)
    return found


@FEW
@given(history=histories(), order=st.randoms(use_true_random=False), again=st.integers(0, 30))
def test_any_order_with_repeats_gives_the_figures_of_the_latest_states(history: Any, order: Any, again: int) -> None:
    mixed = [*history, *(order.choice(history) for _ in range(again if history else 0))]
    order.shuffle(mixed)
    picture = drawn(mixed)
    latest = {one.case_id: one for one in history}
    assert shown(picture).items() >= shown(drawn(list(latest.values()))).items()
    for controller, row in figures(picture, seconds(NOW), SOON_DAYS)["controllers"].items():
        assert row["cases"] == counted(history, controller)


@FEW
@given(history=histories())
def test_claims_are_counted_by_how_they_ended_and_one_that_was_none_is_not(history: Any) -> None:
    latest = {one.case_id: one for one in history}
    ends = Counter(
        (case.controller, claim.right.value, claim.outcome.value)
        for case in latest.values()
        if case.state != "joined"
        for claim in case.claims
        if claim.outcome
    )
    picture = drawn(history)
    for controller, row in figures(picture, seconds(NOW), SOON_DAYS)["controllers"].items():
        for right, counted_ in row["rights"].items():
            ended = {o: n for (c, r, o), n in ends.items() if (c, r) == (controller, right)}
            assert counted_["completed_by_outcome"] == ended
            assert counted_["completed"] == sum(ended.values())


@FEW
@given(history=histories())
def test_a_replay_from_the_beginning_doubles_nothing(history: Any) -> None:
    picture = drawn(history)
    before = figures(picture, seconds(NOW), SOON_DAYS)
    assert figures(drawn(history, picture), seconds(NOW), SOON_DAYS) == before


@FEW
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_what_was_put_in_can_be_taken_out_to_the_last_claim(history: Any, order: Any) -> None:
    picture = drawn(history)
    for case_id in order.sample(CASES, len(CASES)):
        picture.forget(case_id)
        picture.forget(case_id)
    for row in figures(picture, seconds(NOW), SOON_DAYS)["controllers"].values():
        assert set(row["cases"].values()) == {0}
        assert all(right["open"] == right["completed"] == 0 for right in row["rights"].values())


@FEW
@given(history=histories(), order=st.randoms(use_true_random=False), most=st.integers(0, 4))
def test_only_the_newest_completed_cases_are_kept_and_a_repeat_does_not_bring_an_old_one_back(
    history: Any, order: Any, most: int
) -> None:
    latest = list({one.case_id: one for one in history}.values())
    order.shuffle(latest)
    picture = drawn(latest, Picture(settled_max=most))
    settled = sorted((entry_of(one).settled, one.case_id) for one in latest if entry_of(one).settled is not None)
    kept = {case_id for _, case_id in settled[len(settled) - most if len(settled) > most else 0 :]}
    only = drawn([one for one in latest if one.case_id in kept or entry_of(one).open])
    assert shown(drawn(latest, picture)).items() >= shown(only).items()
    assert (picture.completed_since is not None) == (len(settled) > most)


@FEW
@given(history=histories(), later=st.integers(0, 200))
def test_time_alone_makes_a_claim_due_soon_and_then_overdue(history: Any, later: int) -> None:
    picture = drawn(history)
    before, after = (
        figures(picture, seconds(NOW + timedelta(days=days)), SOON_DAYS)["controllers"] for days in (0, later)
    )
    for controller, row in before.items():
        assert after[controller]["cases"]["open"] == row["cases"]["open"]
        assert after[controller]["cases"]["overdue"] >= row["cases"]["overdue"]


def test_the_moment_it_is_due_is_in_time_and_a_second_later_is_not() -> None:
    picture = Picture()
    snapshot = CaseSnapshot(
        controller="axigen", occurred=NOW, case_id="case", revision=1, state="open", opened=NOW,
        claims=(ClaimState(claim_id="c", right=Right.ACCESS, state="routed", received=NOW, due=NOW),),
    )  # fmt: skip
    picture.put("case", entry_of(snapshot))
    at, after = (
        figures(picture, seconds(NOW) + late, SOON_DAYS)["controllers"]["axigen"]["rights"]["access"] for late in (0, 1)
    )
    assert (at["due_soon"], at["overdue"]) == (1, 0)
    assert (after["due_soon"], after["overdue"]) == (0, 1)


@FEW
@given(history=histories())
def test_an_entry_survives_the_table_that_keeps_it(history: Any) -> None:
    for snapshot in history:
        entry = entry_of(snapshot)
        assert from_json(to_json(entry)) == entry
        assert isinstance(entry, CaseEntry)


@FEW
@given(
    arrived=st.lists(st.tuples(st.integers(0, 20), st.integers(-7200, 7200)), max_size=60),
    order=st.randoms(use_true_random=False),
)
def test_a_message_counts_once_in_the_minute_of_its_arrival(arrived: Any, order: Any) -> None:
    once = {f"message-{number}": seconds(NOW) + offset for number, offset in arrived}
    arrivals = Arrivals()
    for message_id in order.sample(sorted(once), len(once)) * 2:
        arrivals.put(message_id, "axigen", once[message_id], seconds(NOW))
    minute = seconds(NOW) // 60
    for number, found in arrivals.a_minute(seconds(NOW)).items():
        assert found["axigen"] == sum(moment // 60 == number for moment in once.values())
        assert minute - WINDOW_MINUTES < number <= minute


def test_a_flood_makes_the_window_shorter_and_no_minute_wrong() -> None:
    arrivals = Arrivals(messages_max=30)
    start = seconds(NOW)
    for number in range(50):
        arrivals.put(f"message-{number}", "axigen", start - (50 - number) * 60, start)
    for number in range(50):
        arrivals.put(f"message-{number}", "axigen", start - (50 - number) * 60, start)
    found = arrivals.a_minute(start)
    assert sum(counts["axigen"] for counts in found.values()) == 30
    assert set(found) == set(range(start // 60 - 30, start // 60 + 1))


@FEW
@given(took=st.lists(st.integers(0, 89 * DAY_SECONDS), min_size=1), share=st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_claim_at_its_rank(took: Any, share: float) -> None:
    buckets = [0] * (len(DAYS) + 1)
    for one in took:
        buckets[bucket(one)] += 1
    at_rank = sorted(took)[max(math.ceil(len(took) * share) - 1, 0)]
    number = bucket(at_rank)
    low = DAYS[number - 1] if number else 0
    assert low - 1e-6 <= quantile(buckets, share) <= DAYS[number] + 1e-6
