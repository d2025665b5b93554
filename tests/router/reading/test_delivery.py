"""How a person wants to get their copy is read where they say it, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from services.router.api.reading import as_json, read_message

MAIL, LINK = "mail", "link"


def read(text: str) -> dict[str, Any]:
    """Read a message as `habeas match` does."""
    return as_json(read_message(text))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please send me a copy of my personal data as an attachment.", MAIL),
        ("I request access to my personal data under Article 15. Kindly send it to me by e-mail.", MAIL),
        ("Under Article 15 GDPR I want a copy of my data by email.", MAIL),
        ("I want a copy of my personal data. Please don't email it, I would rather download it.", LINK),
        ("Send me a copy of my data. No attachments please.", LINK),
        ("I want a copy of my personal data. Let me know by email once you have started.", None),
        ("Please delete all my data and confirm by email.", None),
        ("Ich möchte Auskunft über meine Daten nach Art. 15 DSGVO, bitte als PDF im Anhang.", MAIL),
        ("Bitte senden Sie mir eine Kopie meiner Daten, aber nicht per E-Mail.", LINK),
        ("Je souhaite recevoir une copie de mes données par courriel.", MAIL),
        ("Je souhaite accéder à mes données, mais pas par mail : un lien de téléchargement me suffit.", LINK),
        ("Quiero una copia de mis datos personales por correo electrónico.", MAIL),
        ("Chiedo una copia dei miei dati personali, non via email.", LINK),
        ("Graag een kopie van mijn persoonsgegevens als bijlage.", MAIL),
        ("Proszę o kopię moich danych osobowych e-mailem.", MAIL),
        ("Solicito uma cópia dos meus dados pessoais em anexo.", MAIL),
    ],
)
def test_the_wish_is_read(text: str, wish: str | None) -> None:
    assert read(text)["details"]["delivery"] == wish


def test_the_wish_has_its_place_in_the_text() -> None:
    text = "Please send me a copy of my personal data as an attachment."
    (found,) = [each for each in read(text)["details"]["found"] if each["kind"] == "delivery"]
    start, end = found["span"]
    assert text[start:end] == "as an attachment"
