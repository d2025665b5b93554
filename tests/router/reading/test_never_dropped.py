"""A message that names personal data and asks something is never dropped, even where no rule knows what it asks."""

from __future__ import annotations

import pytest

from services.router.api.reading import Tier, read_message


@pytest.mark.parametrize(
    "text",
    [
        "Regarding my personal data: kindly do the needful with the usual care.",
        "Wegen meiner personenbezogenen Daten: bitte das Übliche veranlassen.",
        "À propos de mes données personnelles : merci de procéder comme convenu.",
    ],
)
def test_whoever_names_personal_data_and_asks_something_meets_a_human_at_least(text: str) -> None:
    assert read_message(text).tier is not Tier.NONE


@pytest.mark.parametrize(
    "text", ["Thanks, all sorted now!", "Where is my parcel?", "I'm writing my thesis about the GDPR, any thoughts?"]
)
def test_ordinary_mail_and_talk_about_rights_is_left_alone(text: str) -> None:
    assert read_message(text).tier is Tier.NONE
