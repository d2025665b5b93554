"""A right that is only named is nobody's request; one that its writer says they use is, in any language."""

from __future__ import annotations

import pytest

from services.router.api.reading import Tier, read_message


def settled(text: str) -> set[str]:
    claims = read_message(text).claims
    return {claim.right.value for claim in claims if claim.tier in (Tier.ACT, Tier.ASK) and not claim.negated}


LISTED = [
    "Ich verlange Auskunft über meine Daten und über mein Recht auf Berichtigung, Löschung oder Einschränkung.",
    "Envoyez-moi la copie de mes données et rappelez mes droits de rectification, d'effacement, de limitation.",
    "Pido una copia de mis datos e información sobre el derecho a la rectificación, supresión o limitación.",
    "Requeiro cópia dos meus dados e informação sobre o direito de retificação, apagamento ou limitação do tratamento.",
    "Solicit o copie a datelor mele și informații despre dreptul la rectificare, ștergere sau restricționare.",
    "Tražim pristup svojim podacima i podatke o pravu na ispravak, brisanje ili ograničenje obrade.",
    "Jag begär en kopia av mina uppgifter och information om rätten till rättelse, radering eller begränsning.",
]


@pytest.mark.parametrize("text", LISTED)
def test_rights_that_an_access_letter_lists_are_not_asked_for(text: str) -> None:
    found = {claim.right.value: claim.tier for claim in read_message(text).claims}
    assert found.pop("access") is Tier.ACT
    assert Tier.ACT not in found.values()


def test_four_rights_in_one_breath_are_a_list() -> None:
    text = "En vertu du RGPD (rectification, effacement, limitation, opposition), envoyez-moi la copie de mes données."
    assert settled(text) == {"access"}


def test_the_criteria_used_where_a_time_is_not_possible_restrict_nothing() -> None:
    text = (
        "Je demande une copie de mes données. Indiquez la durée de conservation de ces données personnelles ou, "
        "si cela n'est pas possible, les critères utilisés."
    )
    assert settled(text) == {"access"}


EXERCISED = {
    "I exercise my rights of access and rectification.": {"access", "rectification"},
    "J'exerce mes droits d'accès et d'opposition.": {"access", "objection"},
    "Hiermit mache ich mein Recht auf Auskunft und Einschränkung geltend.": {"access", "restriction"},
    "Ejerzo mi derecho de acceso y de supresión.": {"access", "erasure"},
    "Esercito il mio diritto di accesso e di cancellazione.": {"access", "erasure"},
    "Ik oefen mijn recht op inzage en rectificatie uit.": {"access", "rectification"},
    "Korzystam z prawa do usunięcia.": {"erasure"},
    "Exerço o meu direito de acesso e de retificação.": {"access", "rectification"},
    "Îmi exercit dreptul la ștergere.": {"erasure"},
    "Izmantoju savas tiesības uz dzēšanu.": {"erasure"},
    "Jag utövar min rätt till radering.": {"erasure"},
    "Jeg gør gældende min ret til indsigt.": {"access"},
    "Uplatňuji své právo na výmaz.": {"erasure"},
    "Élni kívánok a törléshez való jogommal.": {"erasure"},
    "Ασκώ το δικαίωμα διαγραφής.": {"erasure"},
    "Koristim svoje pravo na brisanje.": {"erasure"},
    "Silme hakkımı kullanmak istiyorum.": {"erasure"},
}


@pytest.mark.parametrize("text", list(EXERCISED))
def test_a_right_that_its_writer_exercises_is_a_request(text: str) -> None:
    assert settled(text) >= EXERCISED[text]


@pytest.mark.parametrize(
    "text",
    [
        "You may exercise your right of access, rectification and erasure at any time.",
        "Vous pouvez exercer vos droits d'accès et d'effacement.",
        "Comment exercer mon droit d'effacement ?",
        "If I hear nothing by Friday I will exercise my right to erasure.",
        "Je fais valoir mon droit de rétractation, merci de rembourser.",
        "Ich mache von meinem Widerrufsrecht Gebrauch.",
    ],
)
def test_rights_of_others_and_other_rights_open_nothing(text: str) -> None:
    claims = read_message(text).claims
    assert not any(claim.tier is Tier.ACT and not claim.negated for claim in claims)


def test_what_is_exercised_conditionally_is_not_acted_on() -> None:
    assert "erasure" not in {
        claim.right.value
        for claim in read_message("I do not exercise my right to erasure, only my right of access.").claims
        if claim.tier is Tier.ACT and not claim.negated
    }
