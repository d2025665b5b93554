"""Third persons are taken out of what an authority is shown; the person, the controller and plain facts stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.core.evidence.redacting import ADDRESS, NAME, NUMBER, own, redact, third_names

MINE = own(
    ["Ann Ash", "ann@example.org", "+49 30 1234567", "1 High Street, Riga", "customer 4711", "Axigen"],
    ["axigen.com"],
)


def shown(text: str, named: tuple[str, ...] = ()) -> str:
    return redact(text, MINE, third_names(text, MINE, named)).text


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Write to bob.bay@example.net instead.", ["bob", "bay"]),
        ('On Monday "Carla Cruz" <carla@example.com> wrote: yes. Carla agreed.', ["Carla", "Cruz"]),
        ("From: Dora Diaz <d.diaz@example.com>\nDora's file is here.", ["Dora", "Diaz"]),
        ("My boss Mr. Zars and Frau Dr. Petra Müller know.", ["Zars", "Petra", "Müller"]),
        ("Monsieur Jean-Luc Durand a signé; M. Durand confirme.", ["Jean-Luc", "Durand"]),
        ("Ring +371 2912 3456 or 0171/2345678, or (020) 7946 0958.", ["2912", "2345678", "7946"]),
        ("His IBAN is DE89 3704 0044 0532 0130 00, mine you have.", ["3704", "0532"]),
        ("Card 4111 1111 1111 1111 was hers.", ["4111"]),
        ("Her SSN is 078-05-1120.", ["078-05-1120"]),
        ("bob (at) example (dot) net has it too", ["bob (at)"]),
        ("It came from 192.0.2.17 at night.", ["192.0.2.17"]),
        ("Señora Lucía Gómez-Peña y Pani Kowalska", ["Lucía", "Gómez", "Kowalska"]),
    ],
)
def test_others_are_taken_out(text: str, others: list[str]) -> None:
    left = shown(text)
    for other in others:
        assert other not in left, left
    assert any(mark in left for mark in (ADDRESS, NUMBER, NAME))


@pytest.mark.parametrize(
    "text",
    [
        "I am Ann Ash, ann@example.org, +49 30 1234567 or 030 1234567, at 1 High Street, Riga.",
        "Write to data-protection@axigen.com or webmaster@axigen.com.",
        "My order 2026-11-0042 of 3 March 2026, 31.03.2026 and 2026-03-31T09:00:00 for 129.90 EUR, 12:30-14:00.",
        "Art. 15(1)(h), Art. 12(3) GDPR; Reg. 1182/71 Art. 3; § 34 BDSG; 11 CCR 7021.",
        "case 0b4363d5-6654-5e00-9a97-5c0cef9296c5, HB-0B4363D5, customer 4711",
        "The version is 10.4.2 and the ticket #483920.",
        "Mr Ash and Ms Ann Ash are one person.",
    ],
)
def test_the_person_the_controller_and_plain_facts_stay(text: str) -> None:
    assert shown(text) == text


def test_whoever_a_reader_named_is_taken_out_everywhere_and_the_persons_own_family_name_stays() -> None:
    text = "My brother Bob Ash wants his too. Bob's letters are mine. Regards, Ann Ash"
    left = shown(text, ("Bob Ash",))
    assert "Bob" not in left
    assert left.endswith("Regards, Ann Ash")


def test_what_the_officer_names_is_taken_out_as_it_is() -> None:
    done = redact("The man in flat 12b, The Man In Flat 12B.", MINE, (), ["the man in flat 12b"])
    assert (done.text, done.count) == (f"{NAME}, {NAME}.", 2)


@given(
    local=st.from_regex(r"[a-z]{3,12}\.[a-z]{3,12}", fullmatch=True),
    domain=st.from_regex(r"[a-z]{3,12}\.(net|org|example)", fullmatch=True),
    around=st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="@"), max_size=40),
)
def test_no_foreign_address_is_left_whatever_stands_around_it(local: str, domain: str, around: str) -> None:
    address = f"{local}@{domain}"
    if address == "ann@example.org":
        return
    assert address not in shown(f"{around} {address} {around}")


@given(text=st.text(max_size=300))
def test_taking_out_twice_takes_out_no_more(text: str) -> None:
    once = shown(text)
    assert re.sub(r"\s", "", shown(once)) == re.sub(r"\s", "", once)
