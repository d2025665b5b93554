"""The promises that set clocks and addresses, in the languages policies are written in."""

from __future__ import annotations

from typing import Any

import pytest

from services.router.core.policy.model import PromiseKind
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import clauses_of, markup_of


def read(text: str) -> dict[PromiseKind, list[dict[str, Any]]]:
    found: dict[PromiseKind, list[dict[str, Any]]] = {}
    for promise in promises_of(text, clauses_of(text), markup_of(text)):
        found.setdefault(promise.kind, []).append(dict(promise.value))
    return found


@pytest.mark.parametrize(
    ("sentence", "amount", "unit"),
    [
        ("We aim to reply to all legitimate requests within 21 days.", 21, "day"),
        ("You can expect a response to your request in 10 business days.", 10, "business_day"),
        ("Ihre Anfrage wird innerhalb von 14 Tagen beantwortet.", 14, "day"),
        ("Nous traitons votre demande sous trente jours.", 30, "day"),
        ("Responderemos a su solicitud en el plazo de un mes.", 1, "month"),
        ("Risponderemo alla richiesta entro 30 giorni.", 30, "day"),
        ("Wij reageren binnen vier weken op uw verzoek.", 4, "week"),
        ("Odpowiemy na wniosek w ciągu miesiąca, najpóźniej w ciągu 30 dni.", 30, "day"),
        ("Responderemos ao seu pedido no prazo de 15 dias.", 15, "day"),
        ("Vom răspunde la cererea dumneavoastră în termen de 30 de zile.", 30, "day"),
    ],
)
def test_a_time_for_answers_is_read(sentence: str, amount: int, unit: str) -> None:
    deadlines = read(f"# Privacy\n\n{sentence}\n").get(PromiseKind.ANSWER_DEADLINE, [])
    assert [(value["amount"], value["unit"]) for value in deadlines] == [(amount, unit)]


@pytest.mark.parametrize(
    ("sentence", "amount", "unit"),
    [
        ("We keep your account for 2 years after your last login and then delete it.", 2, "year"),
        ("Bewerbungen löschen wir nach sechs Monaten.", 6, "month"),
        ("Vos messages sont conservés pendant douze mois.", 12, "month"),
        ("Conservamos los datos durante cinco años.", 5, "year"),
        ("I dati sono conservati per 24 mesi.", 24, "month"),
        ("Wij bewaren uw gegevens zeven jaar.", 7, "year"),
        ("Dane przechowujemy przez 3 lata.", 3, "year"),
        ("Os dados são armazenados durante 6 meses.", 6, "month"),
        ("Datele sunt păstrate timp de 5 ani.", 5, "year"),
    ],
)
def test_a_time_of_retention_is_read(sentence: str, amount: int, unit: str) -> None:
    found = read(f"# Privacy\n\n{sentence}\n")
    times = found.get(PromiseKind.RETENTION, [])
    assert [(value["amount"], value["unit"]) for value in times if "amount" in value] == [(amount, unit)]
    assert PromiseKind.ANSWER_DEADLINE not in found


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("You may lodge a complaint with the Information Commissioner's Office.", "Information Commissioner"),
        ("Sie können sich beim Landesbeauftragten für den Datenschutz beschweren.", "Landesbeauftragte"),
        ("Vous pouvez introduire une réclamation auprès de la CNIL.", "CNIL"),
        ("Puede presentar una reclamación ante la Agencia Española de Protección de Datos.", "Agencia Española"),
        ("Può proporre reclamo al Garante per la protezione dei dati personali.", "Garante"),
        ("U kunt een klacht indienen bij de Autoriteit Persoonsgegevens.", "Autoriteit Persoonsgegevens"),
        ("Przysługuje Państwu skarga do Prezesa Urzędu Ochrony Danych Osobowych.", "Prezes"),
        ("Pode apresentar reclamação à autoridade de controlo.", "autoridade de controlo"),
        ("Puteți depune o plângere la autoritatea de supraveghere.", "autorit"),
    ],
)
def test_the_authority_for_complaints_is_read(sentence: str, name: str) -> None:
    authorities = read(f"# Privacy\n\n{sentence}\n").get(PromiseKind.AUTHORITY, [])
    assert authorities
    assert name.casefold() in authorities[0]["name"].casefold()


@pytest.mark.parametrize(
    ("published", "address"),
    [
        ("privacy@shop.example", "privacy@shop.example"),
        ("privacy (at) shop.example", "privacy@shop.example"),
        ("privacy[at]shop[dot]example", "privacy@shop.example"),
        ("privacy at shop dot example", "privacy@shop.example"),
        ("_privacy (at) shop.example_", "privacy@shop.example"),
        ("[privacy@shop.example](mailto:privacy@shop.example)", "privacy@shop.example"),
        ("<privacy@shop.example>", "privacy@shop.example"),
    ],
)
def test_a_mail_address_is_read_however_it_was_hidden(published: str, address: str) -> None:
    contacts = read(f"# Your rights\n\nTo exercise your rights write to {published} at any time.\n")[
        PromiseKind.CONTACT
    ]
    assert [(value["address"], value["purpose"]) for value in contacts] == [(address, "rights")]
