"""The law a message names, or the place its writer lives in, reaches the law that is recorded for it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from services.router.api.reading import read_message
from services.router.laws import shipped_laws
from services.router.terms import place_stated

WITHOUT_A_LAW_OF_OURS = {"AU", "POPIA", "APPI", "PIPL", "DPDP", "GDPR"}
ANY = tomllib.loads(Path("knowledge/details/any.toml").read_text("utf-8"))


def test_every_law_recorded_for_a_place_is_reached_by_a_word_that_people_use() -> None:
    book = shipped_laws()
    reached = {place_stated(book, name) for name in (*ANY["laws"], *ANY["places"])} - {None}
    missing = [law.id for law in book.laws.values() if len(law.persons) == 1 and not law.persons & reached]
    assert not missing


@pytest.mark.parametrize("name", sorted({*ANY["laws"], *ANY["places"]} - WITHOUT_A_LAW_OF_OURS))
def test_what_a_message_may_state_names_one_place(name: str) -> None:
    assert place_stated(shipped_laws(), name) is not None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Please delete my data, I live in California", "US-CA"),
        ("Under the Virginia Consumer Data Protection Act I want to see my data", "US-VA"),
        ("Ich wohne in der Schweiz, bitte löschen Sie meine Daten", "CH"),
        ("Mieszkam w Wielkiej Brytanii, proszę usunąć moje dane", "GB"),
        ("Moro no Brasil, apaguem os meus dados por favor", "BR"),
        ("Türkiye'de yaşıyorum, KVKK kapsamında verilerimi silin", "TR"),
        ("I live in Singapore, PDPA Singapore applies: send me my data", "SG"),
    ],
)
def test_the_place_that_a_message_states_is_known(text: str, place: str) -> None:
    stated = read_message(text).details["jurisdiction"]
    assert place_stated(shipped_laws(), str(stated)) == place


@pytest.mark.parametrize("stated", ["", "GDPR", "the moon", "AU"])
def test_no_place_is_made_up(stated: str) -> None:
    assert place_stated(shipped_laws(), stated) is None


def test_a_place_given_as_such_is_taken_as_it_is() -> None:
    assert place_stated(shipped_laws(), "us-ca") == "US-CA"
    assert place_stated(shipped_laws(), "DE") == "DE"
