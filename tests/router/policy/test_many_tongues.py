"""What a policy's sentence binds to, in a dozen languages and as plain people write: each row was read before it was run."""

# A case is read as one line; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from services.router.core.policy.promises.durations import durations
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import clauses_of, markup_of


def read(heading: str, sentence: str, kind: str) -> list[dict[str, Any]]:
    """Return the values of the promises of a kind."""
    text = f"# Privacy\n\n## {heading}\n\n{sentence}\n"
    return [dict(p.value) for p in promises_of(text, clauses_of(text), markup_of(text)) if p.kind.value == kind]


SAID = [
    ("Data", "Everything in your account stays with us for 24 months after you last open the app.", "retention", {"amount": 24, "unit": "month", "from": "last_use"}),
    ("Data", "Crash logs hang around for 90 days.", "retention", {"amount": 90, "action": "keep"}),
    ("Data", "We get rid of unpaid baskets once 18 months have passed.", "retention", {"amount": 18, "action": "delete"}),
    ("Dauer", "Anfragen heben wir zwölf Monate auf, falls Rückfragen kommen.", "retention", {"amount": 12, "action": "keep"}),
    ("Dauer", "Nach dem Austritt bleiben Ihre Daten noch drei Jahre gespeichert.", "retention", {"amount": 3, "from": "contract_end"}),
    ("Conservazione", "La documentazione viene custodita per dieci anni dall'ultima prestazione.", "retention", {"amount": 10, "from": "last_use"}),
    ("Bewaren", "Sollicitatiebrieven gooien we vier weken na de procedure weg.", "retention", {"amount": 4, "unit": "week", "action": "delete"}),
    ("Okres", "Nagrania z monitoringu kasujemy po 30 dniach.", "retention", {"amount": 30, "unit": "day"}),
    ("Păstrare", "Facturile se arhivează timp de 10 ani.", "retention", {"amount": 10}),
    ("Pastrare", "Datele contului sunt sterse dupa 3 ani de inactivitate.", "retention", {"amount": 3, "action": "delete"}),
    ("Glabāšana", "Rēķinus glabājam piecus gadus.", "retention", {"amount": 5, "unit": "year"}),
    ("Lagring", "Chattar sparas i tre månader.", "retention", {"amount": 3, "unit": "month"}),
    ("Megőrzés", "A számlákat 8 évig őrizzük meg a számviteli törvény szerint.", "retention", {"amount": 8, "unit": "year"}),
    ("Retention", "Your degree result is kept in perpetuity.", "retention", {"vague": True}),
    ("Your choices", "You can ask us for a copy of your data. You'll hear back from us inside of 5 working days.", "answer_deadline", {"amount": 5, "unit": "business_day"}),
    ("Rechte", "Auskunftsersuchen werden binnen drei Wochen erledigt.", "answer_deadline", {"amount": 3, "unit": "week"}),
    ("Rechte", "Ihr Antrag wird binnen Monatsfrist beantwortet.", "answer_deadline", {"amount": 1, "unit": "month"}),
    ("Vos droits", "Nous vous répondons sous quinzaine.", "answer_deadline", {"amount": 15, "unit": "day"}),
    ("Prawa", "Na wniosek odpowiadamy nie później niż w terminie miesiąca od jego otrzymania.", "answer_deadline", {"amount": 1, "unit": "month"}),
    ("Tiesības", "Uz pieprasījumu atbildēsim viena mēneša laikā.", "answer_deadline", {"amount": 1, "unit": "month"}),
    ("Rättigheter", "Vi svarar senast 30 dagar efter att din begäran kommit in.", "answer_deadline", {"amount": 30}),
    ("Jogok", "Kérelmére legkésőbb 25 napon belül válaszolunk.", "answer_deadline", {"amount": 25, "unit": "day"}),
    ("Diritti", "Rispondiamo alle richieste entro un mese, prorogabile di altri due mesi.", "answer_deadline", {"amount": 1, "extendable": True}),
    ("Rättigheter", "Är du missnöjd kan du klaga hos Integritetsskyddsmyndigheten.", "authority", {}),
    ("Jogok", "Panasszal a Nemzeti Adatvédelmi és Információszabadság Hatósághoz fordulhat.", "authority", {}),
    ("Direitos", "Você também pode peticionar perante a ANPD.", "authority", {"name": "ANPD"}),
    ("Complaints", "If you are unhappy, please raise it with our officer in the first instance; you can complain to the ICO later.", "complaint_first", {}),
    ("Uw rechten", "U mag uw gegevens inzien.", "right", {"right": "access"}),
    ("Rechte", "Sie können eine bereits erteilte Einwilligung jederzeit widerrufen.", "right", {"right": "consent_withdrawal"}),
    ("Jūsu tiesības", "Jums ir tiesības piekļūt saviem datiem un tos dzēst.", "right", {"right": "erasure"}),
    ("Az Ön jogai", "Ön jogosult az adathordozhatóságot kérni.", "right", {"right": "portability"}),
    ("Delen", "Wij verkopen uw gegevens nooit.", "sale", {"sells": False}),
    ("Partage", "Vos données ne sont ni cédées ni louées à des tiers.", "sale", {"sells": False}),
    ("WHO ELSE SEES IT", "Royal Mail gets your address.", "recipient", {"category": "carriers"}),
    ("Odbiorcy", "Dane powierzamy biuru rachunkowemu.", "recipient", {"category": "advisers"}),
    ("Who receives it?", "Data are disclosed to the Student Loans Company.", "recipient", {"names": ("Student Loans Company",)}),
    ("Sharing", "We may disclose information in response to a subpoena.", "recipient", {"category": "authorities"}),
    ("Överföring", "Uppgifterna förs inte utanför EU/EES.", "transfer", {"allowed": False}),
    ("Kto", "Administratorem Pani/Pana danych osobowych jest Szpital Miejski w Toruniu, ul. Batorego 17.", "identity", {"entity": "Szpital Miejski w Toruniu"}),
    ("Wie", "Het college van burgemeester en wethouders van Molendam is verantwoordelijk voor de verwerking van uw gegevens.", "role", {"role": "controller"}),
    ("Kontakt", "Saziņai: tālr. 67001122.", "contact", {"channel": "phone", "address": "67001122"}),
    ("Your rights", "Call 1-800-555-0177 to use your rights.", "contact", {"channel": "phone"}),
    ("Incidens", "Az adatvédelmi incidenst 72 órán belül bejelentjük a hatóságnak.", "breach_notice", {"to": "authority", "amount": 72}),
    ("What we hold", "Academic records, marks and attendance.", "data_category", {"collected": True}),
    ("Données", "Aucune donnée bancaire n'est stockée sur nos serveurs.", "data_category", {"collected": False}),
    ("Scopuri și temeiuri", "Trimiterea de oferte – consimțământul dumneavoastră.", "legal_basis", {"bases": ("consent",)}),
    ("Ändamål", "Vi sparar namn för att hantera köp (fullgöra avtal).", "legal_basis", {"bases": ("contract",)}),
    ("Alterações", "Avisaremos por e-mail sobre mudanças relevantes neste aviso.", "policy_change", {"notice": "email"}),
    ("Choices", "You can edit your profile under Settings > Account.", "self_service", {}),
    ("Rights", "We may turn down requests that would reveal another person's data.", "refusal_ground", {}),
    ("What we keep", "**How long?** Receipts stick around for seven years because of the tax office.", "retention", {"amount": 7}),
    ("Privacy", "**Hoe lang?** Bestelgegevens gaan na zeven jaar de versnipperaar in.", "retention", {"amount": 7, "unit": "year"}),
    ("SPEICHERUNG", "Für Röntgenaufzeichnungen gelten 30 Jahre.", "retention", {"amount": 30}),
    ("Informacja", "Odpowiedzi udzielamy w ciągu jednego miesiąca.", "answer_deadline", {"amount": 1, "unit": "month"}),
    ("Information", "Riverside Food Bank (charity 1122334) is responsible for the information you give us.", "identity", {"entity": "Riverside Food Bank"}),
    ("Avec qui", "Stripe encaisse vos paiements.", "recipient", {"names": ("Stripe",)}),
    ("Rätt", "Inget skickas till länder utanför EU.", "transfer", {"allowed": False}),
    ("Shop", "When you order we note your name, address and phone number.", "data_category", {"items": ("names", "postal addresses", "telephone numbers")}),
    ("Wozu?", "Damit Ihre Bestellung bei Ihnen ankommt.", "purpose", {}),
    ("Dane", "Podanie danych jest wymogiem ustawowym.", "duty", {"who": "person"}),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "sentence", "kind", "value"), SAID, ids=lambda given: str(given)[:40])
def test_a_sentence_is_read_in_its_language(heading: str, sentence: str, kind: str, value: dict[str, Any]) -> None:
    found = read(heading, sentence, kind)
    assert any(value.items() <= each.items() for each in found), found


NOT_SAID = [
    ("Sub-processors", "We give customers at least 14 days' notice by e-mail before we engage another one.", "children"),
    ("Security", "No method of transmission over the Internet is 100% secure.", "recipient"),
    ("Cookies", "If you set your browser not to accept cookies or local shared objects, some parts may not work.", "recipient"),
    ("Your rights", "You may object to processing based on our legitimate interests.", "legal_basis"),
    ("Dina uppgifter", "Uppgifterna lagras på servrar inom EU.", "retention"),
    ("Your rights", "Please never send us a copy of your passport; we may ask you for other details.", "data_category"),
    ("Privacy", "Mailer in no way undertakes to store your data indefinitely.", "retention"),
    ("Cookies", "Although we may assign a cookie, you can see that it does not tell us who you are.", "identity_proof"),
    ("Chat", "We reply to chat messages within 10 hours.", "answer_deadline"),
    ("Opting out", "You can tell us not to sell your data by clicking the link.", "sale"),
    ("Posting", "We are not responsible for the personal information you make public.", "role"),
    ("Sharing", "How do we share your details with Firms outside of Walton Stores?", "recipient"),
    ("Cookies", "It does not contain your name, address, telephone number, or email address.", "data_category"),
    ("Laws", "Use of health data is governed by the Health Act, which we share with you.", "identity"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "sentence", "kind"), NOT_SAID, ids=lambda given: str(given)[:40])
def test_what_is_said_of_something_else_is_no_promise(heading: str, sentence: str, kind: str) -> None:
    assert not [each for each in read(heading, sentence, kind) if not each.get("vague") or kind == "retention"]


@pytest.mark.parametrize(
    ("words", "amount", "unit"),
    [
        ("in half a year", 6, "month"),
        ("inom en månad", 1, "month"),
        ("fem vardagar", 5, "business_day"),
        ("in 5 Arbeitstagen", 5, "business_day"),
        ("15 munkanapon belül", 15, "business_day"),
        ("z 7-dniowym wyprzedzeniem", 7, "day"),
        ("within a fortnight", 2, "week"),
        ("egy hónapon belül", 1, "month"),
    ],
)
def test_a_time_without_a_number_or_inside_a_word_is_a_time(words: str, amount: int, unit: str) -> None:
    assert [(time.amount, time.unit) for time in durations(words)] == [(amount, unit)]


def test_taken_apart_letters_old_cedillas_and_cut_words_are_read_and_quoted_as_published() -> None:
    for heading, sentence, kind in (
        (
            "Dauer",
            "Logdaten werden spätestens nach vierzehn Tagen gelöscht, Verträge später überschrieben.",
            "retention",
        ),
        ("Păstrare", "Datele sunt şterse după 3 ani.".replace("ș", "ş"), "retention"),
        (
            "Complaints",
            "You can complain to the Infor-\nmation Commis-\nsioner at any time, as is your right here.",
            "authority",
        ),
    ):
        for written in (sentence, unicodedata.normalize("NFD", sentence)):
            text = f"# Privacy\n\n## {heading}\n\n{written}\n"
            found = [p for p in promises_of(text, clauses_of(text), markup_of(text)) if p.kind.value == kind]
            assert [text[p.start : p.end] for p in found] == [p.quote for p in found] != []


def test_a_numbered_clause_of_several_sentences_binds_by_each_of_them() -> None:
    text = (
        "# Umowa\n\n1. Dane są nasze i tak dalej w tym zakresie.\n"
        "2. Dane mogą być przekazane laboratoriom. Nie przekazujemy danych poza Europejski Obszar Gospodarczy.\n"
        "3. Dokumentację przechowujemy 20 lat od wpisu. Nagrania kasujemy po upływie 30 dni od nagrania.\n"
    )
    found = promises_of(text, clauses_of(text), markup_of(text))
    kept = [dict(p.value) for p in found if p.kind.value == "retention"]
    assert [(value["amount"], value["action"]) for value in kept] == [(20, "keep"), (30, "delete")]
    assert [dict(p.value)["allowed"] for p in found if p.kind.value == "transfer"] == [False]


def test_columns_that_name_data_receivers_and_places_are_read() -> None:
    text = (
        "# Privacy\n\n## Partners\n\n| Sub-processor | Purpose | Location |\n|---|---|---|\n"
        "| Nordlicht Hosting GmbH | Hosting | Frankfurt, Germany |\n\n"
        "## Handling\n\n| Purpose | Categories of data | Legal basis |\n|---|---|---|\n| Orders | Name, phone | contract |\n"
    )
    found = promises_of(text, clauses_of(text), markup_of(text))
    values = {p.kind.value: dict(p.value) for p in found}
    assert values["recipient"]["names"] == ("Nordlicht Hosting GmbH",)
    assert values["storage_place"]["place"] == "Frankfurt, Germany"
    assert values["data_category"]["items"] == ("names", "telephone numbers")
