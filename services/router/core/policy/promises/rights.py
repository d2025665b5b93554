"""Reading the rights a policy grants: which, how they are used, in which format, and when they are refused."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.policy.model import PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.durations import durations
from services.router.core.policy.promises.sentence import Found, Sentence, rights_in, says, with_rights

_GENERIC: Final = re.compile(
    r"(?i)structured,? (?:and )?commonly[- ]used|machine[- ]readable|strukturiert\w*,? gängig|maschinenlesbar|structuré|lisible par machine|lectura mecánica|leggibile da dispositivo|machineleesbaar|maszynow\w+|leitura automática|citit automat"
)
_HANDED: Final = r"provid|receive (?:the|your|a copy|it|them)|ricever|recibir|recever|receber|ontvang|otrzym|primi\b|få ut|saņem|megkap|get your|copy|hand (?:it )?over|stell|bereit|erhalten|kopie|fourni|remett|copie|entreg|consegn|copia|verstrek|pobra|wyeksport|kopi[ęa]|furniz"


def portability(sentence: Sentence) -> Iterator[Found]:
    """Read in which formats people can take their data along, and whether it is sent on for them."""
    text = sentence.text
    formats = list(dict.fromkeys(match.group() for match in rights_words.FORMATS.finditer(text)))
    named = bool(rights_words.RIGHTS["portability"].search(sentence.around))
    if not (formats or rights_words.EXPORT.search(text) or named):
        if rights_words.DIRECT.search(text) and "technically" in text:
            yield PromiseKind.DIRECT_TRANSFER, {"offered": True, "rights": ("portability",)}, 0.75
        return
    generic = _GENERIC.search(text)
    if formats and (rights_words.EXPORT.search(sentence.around) or says(_HANDED, text)):
        yield PromiseKind.PORTABILITY_FORMAT, {"formats": tuple(formats), "rights": ("portability",)}, 0.85
        if not named and says(r"\b(?:we will|wir|nous|możesz|you can|puede|può)\b", text):
            yield PromiseKind.RIGHT, {"right": "portability", "rights": ("portability",)}, 0.6
    elif generic:
        value = {"formats": (), "described": generic.group(), "rights": ("portability",)}
        yield PromiseKind.PORTABILITY_FORMAT, value, 0.7
    if rights_words.DIRECT.search(text) and (formats or generic or named or "technically" in text):
        yield PromiseKind.DIRECT_TRANSFER, {"offered": True, "rights": ("portability",)}, 0.75


_STRONG: Final = r"\brights?\b|\brätt(?:en|igheter\w*)?\b|tiesīb|jogosult|\bjog(?:a|ai|ok|ában)\b|(?:may|can) (?:also )?(?:ask|request)|żąda|verlangen|demander|solicitar|solicite|chieder|\bvragen\b|kérni|begära|lūgt|pieprasīt|puteți cere|ejercer|exerc|entitled|recht|droit|derecho|diritt|praw[oa]|direito|drept"
_NO_RIGHT: Final = r"\byour? (?:responsib|obligat)|access rights|special access|notification obligation|(?:mailigen|we|company) will take all measures"
_OF_OTHERS: Final = r"cookie|google|analytics|advertis|network advertising|\bsale\b"


def rights(sentence: Sentence) -> Iterator[Found]:
    """Read each right that is granted."""
    text = sentence.text
    found = rights_in(text)
    if not found or not (rights_words.RIGHT_MARK.search(sentence.around)):
        return
    if says(_NO_RIGHT, text) or words.NOT.pattern.match(text):
        return
    strong = says(_STRONG, sentence.around)
    offered = [
        right for right in found if strong or right in ("unsubscribe", "consent_withdrawal", "access", "complaint")
    ]
    if not strong and "access" in offered and not rights_words.ASKS_TO_SEE.search(text):
        offered.remove("access")
    if "unsubscribe" in offered and ("opt_out_of_sale" in offered or says(_OF_OTHERS, text)):
        offered.remove("unsubscribe")
    for right in offered:
        yield PromiseKind.RIGHT, {"right": right, "rights": (right,)}, 0.8 if strong else 0.6


def supplement(sentence: Sentence) -> Iterator[Found]:
    """Read that an answer to a request for access tells more than the data."""
    if says(
        r"right to (?:ask|be told|obtain|know)[^.]{0,60}(?:supplementary|additional|following) information",
        sentence.text,
    ):
        yield PromiseKind.RIGHT, {"right": "access", "rights": ("access",)}, 0.7


_EDITS: Final = re.compile(r"(?i)\b(?:modif|edit|change|update|ändern|modifier|cambiar|modificare|wijzig|zmieni)\w*")
_PERSON: Final = re.compile(
    r"(?i)\byou\b|\bsie\b|\bvous\b|usted|puede|puoi|\bu\b|możesz|pode|puteți|users|^\W*(?:export|delete|download|change|edit|update|correct|withdraw)\b"
)


_MENU_PATH: Final = re.compile(
    r"(?:[A-ZÀ-Þ][\w’'-]*(?: [\w’'-]+){0,3} ?(?:>|→|»|›) ?[A-ZÀ-Þ]|Minha Conta|Mi cuenta|Área de [Cc]liente|Mina sidor|Mitt konto|Einstellungen|Paramètres|Impostazioni|Instellingen|Ustawienia|Setări|your phone.s settings)"
)
"""A way through menus: "Settings > Account", or what such a page is called."""
_CLOSES: Final = r"(?:clos|delet|cancel|terminat|deactivat|remov)\w* (?:your|the|my) account|konto (?:schließen|löschen|kündigen|auflösen)|(?:fermer|clôturer|supprimer) (?:votre|son) compte|(?:cerrar|eliminar) (?:su|tu) cuenta|(?:chiud|elimin)\w+ (?:il|l') ?account|account (?:sluiten|opzeggen|verwijderen)|(?:usun|zamkn)\w+ (?:swoje )?konto"


def self_service(sentence: Sentence) -> Iterator[Found]:
    """Read what people can do themselves, and where."""
    text = sentence.text
    # "You can change your information: • By logging in": an item reads on from its lead-in.
    whole = f"{sentence.lead} {text}"
    held = list(rights_in(text) or rights_in(sentence.lead))
    if says(r"\b(?:export|download|pobra)", text):
        held.append("portability")
    if "rectification" not in held and _EDITS.search(whole):
        held.append("rectification")
    # A time for deletion after an account was closed is retention, not a way to have something deleted.
    if not held or durations(text) or not (_PERSON.search(whole) or says(r"^\W*(?:by|to|pour|per|um)\b", text)):
        return
    match = rights_words.SELF_SERVICE.search(text) or _MENU_PATH.search(text)
    if match is None:
        return
    closes = says(_CLOSES, text)
    value = {
        "path": match.group(),
        "rights": tuple(dict.fromkeys(held)),
        **({"closes_account": True} if closes else {}),
    }
    yield PromiseKind.SELF_SERVICE, value, 0.65


_GROUNDS: Final = r"turn down|we(?:['’]ll| will) say no|restricted where|(?:erasure|deletion|access|right) does not apply|does not apply to (?:medical|your|records|data)|cannot be (?:granted|erased|deleted)|deneg|odmow|indefer|refuz|atteik|vägra|avslå|elutasít|megtagad|refus|declin|withh[eo]ld|deny|reject|unable|unless doing|not (?:be able|do so)|excessive|unfounded|ablehn|verweiger|rechaz|rifiut|weiger|odmó|recus|continue to do so|if it is no longer necessary for us"


def refusal(sentence: Sentence) -> Iterator[Found]:
    """Read on which grounds a request is refused."""
    text = sentence.text
    if not says(_GROUNDS, text):
        return
    if not (
        rights_words.REFUSE.search(text)
        or says(
            r"turn down|we(?:['’]ll| will) say no|restricted where|(?:erasure|deletion|access|right) does not apply|does not apply to (?:medical|your|records|data)|cannot be (?:granted|erased|deleted)|deneg|indefer|refuz|atteik|vägra|avslå|elutasít|megtagad|continue to do so|if it is no longer necessary for us",
            text,
        )
    ):
        return
    about = (
        rights_words.REQUEST.search(text)
        or rights_words.RIGHT_MARK.search(sentence.around)
        or rights_in(sentence.clause)
        or rights_in(sentence.heading)
    )
    if about and not says(r"cookies|newsletter|you (?:may|can) refuse|browser|navigat|paramètres", text):
        yield PromiseKind.REFUSAL_GROUND, with_rights({"ground": text[:200]}, rights_in(text)), 0.6
