"""Whoever says that nothing shall be erased is never erased, however their language denies."""

from __future__ import annotations

import pytest

from services.router.api.reading import Tier, read_message

DENIED = [
    "Ich will nicht, dass Sie mein Konto löschen.",
    "Ich wünsche nicht, dass meine Daten oder mein Profil gelöscht werden.",
    "Je ne veux pas que mon compte soit supprimé.",
    "Ik wil niet dat jullie mijn account wissen.",
    "Mijn account niet verwijderen aub.",
    "Nechci, abyste smazali můj účet.",
    "Prosím nemazat můj účet.",
    "Nežádám o výmaz svých údajů.",
    "Nezmažte môj účet.",
    "Nie chcę, żebyście usunęli moje konto.",
    "Es negribu, lai jūs dzēšat manu kontu.",
    "Neizdzēsiet manus datus.",
    "Netrinkite mano paskyros.",
    "Nem akarom, hogy töröljék a fiókomat.",
    "Hesabım silinmesin.",
    "Hesabımı silmeyiniz.",
    "Hesabımı kaldırmayın.",
    "Non voglio che il mio account venga cancellato.",
    "I don't want my account to be deleted.",
    "Please refrain from deleting my data.",
    "Avoid deleting my account.",
]


@pytest.mark.parametrize("text", DENIED)
def test_an_erasure_that_is_denied_is_listed_as_denied_and_asked_by_nobody(text: str) -> None:
    claims = [claim for claim in read_message(text).claims if claim.right.value == "erasure"]
    assert [claim.negated for claim in claims] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "Do not close or delete my account.",
        "Bitte mein Konto nicht sperren oder löschen.",
        "Je ne souhaite pas que vous fermiez ou supprimiez mon compte.",
        "Hesabımın kapatılmasını veya silinmesini istemiyorum.",
    ],
)
def test_what_a_denial_of_two_verbs_leaves_open_is_never_acted_on(text: str) -> None:
    assert all(claim.tier is not Tier.ACT for claim in read_message(text).claims if claim.right.value == "erasure")


@pytest.mark.parametrize(
    "text",
    [
        "Bitte nichts löschen! Ich will nur eine Kopie meiner Daten.",
        "Slet ikke noget, jeg vil bare have en kopi af mine data.",
        "Niet verwijderen, ik wil alleen een kopie van mijn gegevens.",
        "Nemažte nic, chci jen kopii svých údajů.",
    ],
)
def test_a_denial_that_names_no_data_is_heard_beside_what_is_wanted(text: str) -> None:
    found = {claim.right.value: claim.negated for claim in read_message(text).claims}
    assert (found.get("erasure"), found.get("access")) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "Ich nutze den Dienst nicht mehr, löschen Sie bitte mein Konto.",
        "Ich will nicht mehr, dass Sie meine Daten haben. Löschen Sie mein Konto.",
        "Je ne veux plus de votre service, supprimez mon compte et toutes mes données.",
        "Nechci dál používat vaše služby, smažte můj účet.",
        "Nie chcę już korzystać z serwisu, proszę usunąć moje konto.",
        "Es vairs negribu lietot jūsu pakalpojumu, lūdzu dzēsiet manu kontu.",
        "Kullanmak istemiyorum, hesabımı silin.",
        "Hesabımın silinmesini istiyorum.",
        "I don't want your emails any more, delete my account.",
    ],
)
def test_a_denial_of_something_else_hides_no_erasure(text: str) -> None:
    tiers = {claim.right.value: claim.tier for claim in read_message(text).claims if not claim.negated}
    assert tiers.get("erasure") in (Tier.ACT, Tier.ASK)
    assert "withdrawal_of_request" not in tiers


def test_an_opinion_alone_corrects_nothing() -> None:
    for text in ("a@b.c " * 2000, " ".join("delete my account").replace("  ", " ")):
        assert all(claim.tier is not Tier.ACT for claim in read_message(text).claims)


@pytest.mark.parametrize("text", ["Hesabımı silme.", "Lütfen verilerimi silme, lazım olacak.", "hesabımı kapatma"])
def test_a_turkish_denial_that_is_spelt_like_the_noun_is_no_request(text: str) -> None:
    claims = [claim for claim in read_message(text).claims if claim.right.value == "erasure"]
    assert not any(claim.tier in (Tier.ACT, Tier.ASK) for claim in claims)


@pytest.mark.parametrize("text", ["Lütfen hesabımı silme talebimi işleme alın.", "Hesap kapatma talebi"])
def test_the_noun_itself_is_one(text: str) -> None:
    tiers = [claim.tier for claim in read_message(text).claims if claim.right.value == "erasure"]
    assert tiers[:1] in ([Tier.ACT], [Tier.ASK])
