"""Which identities are one person's alone, and when records found together are of different people."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fulfil.api.datamaps import plan
from services.fulfil.api.engineer import UsageFault
from services.fulfil.core.strength import Held, Strength, disagreeing, strength, tells_apart

PHONE = Strength.SHARED


def held(**values: str) -> Held:
    return frozenset(values.items())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("phone_number", Strength.SHARED),
        ("postal_address", Strength.SHARED),
        ("ip_address", Strength.SHARED),
        ("last_name", Strength.SHARED),
        ("ga_client_id", Strength.SHARED),
        ("household_id", Strength.SHARED),
        ("email", Strength.OWN),
        ("work_email_address", Strength.OWN),
        ("user_name", Strength.OWN),
        ("account_id", Strength.OWN),
        ("booking_reference", Strength.OWN),
        ("passport_number", Strength.ALONE),
        ("social_security_number", Strength.ALONE),
    ],
)
def test_a_kind_is_as_strong_as_its_words(kind: str, expected: Strength) -> None:
    assert strength(kind) is expected


def test_a_number_that_one_person_has_many_of_tells_nobody_apart() -> None:
    assert not tells_apart("booking_reference")
    assert not tells_apart("phone_number")
    assert tells_apart("email")
    assert tells_apart("account_id")


def test_two_emails_under_one_telephone_are_two_peoples() -> None:
    assert disagreeing([(PHONE, held(email="a")), (PHONE, held(email="b"))]) == "email"


def test_what_shares_an_email_is_one_persons_whatever_the_accounts_say() -> None:
    two = [(PHONE, held(email="a", account_id="1")), (PHONE, held(email="a", account_id="2"))]
    assert disagreeing(two) == ""
    chained = [*two, (PHONE, held(email="b", account_id="2"))]
    assert disagreeing(chained) == ""


def test_a_record_without_an_email_disagrees_with_nobody() -> None:
    assert disagreeing([(PHONE, held(email="a")), (PHONE, held()), (PHONE, held(account_id="2"))]) == ""


def test_what_a_given_email_finds_is_one_persons_until_a_passport_says_otherwise() -> None:
    own = [(Strength.OWN, held(email="a", account_id="1")), (Strength.OWN, held(email="b", account_id="2"))]
    assert disagreeing(own) == ""
    passports = [(Strength.OWN, held(email="a", passport="1")), (Strength.OWN, held(email="a", passport="2"))]
    assert disagreeing(passports) == "passport"


def test_a_record_found_by_telephone_is_compared_with_what_the_given_email_found() -> None:
    both = [(Strength.OWN, held(email="a", account_id="1")), (PHONE, held(account_id="2"))]
    assert disagreeing(both) == "account_id"


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(Strength),
        st.frozensets(
            st.tuples(st.sampled_from(["email", "account_id", "passport"]), st.sampled_from("abc")), max_size=3
        ),
    ),
    max_size=6,
)


@given(RECORDS, st.randoms())
def test_the_order_in_which_records_are_found_does_not_matter(
    records: list[tuple[Strength, Held]], chance: Random
) -> None:
    mixed = list(records)
    chance.shuffle(mixed)
    assert disagreeing(mixed) == disagreeing(records)


@given(RECORDS)
def test_one_record_never_disagrees_with_itself(records: list[tuple[Strength, Held]]) -> None:
    for record in records:
        assert disagreeing([record, record]) == ""


def test_a_plan_does_not_count_no_rows_where_it_found_two_peoples(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database, database:
        database.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT);"
            "INSERT INTO people VALUES (1, 'ann@x.org', '+111111111'), (2, 'bob@x.org', '+111111111');"
        )
    fields = "email: {identity: email}, phone: {identity: phone}"
    (tmp_path / "crm.yml").write_text(
        f"system: crm\ntables:\n  people: {{key: id, fields: {{{fields}}}}}\n", encoding="utf-8"
    )
    with pytest.raises(UsageFault, match=r"crm\.people: 2 records were found that differ in email"):
        plan([tmp_path / "crm.yml"], [f"crm=sqlite:///{tmp_path}/crm.db"], ["phone=+111111111"], counted=True)
