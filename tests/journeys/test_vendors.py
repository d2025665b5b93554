"""A vendor without an interface is asked by mail; what comes back belongs to the claim and opens no case."""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas import events as bus
from schemas.envelope import rooted
from services.cli.case_words import preview
from services.fulfil.api.delegates import test_delegates as try_delegates
from services.intake.links import Links
from services.runtime.asked import name_digest, reference, referred
from services.runtime.settings import VENDOR_LANGUAGES, DelegateSettings, load
from tests.journeys.shop import Shop, home_with
from tests.journeys.test_delegates import AXIGEN, delegates, erase, settle, shown, tasks
from tests.journeys.test_pages import seen
from tests.journeys.walk import House, house

VENDOR = "privacy@vendor.example"
AT_ONCE = "[controllers.axigen.approval]\nofficers = 0\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop.db")


def asked(shop: Shop, home: Path, name: str = "mailer") -> Path:
    return home_with(shop, home, AT_ONCE + delegates(**{name: f"mail:{VENDOR}"}))


def to_vendor(at: House) -> list[str]:
    """The subjects of what the vendor got."""
    return [str(mail["Subject"]) for mail in at.letters(VENDOR)]


def acknowledge(at: House) -> None:
    (token,) = re.findall(r"http://habeas\.example/p/(\S+)", at.texts(VENDOR)[0])
    links = Links(at.vault.subkey("signed links"), "http://habeas.example")

    async def press() -> None:
        await at.front.open()
        try:
            for _ in range(2):
                await at.front.vendor_acknowledged(links.read_asked(token))
        finally:
            await at.front.close()
        await at._settle()

    at.run(press())


def test_a_vendor_is_asked_once_and_acknowledges_by_the_link(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        (subject,) = to_vendor(at)
        assert re.search(r"\[HV-[A-Z2-7]{40}\]$", subject)
        (text,) = at.texts(VENDOR)
        assert "email: ann@example.org" in text
        assert "erasure of the data" in text
        for _ in range(3):
            at.later(hours=6)
        assert not at.told(bus.ClaimFulfilled)
        acknowledge(at)
        (done,) = at.told(bus.ClaimFulfilled)
        assert [(each.system, each.reason) for each in done.receipts if each.action == "ask"] == [("mailer", "done")]
        assert at.told(bus.ClaimCompleted)
        assert len(to_vendor(at)) == 1
        assert "ann@example.org" not in "".join(event.model_dump_json() for event in at.events)
        assert VENDOR not in "".join(event.model_dump_json() for event in at.events)


def test_the_page_behind_the_link_asks_first_and_acts_on_the_button_only(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        (path,) = re.findall(r"http://habeas\.example(/p/\S+)", at.texts(VENDOR)[0])
        page, thanks, _gone = seen(at, "de", path)
        assert "Axigen &amp; Sons asked you about the data of one person" in page
        assert 'method="post"' in page
        assert "has noted that it is done" in thanks
        at.settle()
        assert len(at.told(bus.ClaimFulfilled)) == 1


def test_an_answer_by_mail_is_shown_to_the_officer_who_settles_it(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        (subject,) = to_vendor(at)
        cases = len(at.told(bus.CaseOpened))
        at.mail(AXIGEN, "Please delete it yourself: we gave it back.", sender=VENDOR, subject=f"RE: {subject}")
        assert len(at.told(bus.CaseOpened)) == cases, "a vendor's answer is no request of theirs"
        (task,) = tasks(at)
        assert task.reason == "delegate_answered"
        words = "\n".join(preview(shown(at, task)))
        assert "we gave it back" in words
        assert "mailer is to be settled with by hand" in words
        assert not at.told(bus.ClaimFulfilled)
        settle(at, task)
        (done,) = at.told(bus.ClaimFulfilled)
        assert [each.reason for each in done.receipts if each.action == "ask"] == ["by_hand"]


def test_silence_is_reminded_of_and_then_a_humans(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        days = 0
        while not tasks(at):
            at.later(days=1)
            days += 1
            assert days < 40
        request, reminder = to_vendor(at)
        assert reminder.startswith("Reminder")
        assert referred(at.vault.subkey("mails to vendors"), reminder) == referred(
            at.vault.subkey("mails to vendors"), request
        )
        (task,) = tasks(at)
        assert task.reason == "delegate_silent"
        assert at.clock.now() < at.told(bus.ClaimRouted)[-1].due


def test_a_mail_that_comes_back_is_a_task(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        (letter,) = at.letters(VENDOR)
        report = (
            f"From: mailer-daemon@vendor.example\r\nTo: {AXIGEN}\r\nSubject: Undelivered Mail\r\n"
            "Message-ID: <1@vendor.example>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: ACTION\r\n"
            "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        raw = report + letter.as_bytes(policy=email.policy.SMTP) + b"\r\n--b--\r\n"
        at.run(at._arrive("axigen", AXIGEN, raw.replace(b"ACTION", b"delayed"), ""))
        assert not tasks(at), "a delay is no failure"
        at.run(at._arrive("axigen", AXIGEN, raw.replace(b"ACTION", b"failed"), ""))
        (task,) = tasks(at)
        assert task.reason == "delegate_refused"
        assert "came back" in "\n".join(preview(shown(at, task)))


def test_an_answer_that_comes_while_an_officer_deals_with_it_is_shown_too(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        while not tasks(at):
            at.later(days=1)
        acknowledge(at)
        assert {task.reason for task in tasks(at)} == {"delegate_silent", "delegate_answered"}
        assert "it was acknowledged" in "\n".join(preview(shown(at, tasks(at)[-1])))
        assert not at.told(bus.ClaimFulfilled)


def test_an_absence_note_is_no_answer(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        (subject,) = to_vendor(at)
        note = (
            f"From: {VENDOR}\r\nTo: {AXIGEN}\r\nSubject: Automatic reply: {subject}\r\n"
            "Message-ID: <2@vendor.example>\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
        ).encode()
        at.run(at._arrive("axigen", AXIGEN, note, ""))
        assert not tasks(at)
        assert not at.told(bus.DelegateAnswered)


def test_trying_the_delegates_sends_nothing(tmp_path: Path, shop: Shop) -> None:
    settings = load(asked(shop, tmp_path), None)
    ((name, health),) = try_delegates(settings)
    assert (name, health.reachable) == ("axigen.mailer", True)
    assert "asked by mail" in health.said


def test_a_letter_that_the_relay_refuses_is_a_task(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        sent = next(e for e in at.told(bus.ReplySent) if e.template == "vendor_request")
        bounced = bus.ReplyBounced(
            controller="axigen", occurred=at.clock.now(), letter_id=sent.letter_id, ordered_by=sent.ordered_by,
            status="5.1.1",
        )  # fmt: skip

        async def refuse() -> None:
            envelope = rooted("refused", bounced, "/habeas/intake")
            await at.stores["intake"].run(lambda transaction: transaction.enqueue(envelope))
            await at._settle()

        at.run(refuse())
        assert [task.reason for task in tasks(at)] == ["delegate_refused"]


def test_a_second_acknowledgement_changes_nothing(tmp_path: Path, shop: Shop) -> None:
    with house(asked(shop, tmp_path)) as at:
        erase(at)
        acknowledge(at)
        acknowledge(at)
        assert len(at.told(bus.ClaimFulfilled)) == 1


def test_a_reference_that_we_did_not_make_is_none() -> None:
    key, claim = b"k" * 32, "6b1f7c1a-2d3e-5f50-8a6b-0c1d2e3f4a5b"
    ours = reference(key, claim, "mailer")
    found = referred(key, f"AW: Re: [{ours}] Löschung")
    assert found is not None
    assert (found.claim_id, found.delegate) == (claim, name_digest("mailer"))
    assert referred(b"x" * 32, ours) is None
    assert referred(key, ours[:-1] + ("A" if ours[-1] != "A" else "B")) is None
    assert referred(key, "HV-" + "A" * 40) is None
    assert referred(key, "no reference at all") is None


@pytest.mark.parametrize("ask", ["mail:", "mail:nobody", "mail:a@b, c@d", "mail:a b@c", "mailto:a@b"])
def test_a_mail_needs_one_address(ask: str) -> None:
    with pytest.raises(ValidationError, match="mail:"):
        DelegateSettings(ask=ask)


WORDS = {
    "de": ("Anfrage zu personenbezogenen Daten", "Löschung der Daten", "Haben Sie die Anfrage ausgeführt?"),
    "en": ("Request about personal data", "Right: ", "Have you carried out the request?"),
    "es": ("Solicitud sobre datos personales", "Derecho: ", "¿Han atendido la solicitud?"),
    "fr": ("Demande relative à des données personnelles", "Droit : ", "Avez-vous donné suite à la demande ?"),
    "it": ("Richiesta su dati personali", "Diritto: ", "Avete dato seguito alla richiesta?"),
    "nl": ("Verzoek over persoonsgegevens", "Recht: ", "Hebt u het verzoek uitgevoerd?"),
    "pl": ("Wniosek dotyczący danych osobowych", "Prawo: ", "Czy wniosek został wykonany?"),
    "pt": ("Pedido sobre dados pessoais", "Direito: ", "O pedido foi executado?"),
}


def test_every_language_of_vendors_has_its_words() -> None:
    assert WORDS.keys() == set(VENDOR_LANGUAGES)


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_vendor_is_written_to_in_its_own_language(tmp_path: Path, shop: Shop, language: str) -> None:
    subject, words, heading = WORDS[language]
    one = delegates(mailer=f"mail:{VENDOR}") + f'language = "{language}"\n'
    with house(home_with(shop, tmp_path, AT_ONCE + one)) as at:
        erase(at)
        (letter,) = to_vendor(at)
        assert letter.startswith(subject)
        assert "HV-" in letter, "the answer is known by its subject, whatever the language"
        (text,) = at.texts(VENDOR)
        assert words in text
        assert "email" in text.lower()
        assert "ann@example.org" in text
        assert "{{" not in text
        for _ in range(40):
            at.later(days=1)
            if len(to_vendor(at)) > 1:
                break
        assert to_vendor(at)[1].startswith(REMINDERS[language])
        (path,) = re.findall(r"http://habeas\.example(/p/\S+)", text)
        page, _thanks, _gone = seen(at, "sv", path)
        assert heading in page
        assert f'lang="{language}"' in page


REMINDERS = {
    "de": "Erinnerung", "en": "Reminder", "es": "Recordatorio", "fr": "Rappel", "it": "Sollecito",
    "nl": "Herinnering", "pl": "Przypomnienie", "pt": "Lembrete",
}  # fmt: skip


def test_a_language_without_letters_is_a_clear_error() -> None:
    with pytest.raises(ValidationError, match="letters to vendors are written in en, de, es"):
        DelegateSettings(ask=f"mail:{VENDOR}", language="ga")
