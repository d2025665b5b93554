"""Every single change to a chain is noticed, and the first link that is wrong is named."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from services.runtime.audit.chain import Link, canonical, check_chain, empty, extend, head_of

CASE, CONTROLLER = "case-1", "axigen"


def chain(bodies: list[str]) -> list[Link]:
    return list(extend(CONTROLLER, empty(CASE), bodies))


bodies = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9)).map(canonical), min_size=1)


@given(bodies=bodies, more=bodies)
def test_a_chain_is_sound_against_its_head_and_any_head_before(bodies: list[str], more: list[str]) -> None:
    signed = head_of(CASE, chain(bodies))
    assert check_chain(CONTROLLER, CASE, chain(bodies + more), signed) is None


@given(bodies=bodies, which=st.integers(0), body=st.text(max_size=9))
def test_a_changed_event_is_named(bodies: list[str], which: int, body: str) -> None:
    links = chain(bodies)
    which %= len(links)
    assume(links[which].body != body)
    links[which] = replace(links[which], body=body)
    broken = check_chain(CONTROLLER, CASE, links)
    assert broken is not None
    assert (broken.sequence, broken.fault) == (which + 1, "changed")


@given(bodies=bodies, which=st.integers(0), body=st.text(max_size=9))
def test_a_changed_event_is_named_even_when_every_digest_was_made_anew(
    bodies: list[str], which: int, body: str
) -> None:
    signed = head_of(CASE, chain(bodies))
    which %= len(bodies)
    assume(bodies[which] != body)
    broken = check_chain(CONTROLLER, CASE, chain([*bodies[:which], body, *bodies[which + 1 :]]), signed)
    assert broken is not None
    assert (broken.sequence, broken.fault) == (which + 1, "changed")
    blind = check_chain(
        CONTROLLER, CASE, chain([*bodies[:which], body, *bodies[which + 1 :]]), replace(signed, trail=())
    )
    assert blind is not None


@given(bodies=bodies, which=st.integers(0))
def test_a_removed_event_is_named(bodies: list[str], which: int) -> None:
    links = chain(bodies)
    signed = head_of(CASE, links)
    which %= len(links)
    del links[which]
    broken = check_chain(CONTROLLER, CASE, links, signed)
    assert broken is not None
    assert (broken.sequence, broken.fault) == (which + 1, "missing")


@given(bodies=bodies, which=st.integers(0))
def test_a_removed_event_is_named_even_when_the_rest_was_numbered_and_hashed_anew(
    bodies: list[str], which: int
) -> None:
    signed = head_of(CASE, chain(bodies))
    which %= len(bodies)
    broken = check_chain(CONTROLLER, CASE, chain(bodies[:which] + bodies[which + 1 :]), signed)
    assert broken is not None
    # Where equal events follow one another, which of them was removed cannot be told.
    assert broken.sequence >= which + 1


@given(bodies=bodies.filter(lambda found: len(found) > 1), one=st.integers(0), other=st.integers(0))
def test_two_events_in_the_wrong_order_are_named(bodies: list[str], one: int, other: int) -> None:
    links = chain(bodies)
    first, second = sorted((one % len(links), other % len(links)))
    assume(first != second)
    links[first], links[second] = links[second], links[first]
    broken = check_chain(CONTROLLER, CASE, links)
    assert broken is not None
    assert (broken.sequence, broken.fault) == (first + 1, "reordered")


@given(bodies=bodies, kept=st.integers(0))
def test_a_chain_that_was_cut_off_is_named(bodies: list[str], kept: int) -> None:
    links = chain(bodies)
    kept %= len(links)
    broken = check_chain(CONTROLLER, CASE, links[:kept], head_of(CASE, links))
    assert broken is not None
    assert (broken.sequence, broken.fault) == (kept + 1, "missing")


@given(bodies=bodies, which=st.integers(0))
def test_an_event_that_stands_twice_is_named(bodies: list[str], which: int) -> None:
    links = chain(bodies)
    which %= len(links)
    links.insert(which, links[which])
    broken = check_chain(CONTROLLER, CASE, links)
    assert broken is not None
    assert broken.sequence == which + 1


@given(bodies=bodies)
def test_a_chain_belongs_to_its_case_and_its_controller(bodies: list[str]) -> None:
    assert check_chain("mailpro", CASE, chain(bodies)) is not None
    assert check_chain(CONTROLLER, "case-2", chain(bodies)) is not None
