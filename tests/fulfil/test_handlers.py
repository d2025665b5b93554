"""Each right's plan: what it does, in which order, and what it must never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rights import Right
from services.fulfil.core.handlers import (
    Act,
    Correction,
    Do,
    Facts,
    plan_claim,
    provided_fields,
    suppression_entry,
)
from services.fulfil.core.maps.model import DataMap, TableName
from services.fulfil.core.maps.reading import read_maps

TEXT = """
system: shop
source: the person
recipients: [Parcel Ltd.]
tables:
  customer:
    key: id
    fields:
      email: {identity: email, category: user.contact.email}
      score: {category: user.behavior, provided: false}
      referrer: {category: user.name, person: other}
      created: {}
"""
SHOP: DataMap = read_maps([("shop.yml", TEXT)])[0][0]
FACTS = Facts(cause="claim-1", maps=(SHOP,), delegates=("newsletter",))


def of(right: Right, facts: Facts = FACTS) -> list[Act]:
    return list(plan_claim(right, facts).acts)


@given(right=st.sampled_from(Right), cause=st.text(max_size=20))
def test_planning_twice_gives_the_same_acts(right: Right, cause: str) -> None:
    facts = Facts(cause=cause, maps=(SHOP,))
    assert plan_claim(right, facts) == plan_claim(right, facts)


@given(right=st.sampled_from(Right))
def test_every_act_says_why_and_waits_only_for_acts_before_it(right: Right) -> None:
    seen: set[str] = set()
    for act in of(right):
        assert act.why
        assert set(act.after) <= seen
        seen.add(act.act_id)


@pytest.mark.parametrize("right", [r for r in Right if r is not Right.ERASURE])
def test_no_right_but_erasure_erases(right: Right) -> None:
    # "Object by closing the account" must never turn an objection into an erasure.
    assert Do.ERASE not in {act.do for act in of(right)}


def test_erasure_reaches_every_system_and_then_tells_the_recipients() -> None:
    acts = of(Right.ERASURE)
    erased = {a.act_id for a in acts if a.do is Do.ERASE}
    assert {a.system for a in acts if a.do is Do.ERASE} == {"shop", "newsletter"}
    assert [set(a.after) for a in acts if a.do is Do.NOTIFY] == [erased]


def test_marketing_stops_at_once_and_profiling_is_weighed() -> None:
    assert Do.WEIGH not in {a.do for a in of(Right.OBJECTION)}
    weighed = {a.do for a in of(Right.OBJECTION, Facts(cause="c", maps=(SHOP,), marketing=False, profiling=True))}
    assert weighed == {Do.FLAG, Do.WEIGH}


def test_a_rectification_names_fields_and_never_values() -> None:
    wrong = Correction(TableName("shop", "customer"), "email", "vault:new", "vault:old")
    acts = of(Right.RECTIFICATION, Facts(cause="c", maps=(SHOP,), corrections=(wrong,)))
    assert acts[0].do is Do.WRITE
    assert acts[0].particulars["new"] == "vault:new"
    assert acts[-1].do is Do.NOTIFY


def test_a_withdrawal_says_what_continues_and_why() -> None:
    facts = Facts(cause="c", maps=(SHOP,), purposes=("newsletter",), other_bases={"Billing": "contract (Art. 6(1)(b))"})
    assert plan_claim(Right.CONSENT_WITHDRAWAL, facts).told == (
        "Billing continues, on the basis of contract (Art. 6(1)(b)).",
    )


def test_a_processor_tells_its_controller_first() -> None:
    acts = of(Right.ERASURE, Facts(cause="c", maps=(SHOP,), on_behalf_of="customer-7"))
    assert acts[0].do is Do.INFORM


def test_portability_leaves_out_what_was_derived_and_who_else_is_named() -> None:
    assert provided_fields(SHOP) == {"customer": ("email",)}


def test_a_suppression_entry_finds_the_address_however_it_is_written_and_does_not_hold_it() -> None:
    entry = suppression_entry("Ann@X.org ", b"key")
    assert entry == suppression_entry("ann@x.org", b"key")
    assert entry != suppression_entry("ann@x.org", b"other")
    assert "ann" not in entry
