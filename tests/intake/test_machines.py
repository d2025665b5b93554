"""Who is answered and who is not, by what mail programs write."""

from __future__ import annotations

import base64

import pytest

from services.intake.core.mail import read_mail


def automatic(subject: str, envelope: str = "ana@example.org") -> bool:
    word = base64.b64encode(subject.encode()).decode()
    return read_mail(
        f"From: ana@example.org\r\nSubject: =?utf-8?b?{word}?=\r\n\r\nI am away.".encode(), envelope
    ).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: My data", "Auto-Reply: hello", "Out of Office: your letter", "[Out of office] x",
        "Automatische Antwort: Ihre Anfrage", "Abwesenheitsnotiz: Ihre Anfrage", "Réponse automatique : votre demande",
        "Absence du bureau : votre demande", "Respuesta automática: su solicitud", "Risposta automatica: la richiesta",
        "Odpowiedź automatyczna: pytanie", "Autosvar: din förfrågan", "Automatisk svar: din anmodning",
        "Automatiskt svar: din fråga", "Automatisch antwoord: uw verzoek", "Răspuns automat: cererea dvs.",
        "Resposta automática: o seu pedido", "Otomatik yanıt: talebiniz", "Automatikus válasz: kérése",
        "Automatická odpověď: Vaše žádost", "自動応答: ご依頼", "自动回复: 您的请求",
        "Автоматический ответ: ваш запрос",
        "Automaattinen vastaus: pyyntösi", "Automātiska atbilde: jūsu pieprasījums", "Αυτόματη απάντηση: το αίτημά σας",
        "자동 회신: 요청", "Undelivered Mail Returned to Sender", "Unzustellbar: Ihre Nachricht",
    ],
)  # fmt: skip
def test_an_absent_persons_program_is_never_answered(subject: str) -> None:
    assert automatic(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Please stop your automatic replies and delete my data", "Re: Automatic reply: My data", "My data", "",
        "Automated decisions about me", "Automatische Entscheidung: Widerspruch", "Délivrez-moi mes données",
        "Automobile Daten löschen", "Mailing list",
    ],
)  # fmt: skip
def test_a_person_who_writes_about_machines_is_none(subject: str) -> None:
    assert not automatic(subject)


def test_a_mail_programs_own_address_is_a_machine() -> None:
    assert automatic("Hello", "MAILER-DAEMON@mx.example.net")
