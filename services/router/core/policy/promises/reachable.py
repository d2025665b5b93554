"""Reading where to write: to the controller, for which right, and to the authority."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from services.router.core.policy.model import PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.contacts import Contact, contacts, postal
from services.router.core.policy.promises.sentence import Found, Sentence, rights_in, says, with_rights

_FORM: Final = r"contact|ticket|privacy[-_](?:request|form|cent)|dsar|gdpr|rgpd|sede|form|help|request|kontakt|contatt|contacto|formula"
_OFFICER: Final = r"data protection officer|\bDPO\b|datenschutzbeauftragte|délégué à la protection|delegado de protecc|responsabile della protezione|functionaris|inspektor\w* ochrony|encarregado|responsabil\w* cu protecția|dataskyddsombud|adatvédelmi tisztvisel|datu aizsardzības speciālist"
_EXERCISE: Final = r"(?:exercise|your|these) (?:\w+ )?rights?|ihre rechte|vos droits|sus derechos|suoi diritti|uw rechten|praw\b|seus direitos|drepturil|dina rättigheter|jūsu tiesīb|jogai|droits\b|derechos\b|diritti\b|rechten\b|rechte\b|direitos\b|\brights\b|rättigheter"
_PRIVACY: Final = r"privacy|personal (?:data|information)|datenschutz|données|datos|dati|gegevens|danych|dados|date"
_ELSEWHERE: Final = r"(?:download|adwordspolicy|allaboutcookies|gaoptout|/policies/|cookie-policy|#license)"


def contact(sentence: Sentence) -> Iterator[Found]:
    """Read the addresses at which the controller is reached, and what for."""
    found, address = contacts(sentence.text), postal(sentence.text)
    if not (found or address) or _is_authority(sentence):
        return
    purpose, rights = _purpose(sentence)
    for each in found:
        if each.channel == "web" and not _is_form(each, sentence.text):
            continue
        published = {} if each.published.lower() == each.address else {"published": each.published}
        value = {"channel": each.channel, "address": each.address, "purpose": purpose, **published}
        yield PromiseKind.CONTACT, with_rights(value, rights), 0.9 if each.channel == "email" else 0.7
    if address and not words.STORED_IN.search(sentence.text) and not words.RECIPIENT_MARK.search(sentence.text):
        value = {"channel": "post", "address": address, "purpose": purpose}
        yield PromiseKind.CONTACT, with_rights(value, rights), 0.6


def _is_form(each: Contact, text: str) -> bool:
    if says(_ELSEWHERE, each.address):
        return False
    return says(_FORM, each.address.partition("//")[2].partition("/")[2] + text[: each.start][-60:])


_OF_LAW: Final = frozenset(("access", "rectification", "erasure", "restriction", "portability", "objection"))


def _purpose(sentence: Sentence) -> tuple[str, list[str]]:
    text = sentence.text
    rights = [right for right in rights_in(text) if right != "complaint"]
    if says(_OFFICER, text) or says(_OFFICER, sentence.heading):
        return "dpo", rights
    if words.BREACH.search(text):
        return "breach", ["breach_report"]
    if "unsubscribe" in rights:
        everything = says(r"all (?:lists|mailings|emails)", text)
        return "unsubscribe_all" if everything else "unsubscribe", ["unsubscribe"]
    if rights == ["consent_withdrawal"] or (not rights and rights_in(sentence.clause) == ("consent_withdrawal",)):
        return "consent_withdrawal", ["consent_withdrawal"]
    if rights or says(_EXERCISE, sentence.around) or set(rights_in(sentence.clause)) & _OF_LAW:
        return "rights", rights
    if rights_words.COMPLAIN.search(text):
        return "complaint", ["complaint"]
    return ("privacy_questions" if says(_PRIVACY, sentence.around) else "general"), []


def _is_authority(sentence: Sentence) -> bool:
    return bool(rights_words.AUTHORITY.search(sentence.text) or rights_words.AUTHORITY.search(sentence.above))


_FIRST_WORDS: Final = (
    "first", "before", "zunächst", "zuerst", "bevor", "abord", "avant", "primero", "previamente", "prima di", "eerst", "najpierw", "primeiro", "mai întâi", "först", "vispirms", "először",
)  # fmt: skip


def authority(sentence: Sentence) -> Iterator[Found]:
    """Read with whom people may complain, and who wants to be told first."""
    text = sentence.text
    if (
        any(word in text.lower() for word in _FIRST_WORDS)
        and says(
            r"(?:tell|contact|write to|speak to|talk to|come to|raise \w+ with) (?:us|(?:the|our) [\w ]{3,20}) first|before (?:you )?(?:contact|complain)|in the first instance|(?:come|write|speak|talk|turn) to us (?:first|before)|(?:contact|tell|ask) us (?:first|before)|before you (?:approach|go to|turn to)|zunächst (?:bei|mit|an) uns|zuerst (?:bei|mit|an) uns|bevor sie sich|d.abord (?:nous|à nous)|nous contacter (?:d.abord|avant)|primero|previamente (?:a|con)|prima di (?:rivolger|propor|present)|eerst (?:contact|bij ons|met ons)|najpierw|primeiro|mai întâi|först (?:kontakta|till oss)|vispirms|először",
            text,
        )
        and (
            rights_words.COMPLAIN.search(sentence.clause)
            or says(r"concern|unhappy|klacht|skarg|reclam|beschwer|unzufrieden|address your", text)
        )
    ):
        yield PromiseKind.COMPLAINT_FIRST, {"first": "controller", "rights": ("complaint",)}, 0.7
    match = rights_words.AUTHORITY.search(text)
    if match is None or (words.BREACH.search(text) and not rights_words.COMPLAIN.search(text)):
        return
    found = contacts(text)
    heard = rights_words.COMPLAIN.search(sentence.around) or rights_words.COMPLAIN.search(sentence.clause)
    titled = rights_words.RIGHT_MARK.search(sentence.heading) or says(r"zuständig|competent", text)
    if not (heard or found or titled):
        return
    value: dict[str, Any] = {"name": _name_around(text, match.start(), match.end()), "rights": ("complaint",)}
    for channel, name in (("email", "email"), ("web", "website")):
        address = next((each.address for each in found if each.channel == channel), None)
        value |= {name: address} if address else {}
    phones = tuple(each.address for each in found if each.channel == "phone")
    value |= {"phone": phones} if phones else {}
    value |= {"address": where} if (where := postal(text[match.start() :])) else {}
    yield PromiseKind.AUTHORITY, value, 0.8


def _name_around(text: str, start: int, end: int) -> str:
    named = re.match(
        r"\w*(?:\s\w+)?(?: is| ist| est| es| è)?:\s*(?P<name>[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][^,.;:|]{5,90})", text[end:]
    )
    if named is not None:
        return named["name"].strip()
    left = re.search(
        r"(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w’'-]*\s+(?:of\s+|for\s+|the\s+|de\s+|la\s+)?){0,6}$", text[:start]
    )
    right = re.match(
        r"\w*(?:[\s-]+(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ(][\w’'()-]*|of|for|de|des|für|de la|the|Office|und|et|nationale|para)){0,7}",
        text[end:],
    )
    name = text[left.start() if left else start : end + (right.end() if right else 0)]
    name = re.sub(r"\s*\(\W*\d.*$", "", name)
    if name.count("(") > name.count(")"):
        name = name[: name.rindex("(")]  # "the ICO (ico.org.uk, …" was cut at the point
    return re.sub(
        r"(?i)^(?:the|die|der|la|el|il|de)\s+|\s+(?:of|for|de|des|the|und|et|für|para)$", "", name.strip(" ,.;:")
    )


_MAY: Final = r"(?:reasonable doubt|doute raisonnable|begründete\w* zweifel)|\b(?:may|might|can|could|kann|können|peut|pouvons|podrá|può|kunnen|możemy|pode|putem|podemos|podremos|poderemos|poderá|potremmo|potrà|pourr\w+|mogą|możemy|varam|kan behöva|kérhet\w*|würden)\b"


_NO_PROOF: Final = r"\b(?:never|not|no|don.t) (?:\w+ ){0,2}(?:ask|need|require|want|cop)|\b(?:keine|nie|niemals)\b[^.]{0,30}(?:kopie|ausweis|identit)|(?:kopie|ausweis\w*)\b[^.;]{0,40}\bnicht\b|won.t (?:ask|need)|\bne\b[^.;]{0,20}\b(?:demand|exig)\w*[^.;]{0,6}\bpas\b|\b(?:jamais|aucune?)\b[^.]{0,30}(?:copie|pièce|justificatif)"


def identity_proof(sentence: Sentence) -> Iterator[Found]:
    """Read what must be shown to have a request answered."""
    match = rights_words.IDENTITY_PROOF.search(sentence.text)
    if match and any(
        rights_words.REQUEST.search(text) or rights_words.RIGHT_MARK.search(text)
        for text in (sentence.around, sentence.clause)
    ):
        need = "no" if says(_NO_PROOF, sentence.text) else "may" if says(_MAY, sentence.text) else "must"
        yield PromiseKind.IDENTITY_PROOF, {"document": match.group().strip(), "required": need}, 0.8
