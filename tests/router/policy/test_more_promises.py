"""Sentences as strangers' policies write them, with the one promise each of them makes."""

# A case is read as one line; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

import pytest

from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import clauses_of, markup_of


def read(text: str, kind: str) -> list[dict[str, Any]]:
    """Return the values of the promises of a kind."""
    return [dict(p.value) for p in promises_of(text, clauses_of(text), markup_of(text)) if p.kind.value == kind]


SAID = [
    ("Rights", "Wir beantworten Ihre Anfrage spätestens binnen eines Monats.", "answer_deadline", {"amount": 1}),
    ("Rights", "We answer requests within twenty-one days.", "answer_deadline", {"amount": 21, "unit": "day"}),
    ("You", "If you want to see what is written about you, write to us: it is in your hands within ten days.",
     "answer_deadline", {"amount": 10}),
    ("Retention", "Orders are kept for six (6) years from the end of the tax year.", "retention", {"from": "year_end"}),
    ("Retention", "Contracts are kept for 7 years following termination of the charter.", "retention",
     {"from": "contract_end"}),
    ("Dauer", "Bewegungsdaten löschen wir sieben Tage nach Ende der Miete.", "retention", {"from": "contract_end"}),
    ("Dauer", "Videoaufnahmen werden nach 72 Stunden überschrieben.", "retention", {"amount": 72, "action": "delete"}),
    ("Durée", "Les données sont conservées trois ans à compter du dernier achat.", "retention", {"from": "last_use"}),
    ("How long we keep records", "For cameras it is 31 days.", "retention", {"amount": 31, "unit": "day"}),
    ("Data", "Les cookies de mesure ont une durée de vie de treize mois.", "retention", {"what": "cookies", "amount": 13}),
    ("Data", "Backups live 35 days longer.", "retention", {"what": "backups", "amount": 35}),
    ("Data", "We store your notes for as long as your account exists.", "retention", {"until": "your account exists"}),
    ("Rights", "We may withhold what would cause serious harm to another person.", "refusal_ground", {}),
    ("Contact", "Écrivez à dpo(arobase)vergers.example.", "contact", {"address": "dpo@vergers.example"}),
    ("Contact", "Write to privacy <at> oldsoft <dot> example.", "contact", {"address": "privacy@oldsoft.example"}),
    ("Contact", "Appelez le 02 41 00 00 00 pour toute question.", "contact", {"address": "02 41 00 00 00"}),
    ("Kontakt", "Telefon 0221 / 998877.", "contact", {"address": "0221 / 998877"}),
    ("Us", "Wick Ltd (company no. 09812345), 14 Mill Yard, Leeds LS2 7HY is the controller of your data.", "contact",
     {"channel": "post", "address": "14 Mill Yard, Leeds LS2 7HY"}),
    ("Us", "La société Vergers de Loire SAS, 8 rue des Tanneurs, 49100 Angers, est responsable du traitement.",
     "identity", {"entity": "Vergers de Loire SAS"}),
    ("Plainte", "Réclamation auprès de la CNIL, 3 Place de Fontenoy, 75334 Paris, tél. 01 53 73 22 22.", "authority",
     {"phone": ("01 53 73 22 22",), "address": "CNIL, 3 Place de Fontenoy, 75334 Paris"}),
    ("Skarga", "Skargę wnosi się do Prezesa Urzędu Ochrony Danych Osobowych, ul. Stawki 2, 00-193 Warszawa.", "authority",
     {"address": "Prezesa Urzędu Ochrony Danych Osobowych, ul. Stawki 2, 00-193 Warszawa"}),
    ("Cookies", "We have no website and so there are no cookies.", "cookie", {"used": False}),
    ("Kinder", "Unser Angebot richtet sich an Personen ab 16 Jahren.", "children", {"age_min": 16}),
    ("Ort", "Eine Übermittlung in Länder außerhalb der EU findet nicht statt.", "transfer", {"allowed": False}),
    ("Empfänger", "Wir geben Daten an unsere Versicherung und an Zahlungsdienstleister weiter.", "recipient", {}),
    ("Sharing", "Your details are passed to our distributors in your country.", "recipient",
     {"category": "distributors"}),
    ("Sharing", "We tell nobody else, except the council.", "recipient", {"shares": False, "except": "named cases"}),
    ("Rechte", "Anfragen beantworten wir in der Regel innerhalb von zwei Wochen, spätestens nach einem Monat.",
     "answer_deadline", {"amount": 1, "unit": "month"}),
    ("Rechte", "Bei Anfragen genügt die Kundennummer; eine Ausweiskopie verlangen wir nicht.", "identity_proof",
     {"required": "no"}),
    ("Weitergabe", "Eine Weitergabe Ihrer Daten an Dritte erfolgt nicht.", "recipient", {"shares": False}),
    ("Weitergabe", "Abrechnungsdaten übermitteln wir an die DATEV eG.", "recipient", {"names": ("DATEV eG",)}),
    ("Löschfristen", "Lieferdaten: 10 Jahre.", "retention", {"amount": 10, "unit": "year"}),
    ("Not happy?", "You can complain to the ICO (0303 123 1113), too.", "authority",
     {"name": "ICO", "phone": ("0303 123 1113",)}),
    ("Terms", "Sub-processors: Hetzner Online GmbH (hosting), Postmark (e-mail).", "recipient",
     {"names": ("Hetzner Online GmbH", "Postmark")}),
    ("Partage", "Vos données restent ici. Elles ne sont jamais vendues.", "sale", {"sells": False}),
    ("Verantwortlicher", "Rheintal Rad GmbH, Uferstraße 12, 50996 Köln", "role", {"role": "controller"}),
    ("Pourquoi", "Nous traitons ces données pour livrer vos paniers (exécution du contrat).", "legal_basis",
     {"bases": ("contract",)}),
    ("Removal", "To object to the use of your data, delete your account.", "self_service", {"closes_account": True}),
    ("Rights", "Before we answer your request we may ask for a copy of your driving licence.", "identity_proof",
     {"required": "may"}),
    ("Access to your records", "You may see your records; ask at reception.", "right", {"right": "access"}),
    ("Changes", "We may change this policy at any time. Please check this page now and then.", "policy_change",
     {"notice": "posted"}),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "sentence", "kind", "value"), SAID, ids=lambda given: str(given)[:40])
def test_a_strangers_sentence_is_read(heading: str, sentence: str, kind: str, value: dict[str, Any]) -> None:
    found = read(f"# Privacy\n\n## {heading}\n\n{sentence}\n", kind)
    assert any(value.items() <= each.items() for each in found), found


def test_what_a_person_may_take_along_goes_to_nobody() -> None:
    item = (
        "receive your data as CSV or XML and, where it is technically feasible, have them sent directly to another firm"
    )
    text = f"# Privacy\n\n## Rights\n\nYou have the right to:\n\n- {item};\n- have your data erased.\n" + "\n"
    assert not read(text, "recipient")
    assert {"formats": ("CSV", "XML"), "rights": ("portability",)} in read(text, "portability_format")
    assert read(text, "direct_transfer")


def test_an_authoritys_telephone_is_not_the_controllers() -> None:
    text = "# Vie privée\n\nVous pouvez introduire une réclamation auprès de la CNIL, tél. 01 53 73 22 22.\n"
    assert not read(text, "contact")
