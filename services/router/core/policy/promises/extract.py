"""Reading the promises out of a policy: each reader below takes a sentence and says what it binds to, how surely.

The readers are strict about what they claim and modest about how sure they are: an officer confirms in the record, and
until then a promise is used with its confidence beside it. A quotation is whole sentences of one clause.
"""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from services.router.core.policy.model import Clause, ClauseKind, Promise, PromiseKind
from services.router.core.policy.promises import words
from services.router.core.policy.promises.contacts import contacts, postal
from services.router.core.policy.promises.durations import durations
from services.router.core.policy.text.plain import Markup, render
from services.router.core.policy.text.sentences import sentence_spans

SENTENCE_CHARACTERS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what stands around it: its clause's heading and lead-in, and the whole clause."""

    text: str
    heading: str
    lead: str
    clause: str

    @property
    def around(self) -> str:
        """Return heading, lead-in and sentence, where a word's meaning may depend on any of them."""
        return f"{self.heading}. {self.lead} {self.text}"


Found = tuple[PromiseKind, dict[str, Any], float]
Reader = Callable[[Sentence], Iterator[Found]]


def promises_of(text: str, clauses: Sequence[Clause], markup: Markup) -> tuple[Promise, ...]:
    """Return what the clauses promise, in the order of the text."""
    found: list[Promise] = []
    for clause in clauses:
        if clause.citable:
            found += _clause_promises(text, clause, markup)
    return tuple(found)


def _clause_promises(text: str, clause: Clause, markup: Markup) -> Iterator[Promise]:
    plain = render(text, clause.start, clause.end, markup)
    whole = clause.kind in (ClauseKind.LIST, ClauseKind.ROW, ClauseKind.ADDRESS, ClauseKind.ITEM)
    spans = [(0, len(plain.text))] if whole else sentence_spans(plain.text, 0, len(plain.text))
    heading = clause.heading[-1] if clause.heading else ""
    seen: set[tuple[str, str]] = set()
    for begin, stop in spans:
        words_of = plain.text[begin : min(stop, begin + SENTENCE_CHARACTERS_MAX)]
        sentence = Sentence(words_of, heading, clause.lead, plain.text)
        for kind, value, confidence in _read(sentence):
            mark = (kind.value, repr(sorted(value.items())))
            if mark in seen:
                continue
            seen.add(mark)
            start, end = plain.published(begin, begin + len(words_of.rstrip()))
            yield Promise(kind, value, clause.id, start, end, text[start:end], confidence, confirmed=False)


def _read(sentence: Sentence) -> Iterator[Found]:
    for reader in _READERS:
        yield from reader(sentence)


@lru_cache(maxsize=4_096)
def _rights_in(text: str) -> tuple[str, ...]:
    return tuple(right for right, pattern in words.RIGHTS.items() if pattern.search(text))


def _with_rights(value: dict[str, Any], rights: Sequence[str]) -> dict[str, Any]:
    return {**value, "rights": tuple(rights)} if rights else value


def _answer_deadline(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    times = durations(text)
    if not times or words.BREACH.search(text) or not words.ANSWER.search(text):
        return
    asked = bool(words.REQUEST.search(text))
    if not asked and not (_rights_in(sentence.heading) or words.RIGHT_MARK.search(sentence.heading)):
        return
    if re.search(
        r"(?i)extend|verlänger|prolong|prorrog|proroga|verleng|przedłuż|additional|further|zusätzlich",
        text[: times[0].start],
    ):
        return
    kept = bool(words.KEEP.search(text)) and not asked
    for time in times[:1]:
        if time.unit == "year" or kept:
            continue
        rights = [right for right in _rights_in(text) if right not in ("unsubscribe", "complaint")]
        confidence = 0.9 if asked else 0.7
        yield PromiseKind.ANSWER_DEADLINE, _with_rights({**time.value(), "from": "request"}, rights), confidence


def _breach(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    if not words.NOTIFY.search(text) or not (words.BREACH.search(text) or words.BREACH.search(sentence.heading)):
        return
    times = durations(text)
    authority, person = (
        bool(words.AUTHORITY.search(text)),
        bool(re.search(r"(?i)\byou\b|affected|betroffen|ihnen|vous|usted|\bu\b|użytkown", text)),
    )
    if re.search(
        r"(?i)(?:please|you (?:should|must|can)) (?:contact|notify|inform|report)|if you (?:believe|suspect|think)",
        text,
    ):
        return
    prompt = re.search(
        r"(?i)without undue delay|immediately|promptly|unverzüglich|sans délai|meilleurs délais|sin dilación|senza (?:ingiustificato )?ritardo|onverwijld|bez zbędnej zwłoki|sem demora|fără întârzier",
        text,
    )
    to = "person_and_authority" if authority and person else "authority" if authority else "person"
    delay = times[0].value() if times else {"delay": prompt.group().lower()} if prompt else {}
    if authority or person or delay:
        yield PromiseKind.BREACH_NOTICE, {"to": to, **delay}, 0.85 if delay else 0.6


_START: Final = (
    (
        "account_closing",
        r"clos\w+ (?:of )?(?:your|the) account|close your account|account (?:is |has been )?(?:clos|delet|terminat)\w*|kündigung|kontolösch|clôture|fermeture|cierre|chiusura|(?:be[eë]indig|sluit)|zamknięci|encerramento|închider",
    ),
    (
        "last_use",
        r"last (?:time you )?(?:use|login|activity|contact|interaction)\w*|inactiv|letzte\w* (?:nutzung|anmeldung|kontakt)|dernier (?:contact|usage)|última|ultim[oa]|laatste|ostatni",
    ),
    (
        "contract_end",
        r"(?:end|expiry|termination) of (?:the |your |our )?(?:contract|agreement|relationship|subscription|membership)|vertragsende|ende (?:des|der) (?:vertrag|geschäftsbeziehung|mitgliedschaft)|beendigung|fin (?:du contrat|de la relation|de l.adhésion)|fin del contrato|fine del (?:contratto|rapporto)|einde van de overeenkomst|rozwiązani|termo do contrato|încetar",
    ),
    ("consent_withdrawal", r"withdraw\w* (?:your )?consent|widerruf|retrait du consentement|retir\w+ (?:el|o) consent"),
    ("collection", r"(?:date of |after |since )?(?:collect|receipt|submission)\w*|erhebung|collecte|recogida|raccolta"),
)


def _retention(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    deletes, keeps = bool(words.DELETE.search(text)), bool(words.KEEP.search(text))
    if not (deletes or keeps):
        return
    if words.REQUEST.search(text) and words.ANSWER.search(text):
        return
    times = () if re.search(r"(?i)changed from|geändert von|modifié", text) else durations(text)
    action = "archive" if re.search(r"(?i)archiv", text) and not deletes else "delete" if deletes else "keep"
    since = next((name for name, pattern in _START if re.search(pattern, text, re.IGNORECASE)), None)
    for time in times[:4]:
        # "We delete orders after six months; invoices are kept for ten years": each half has its own verb.
        begin, stop = text.rfind(";", 0, time.start) + 1, text.find(";", time.end)
        part = text[begin : stop if stop >= 0 else len(text)]
        if words.KEEP.search(part) and not words.DELETE.search(part):
            action = "archive" if re.search(r"(?i)archiv", part) else "keep"
        value = {**time.value(), "action": action, **({"from": since} if since else {})}
        if words.COOKIE.search(text):
            value["what"] = "cookies"
        yield PromiseKind.RETENTION, value, 0.85 if since else 0.7
    if times:
        return
    if words.LEGAL_KEEPING.search(text):
        yield PromiseKind.RETENTION, {"action": "keep", "ground": "law"}, 0.6
    elif words.NECESSARY.search(text):
        yield PromiseKind.RETENTION, {"action": action, "until": "no longer needed", "vague": True}, 0.7


def _contact(sentence: Sentence) -> Iterator[Found]:
    found = contacts(sentence.text)
    address = postal(sentence.text)
    if not (found or address) or _is_authority_block(sentence):
        return
    for contact in found:
        purpose, rights = _purpose_of_contact(sentence)
        if contact.channel == "web" and not re.search(
            r"(?i)contact|support|form|help|request|kontakt|contatt|contacto|formula",
            contact.address + sentence.text[: contact.start][-60:],
        ):
            continue
        published = {} if contact.published.lower() == contact.address else {"published": contact.published}
        value = {"channel": contact.channel, "address": contact.address, "purpose": purpose, **published}
        yield PromiseKind.CONTACT, _with_rights(value, rights), 0.9 if contact.channel == "email" else 0.7
    if address and not words.STORED_IN.search(sentence.text):
        purpose, rights = _purpose_of_contact(sentence)
        value = {"channel": "post", "address": address, "purpose": purpose}
        yield PromiseKind.CONTACT, _with_rights(value, rights), 0.6


def _purpose_of_contact(sentence: Sentence) -> tuple[str, list[str]]:
    text = sentence.text
    rights = [right for right in _rights_in(text) if right != "complaint"]
    if re.search(
        r"(?i)data protection officer|\bDPO\b|datenschutzbeauftragte|délégué à la protection|delegado de protecc|responsabile della protezione|functionaris|inspektor\w* ochrony|encarregado|responsabil\w* cu protecția",
        sentence.around,
    ):
        return "dpo", rights
    if words.BREACH.search(text):
        return "breach", ["breach_report"]
    if "unsubscribe" in rights:
        return ("unsubscribe_all" if re.search(r"(?i)all (?:lists|mailings|emails)", text) else "unsubscribe"), [
            "unsubscribe"
        ]
    if rights == ["consent_withdrawal"] or (not rights and _rights_in(sentence.clause) == ("consent_withdrawal",)):
        return "consent_withdrawal", ["consent_withdrawal"]
    if rights or re.search(
        r"(?i)(?:exercise|your|these) (?:\w+ )?rights?|ihre rechte|vos droits|sus derechos|suoi diritti|uw rechten|praw\b|seus direitos|drepturil",
        sentence.around,
    ):
        return "rights", rights
    if words.COMPLAIN.search(text):
        return "complaint", ["complaint"]
    if re.search(
        r"(?i)privacy|personal (?:data|information)|datenschutz|données|datos|dati|gegevens|danych|dados|date",
        sentence.around,
    ):
        return "privacy_questions", []
    return "general", []


def _is_authority_block(sentence: Sentence) -> bool:
    return bool(words.AUTHORITY.search(sentence.text)) or bool(
        words.AUTHORITY.search(f"{sentence.heading} {sentence.lead}")
    )


def _authority(sentence: Sentence) -> Iterator[Found]:
    match = words.AUTHORITY.search(sentence.text)
    if match is None or (words.BREACH.search(sentence.text) and not words.COMPLAIN.search(sentence.text)):
        return
    if not (words.COMPLAIN.search(sentence.around) or contacts(sentence.text)):
        return
    found = contacts(sentence.text)
    value: dict[str, Any] = {"name": _name_around(sentence.text, match.start(), match.end()), "rights": ("complaint",)}
    for channel, name in (("email", "email"), ("web", "website")):
        address = next((contact.address for contact in found if contact.channel == channel), None)
        value |= {name: address} if address else {}
    phones = tuple(contact.address for contact in found if contact.channel == "phone")
    value |= {"phone": phones} if phones else {}
    yield PromiseKind.AUTHORITY, value, 0.8
    if re.search(
        r"(?i)(?:us|contact us) first|before (?:you )?(?:contact|complain)|zunächst an uns|d.abord nous|primero",
        sentence.text,
    ):
        yield PromiseKind.COMPLAINT_FIRST, {"first": "controller", "rights": ("complaint",)}, 0.7


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
    return re.sub(
        r"(?i)^(?:the|die|der|la|el|il|de)\s+|\s+(?:of|for|de|des|the|und|et|für|para)$", "", name.strip(" ,.;:")
    )


def _identity_proof(sentence: Sentence) -> Iterator[Found]:
    match = words.IDENTITY_PROOF.search(sentence.text)
    if match and (words.REQUEST.search(sentence.around) or words.RIGHT_MARK.search(sentence.around)):
        need = (
            "may"
            if re.search(
                r"(?i)\b(?:may|might|can|could|kann|können|peut|pouvons|podrá|può|kunnen|możemy|pode|putem)\b",
                sentence.text,
            )
            else "must"
        )
        yield PromiseKind.IDENTITY_PROOF, {"document": match.group().strip(), "required": need}, 0.8


def _portability(sentence: Sentence) -> Iterator[Found]:
    formats = list(dict.fromkeys(match.group() for match in words.FORMATS.finditer(sentence.text)))
    if not (formats or words.EXPORT.search(sentence.text) or words.RIGHTS["portability"].search(sentence.around)):
        if words.DIRECT.search(sentence.text) and "technically" in sentence.text:
            yield PromiseKind.DIRECT_TRANSFER, {"offered": True, "rights": ("portability",)}, 0.75
        return
    generic = re.search(
        r"(?i)structured,? (?:and )?commonly[- ]used|machine[- ]readable|strukturiert\w*,? gängig|maschinenlesbar|structuré|lisible par machine|lectura mecánica|leggibile da dispositivo|machineleesbaar|maszynow\w+|leitura automática|citit automat",
        sentence.text,
    )
    if formats and words.EXPORT.search(sentence.around):
        yield PromiseKind.PORTABILITY_FORMAT, {"formats": tuple(formats), "rights": ("portability",)}, 0.85
    elif generic:
        yield (
            PromiseKind.PORTABILITY_FORMAT,
            {"formats": (), "described": generic.group(), "rights": ("portability",)},
            0.7,
        )
    if words.DIRECT.search(sentence.text) and (
        formats or generic or words.RIGHTS["portability"].search(sentence.around) or "technically" in sentence.text
    ):
        yield PromiseKind.DIRECT_TRANSFER, {"offered": True, "rights": ("portability",)}, 0.75


def _rights(sentence: Sentence) -> Iterator[Found]:
    rights = _rights_in(sentence.text)
    if not rights or not words.RIGHT_MARK.search(sentence.around):
        return
    if re.search(r"(?i)\byour? (?:responsib|obligat)", sentence.text) or words.NOT.match(sentence.text):
        return
    strong = re.search(r"(?i)\brights?\b|entitled|recht|droit|derecho|diritt|praw[oa]|direito|drept", sentence.around)
    offered = [right for right in rights if strong or right in ("unsubscribe", "consent_withdrawal")]
    if "opt_out_of_sale" in offered and "unsubscribe" in offered:
        offered.remove("unsubscribe")
    for right in offered:
        yield PromiseKind.RIGHT, {"right": right, "rights": (right,)}, 0.8 if strong else 0.6


_EDITS = re.compile(r"(?i)\b(?:modif|edit|change|update|ändern|modifier|cambiar|modificare|wijzig|zmieni)\w*")
_PERSON = re.compile(r"(?i)\byou\b|\bsie\b|\bvous\b|usted|puede|puoi|\bu\b|możesz|pode|puteți|users")


def _self_service(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    rights = list(_rights_in(text))
    if re.search(r"(?i)\b(?:export|download)\b", text):
        rights.append("portability")
    if "rectification" not in rights and _EDITS.search(text):
        rights.append("rectification")
    # A time for deletion after an account was closed is retention, not a way to have something deleted.
    if not rights or durations(text) or not _PERSON.search(text):
        return
    match = words.SELF_SERVICE.search(text)
    if match is None:
        return
    closes = re.search(r"(?i)clos\w+ your account|konto (?:schließen|löschen)", text)
    value = {
        "path": match.group(),
        "rights": tuple(dict.fromkeys(rights)),
        **({"closes_account": True} if closes else {}),
    }
    yield PromiseKind.SELF_SERVICE, value, 0.65


def _refusal(sentence: Sentence) -> Iterator[Found]:
    if not words.REFUSE.search(sentence.text):
        return
    about = words.REQUEST.search(sentence.text) or (
        words.RIGHT_MARK.search(sentence.heading) and _rights_in(sentence.clause)
    )
    if about and re.search(
        r"(?i)refus|declin|deny|reject|unable|unless|not (?:be able|do so)|excessive|unfounded|ablehn|verweiger|rechaz|rifiut|weiger|odmó|recus|continue to do so",
        sentence.text,
    ):
        yield PromiseKind.REFUSAL_GROUND, _with_rights({"ground": sentence.text[:200]}, _rights_in(sentence.text)), 0.6


_ACTS_AS = re.compile(
    r"(?i)\bact(?:s|ing)?\b[^.]{0,20}\bas (?:an? |the |your )?(?:data )?processor|(?:we|mailer|company|\b[A-Z]\w+) (?:is|are) (?:only |solely |merely )?(?:an? |the |your )(?:data )?processor"
    r"|(?:identity|details|name) of the (?:data )?processor|als auftragsverarbeiter|en (?:tant que|qualité de) sous-traitant|como encargad\w+|(?:in qualità di|come) responsabil\w+ del trattamento|als verwerker|jako podmiot przetwarzający|como subcontratante|persoană împuternicită"
)
_FOR_US = re.compile(
    r"(?i)\b(?:für uns|in unserem auftrag|on our behalf|for us|pour notre compte|por cuenta nuestra|per nostro conto|namens ons|w naszym imieniu|em nosso nome|our (?:data )?processor)\b"
)


def _role(sentence: Sentence) -> Iterator[Found]:
    """Read what the controller calls itself; a processor that works for it is a recipient, not a role."""
    text = sentence.text
    if words.CONTROLLER.search(text) and not re.search(r"(?i)\byou are\b|controllers and (?:data )?processors", text):
        yield PromiseKind.ROLE, {"role": "controller"}, 0.7
    for place in (text, sentence.heading):
        if words.PROCESSOR.search(place) and _ACTS_AS.search(place) and not _FOR_US.search(place):
            own = re.search(r"(?i)identity and contact|our (?:web)?site", place + text) and "behalf" not in text
            yield PromiseKind.ROLE, {"role": "processor", **({"scope": "own collection"} if own else {})}, 0.6
            return


def _sharing(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    denied = bool(words.NOT.search(text))
    if words.SELL.search(text) and re.search(
        r"(?i)data|information|lists|daten|données|datos|dati|gegevens|dan[ey]", text
    ):
        yield PromiseKind.SALE, {"sells": not denied}, 0.85 if denied else 0.6
        return
    if re.match(r"(?i)\W*no[- ]?(?:one|body)\b", text) and words.SHARE.search(sentence.heading):
        yield PromiseKind.RECIPIENT, {"shares": False}, 0.8
        return
    if not words.SHARE.search(text):
        return
    if denied and re.search(
        r"(?i)\b(?:not|never|nicht|keine|pas|no|non|niet|nie|não|nu)\b[^.A-Z|•]{0,50}(?:shar|disclos|pass|transfer|provide|weiter|partag|communiq|divulg|comparti|cede|condivi|comunic|deel|delen|verstrek|udostępn|partilh|dezvălu)",
        text,
    ):
        yield (
            PromiseKind.RECIPIENT,
            {
                "shares": False,
                **(
                    {"except": "named cases"}
                    if re.search(r"(?i)except|unless|other than|aside from|außer|sauf|salvo|tranne|behalve|chyba", text)
                    else {}
                ),
            },
            0.7,
        )
        return
    category = _recipient(text)
    if category:
        yield PromiseKind.RECIPIENT, {"category": category}, 0.6


_RECIPIENTS: Final = (
    (
        "authorities",
        r"law enforcement|authorit|court|government|behörde|gericht|autorités?|autoridades|autorità|overheid|organ\w+ państw|required by law",
    ),
    ("payment processors", r"payment|credit card|zahlung|paiement|pago|pagament|betaal|płatno|plat[ăa]"),
    ("advertising partners", r"advertis|marketing partner|werbe|publicit|reklam"),
    ("analytics", r"analytics|tracking service|statisti"),
    ("affiliates", r"affiliate|subsidiar|group compan|konzern|filiale|grupo|gruppo"),
    ("successors", r"merger|acquisition|sale of (?:our|the) (?:business|assets)|bankruptcy|fusion|übernahme"),
    (
        "service providers",
        r"service provider|subcontract|sub-?processor|supplier|vendor|partner|hosting|dienstleist|auftragsverarbeit|prestataire|sous-traitant|proveedor|fornitor|dienstverlen|leverancier|usługodawc|dostawc|fornecedor|prestador|furnizor",
    ),
    ("third parties", r"third part|dritte|tiers|tercer|terz[ie]|derden|trzeci|terceir|terț"),
)


def _recipient(text: str) -> str | None:
    return next((name for name, pattern in _RECIPIENTS if re.search(rf"(?i)(?<!\w)(?:{pattern})", text)), None)


def _purposes(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    bases = tuple(name for name, pattern in words.BASES.items() if pattern.search(text))
    if bases and words.BASIS_MARK.search(sentence.around):
        yield PromiseKind.LEGAL_BASIS, {"bases": bases}, 0.8
    if (
        words.PURPOSE.search(text)
        and re.search(
            r"(?i)\b(?:use|used|process|processed|collect|verwend|verarbeit|nutz|utilis|trait|utiliz|trat|usa|uso|gebruik|verwerk|wykorzyst|przetwarz|utiliz|folos|prelucr)\w*",
            sentence.around,
        )
        and not words.NOT.search(text[:60])
    ):
        yield PromiseKind.PURPOSE, {"purpose": text[:160], **({"bases": bases} if bases else {})}, 0.55


_CATEGORIES: Final = (
    ("names", r"\bnames?\b|vorname|nachname|\bnoms?\b|nombre|\bnome\b|naam|imi[ęo]"),
    ("email addresses", r"e-?mail"),
    (
        "postal addresses",
        r"(?:postal|mailing|street|home|billing)? ?address|anschrift|adresse|dirección|indirizzo|adres",
    ),
    ("telephone numbers", r"phone|telefon|téléphone|teléfono|telefoon"),
    ("IP addresses", r"\bIP\b"),
    ("payment details", r"payment|credit card|bank|zahlungs|paiement|pago|betaal"),
    ("location", r"location|gps|standort|localisation|ubicación|locatie"),
    ("usage", r"log(?:s| files?| information)|browser|pages|usage|nutzungs|navigation|surf"),
    ("special categories", r"sensitive|racial|health|biometric|gesundheit|santé|salud|salute|gezondheid|zdrow"),
    ("birth dates", r"birth|geburts|naissance|nacimiento|nascita|geboorte|urodzeni"),
)


def _categories(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    if not words.COLLECT.search(sentence.around):
        return
    items = tuple(name for name, pattern in _CATEGORIES if re.search(rf"(?i){pattern}", text))
    denied = bool(
        re.search(
            r"(?i)\b(?:not|never|nicht|keine\w*|ne|no|non|niet|geen|nie|não|nu)\b[^.]{0,50}(?:collect|gather|hold|erheb|collect|recueill|recog|raccogl|verzamel|zbiera|recolh|colect)",
            text,
        )
    )
    if items or (denied and words.COLLECT.search(text)):
        yield PromiseKind.DATA_CATEGORY, {"items": items, "collected": not denied}, 0.65


def _rest(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    if words.COOKIE.search(text):
        control = (
            {"control": "browser settings"}
            if re.search(r"(?i)browser", text)
            and re.search(
                r"(?i)setting|disable|refuse|block|einstell|paramètr|configur|impostaz|instelling|ustawie", text
            )
            else {}
        )
        yield (
            PromiseKind.COOKIE,
            {"used": not re.search(r"(?i)\bnot use cookies|keine cookies|pas de cookies", text), **control},
            0.7,
        )
    if words.CHILDREN.search(text) and (age := words.AGE.search(text)):
        yield PromiseKind.CHILDREN, {"age": int(age.group())}, 0.8
    if words.TRANSFER.search(text):
        yield (
            PromiseKind.TRANSFER,
            {
                "allowed": not re.search(
                    r"(?i)\bnot (?:to )?transfer|never transfer|nicht (?:in|an)|keine übermittlung|aucun transfert|no se transfier|nessun trasferimento|niet (?:buiten|door)|nie przekazujemy",
                    text,
                )
            },
            0.65,
        )
    elif place := words.STORED_IN.search(text):
        yield PromiseKind.STORAGE_PLACE, {"place": place["place"].strip(" ,")}, 0.6
    if words.CHANGE.search(text) and re.search(
        r"(?i)\b(?:we|our|this|wir|diese|nous|cette|nos|questa|deze|my|esta|această|any|changes?|updates?)\b", text
    ):
        mail = re.search(r"(?i)\be-?mail\b", text)
        none = re.search(
            r"(?i)without (?:prior )?notice|ohne (?:vorherige )?ankündigung|sans préavis|sin previo aviso|senza preavviso",
            text,
        )
        posted = re.search(
            r"(?i)post(?:ed|ing)?\b|publish|this page|website|check|veröffentlich|publi|seite|site", text
        )
        notice = "none" if none else "email" if mail else "posted" if posted else "unspecified"
        yield PromiseKind.POLICY_CHANGE, {"notice": notice}, 0.7
    if words.SECURITY.search(text):
        yield PromiseKind.SECURITY, {"measure": text[:160]}, 0.6
    if (
        re.search(
            r"(?i)\b(?:we (?:will|shall)|wir werden|nous vous)\b[^.]{0,40}(?:notify|inform|tell|email|e-mail)", text
        )
        and not words.BREACH.search(text)
        and not words.CHANGE.search(text)
    ):
        yield PromiseKind.NOTIFICATION, _with_rights({"event": "unspecified"}, _rights_in(text)), 0.5


_LAWS: Final = (
    (
        "eu-gdpr",
        r"GDPR|General Data Protection Regulation|DSGVO|Datenschutz-Grundverordnung|RGPD|2016/679|RODO|\bAVG\b",
    ),
    ("uk-gdpr", r"UK GDPR|Data Protection Act 2018"),
    ("us-ccpa", r"CCPA|CPRA|California Consumer Privacy"),
    ("ch-fadp", r"FADP|nDSG|revDSG|\bnLPD\b|Swiss Federal (?:Act on )?Data Protection"),
    ("br-lgpd", r"LGPD"),
)
_ENTITY: Final = re.compile(
    r"(?P<entity>(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w&.’'-]*,?\s+){1,5}?(?:Ltd\.?|Limited|GmbH(?: & Co\. KG)?|AG|SRL|S\.R\.L\.|S\.r\.l\.|SARL|SAS|S\.A\.(?:S\.)?|Inc\.?|LLC|B\.V\.|BV|e\.\s?V\.|KG|Sp\. z o\.o\.|S\.L\.|Lda\.?|AB|Oy|ApS|PLC|plc))(?!\w)"
)


def _identity(sentence: Sentence) -> Iterator[Found]:
    named = re.search("|".join(pattern for _, pattern in _LAWS), sentence.text)
    laws = tuple(name for name, pattern in _LAWS if re.search(pattern, sentence.text)) if named else ()
    if laws:
        laws = tuple(name for name in laws if name != "eu-gdpr" or len(laws) == 1 or "uk-gdpr" not in laws)
        yield PromiseKind.LAW, {"laws": laws}, 0.8
    match = _ENTITY.search(sentence.text)
    about = r"(?i)registered|operat|provid|controller|©|copyright|verantwortlich|responsable|titolare|address|located|we are|anschrift|siège|company"
    if (
        match
        and (re.search(about, sentence.text) or postal(sentence.text))
        and not words.RECIPIENT_MARK.search(sentence.text)
    ):
        yield PromiseKind.IDENTITY, {"entity": match["entity"].strip(" ,")}, 0.6


_READERS: Final[tuple[Reader, ...]] = (
    _answer_deadline,
    _breach,
    _retention,
    _contact,
    _authority,
    _identity_proof,
    _portability,
    _rights,
    _self_service,
    _refusal,
    _role,
    _sharing,
    _purposes,
    _categories,
    _rest,
    _identity,
)
