"""Whose row is it? Decided from the columns that name somebody, whatever their order and number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fulfil.core.maps.model import Person
from services.fulfil.core.standing import Naming, Role, Standing, judge, role_of

names = st.sampled_from(["sender_id", "recipient_id", "customer_id", "owner_id", "x_id", "to_email", "email"])
namings = st.lists(
    st.builds(
        Naming,
        path=st.tuples(names),
        identity=st.sampled_from([None, "email", "phone"]),
        ours=st.sampled_from([None, True, False]),
        to_itself=st.booleans(),
    ),
    max_size=5,
)


@given(found=namings, person=st.booleans())
def test_a_row_that_names_nobody_of_ours_is_never_the_persons_own(found: list[Naming], person: bool) -> None:
    verdict = judge(found, person_table=person)
    if not any(n.ours for n in found):
        assert verdict.standing is not Standing.OWN
    if verdict.standing is Standing.OWN:
        assert any(n.ours for n in found)


@given(found=namings, person=st.booleans())
def test_a_row_of_a_third_person_is_never_erasable_and_says_why(found: list[Naming], person: bool) -> None:
    verdict = judge(found, person_table=person)
    if verdict.standing is Standing.THIRD:
        assert not verdict.erasable
        assert verdict.reason


@given(found=namings, person=st.booleans())
def test_what_is_listed_as_anothers_is_never_the_persons(found: list[Naming], person: bool) -> None:
    verdict = judge(found, person_table=person)
    assert all(any(n.path == path and n.ours is False for n in found) for path in verdict.others)


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("sender_id", Role.FIRST),
        ("recipientId", Role.SECOND),
        ("to_email", Role.SECOND),
        ("assignedTo", Role.SECOND),
        ("customer_id", Role.FIRST),
        ("email", Role.UNKNOWN),
        ("token", Role.UNKNOWN),
        ("userTo", Role.SECOND),
        ("created_by", Role.STAMP),
        ("account_owner_id", Role.STAMP),
        ("empfänger_id", Role.SECOND),
        ("KaeuferId", Role.FIRST),
        ("contact_id", Role.FIRST),
        ("contact_email", Role.UNKNOWN),
        ("emergency_contact_email", Role.SECOND),
    ],
)
def test_a_role_is_read_from_the_columns_words(column: str, role: Role) -> None:
    assert role_of((column,)) is role


def test_the_sender_may_have_a_message_erased_and_the_recipient_may_not() -> None:
    mine, theirs = Naming(("sender_id",), None, True), Naming(("recipient_id",), None, False)
    assert judge([mine, theirs], person_table=False).erasable
    mine, theirs = Naming(("sender_id",), None, False), Naming(("recipient_id",), None, True)
    assert not judge([mine, theirs], person_table=False).erasable


@pytest.mark.parametrize(
    ("mine", "theirs", "standing"),
    [
        ("phone_number", "email", Standing.THIRD),
        ("phone_number", "account_id", Standing.THIRD),
        ("email", "phone_number", Standing.OWN),
        ("account_id", "email", Standing.OWN),
        ("email", "account_id", Standing.OWN),
    ],
)
def test_a_shared_telephone_names_nobody_whose_email_is_anothers(mine: str, theirs: str, standing: Standing) -> None:
    verdict = judge([Naming(("a",), mine, True), Naming(("b",), theirs, False)], person_table=True)
    assert verdict.standing is standing


def test_the_maps_word_counts_more_than_the_columns_name() -> None:
    mine = Naming(("recipient_id",), None, True, said=Person.SUBJECT)
    theirs = Naming(("sender_id",), None, False, said=Person.OTHER)
    assert judge([mine, theirs], person_table=False).erasable
    mine, theirs = Naming(("sender_id",), None, True, said=Person.OTHER), Naming(("x",), None, False)
    verdict = judge([mine, theirs], person_table=False)
    assert not verdict.erasable
    assert not verdict.subject


def test_whose_key_is_the_whole_key_owns_the_row_whatever_the_names() -> None:
    mine, theirs = Naming(("x",), None, True, owning=True), Naming(("customer_id",), None, False)
    assert judge([mine, theirs], person_table=False).erasable


def test_staff_who_entered_a_row_do_not_keep_the_customers_from_having_it_erased() -> None:
    mine, theirs = Naming(("customer_id",), None, True), Naming(("created_by",), None, False)
    assert judge([mine, theirs], person_table=False).erasable


def test_in_anothers_record_the_next_of_kin_is_a_guest() -> None:
    theirs = Naming(("email",), "email", False)
    mine = Naming(("kin_email",), "email", True, said=Person.OTHER)
    verdict = judge([theirs, mine], person_table=True)
    assert (verdict.standing, verdict.guest, verdict.erasable) == (Standing.OWN, True, False)
    assert verdict.others == (("email",),)


def test_a_managers_phone_is_no_second_number_of_the_person_and_no_contradiction() -> None:
    verdict = judge([Naming(("email",), "email", True), Naming(("manager_phone",), "phone", False)], person_table=True)
    assert verdict.standing is Standing.OWN
    assert verdict.others == (("manager_phone",),)
    assert verdict.erasable
