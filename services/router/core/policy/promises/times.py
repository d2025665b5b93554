"""Reading how long things take: an answer, the news of a breach, the keeping of data."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.durations import Duration, days_of, durations
from services.router.core.policy.promises.sentence import Found, Sentence, rights_in, says, says_above, with_rights

_LATER: Final = r"extend|verlänger|prolong|prorrog|proroga|verleng|przedłuż|additional|further|another|zusätzlich|confirm (?:the )?receipt|acknowledg|eingang bestätig|accuser? réception|acus\w+ recibo"
"""What stands before a time that is not the answer's: an extension, or the receipt only."""
_RESERVES: Final = r"\bextend(?:ed)? |\bextension\b|verlänger(?:t|n|ung)\b|\bprolong(?:é|er|ation)|\bprorrog|\bproroga|\bverleng|przedłuż|\bprelungi|\bförläng|meghosszabbít|pagarinā|(?:two|2) (?:further|additional|more) months|further two months|more time|weitere zwei monate|zwei weitere monate|deux mois supplémentaires|otros dos meses|ulteriori due mesi|altri due mesi|nog (?:eens )?twee maanden|kolejne dwa miesi|mais dois meses|încă două luni|ytterligare två månader|vēl (?:uz )?div|további két hónap"
"""What says that the time of an answer may be extended (Art. 12(3) GDPR, second sentence)."""


_AT_LATEST: Final = r"at (?:the )?(?:very )?latest|no later than|not later than|spätestens|au plus tard|a más tardar|al più tardi|uiterlijk|najpóźniej|o mais tardar|cel târziu|senast"


_ANSWER_DAYS_MIN: Final = 5
"""Whoever answers faster speaks of a chat or a shop's mail; a month is what the law asks."""
_REPLIES: Final = r"\b(?:we|you) (?:will |shall |'ll )?(?:always |usually )?(?:respond|reply|answer|hear (?:back )?from us)|wir antworten|antworten wir|nous (?:vous )?répond|obtenir une réponse|(?:le )?(?:contestar|responder)emos|risponder|rispondiamo|(?:wij|we) (?:antwoorden|reageren)|hoort u van ons|odpowiedzi? (?:udziel|otrzym)|odpowiadamy|respondemos|vom răspunde|vi svarar|får svar|mēs atbild|válaszolunk"
_TO_OTHERS: Final = (
    r"chat|hotline|support|customer service|order|quote|bestell|kunden(?:dienst|service)|angebot|applica|bewerb"
)


def answer_deadline(sentence: Sentence) -> Iterator[Found]:
    """Read within which time a request is answered."""
    text = sentence.text
    times = durations(text)
    if not times or words.BREACH.search(text) or not rights_words.ANSWER.search(text):
        return
    asked = bool(rights_words.REQUEST.search(text))
    near = bool(rights_in(sentence.heading) or rights_words.RIGHT_MARK.search(sentence.heading))
    long = any(days_of(time.amount, time.unit) >= _ANSWER_DAYS_MIN for time in times)
    near = near or (long and says(_REPLIES, text) and not says(_TO_OTHERS, text))
    if not (asked or near or rights_words.ASKS_TO_SEE.search(sentence.clause) or _about_rights(sentence.clause)):
        return
    kept = bool(words.KEEP.search(text)) and not asked
    answers = [time for time in times if not _later(text, times, time)]
    # "Usually within two weeks, a month at the latest" binds to the month: the first is a habit, the second a promise.
    last = [time for time in answers if says(_AT_LATEST, text[: time.start][-40:])]
    time = next(iter(last or answers), None)
    if time is None or time.unit == "year" or kept:
        return
    rights = [right for right in rights_in(text) if right not in ("unsubscribe", "complaint")]
    value = {**time.value(), "from": "request"}
    if says(_RESERVES, sentence.clause):
        value["extendable"] = True
    yield PromiseKind.ANSWER_DEADLINE, with_rights(value, rights), 0.9 if asked else 0.7


def _about_rights(clause: str) -> bool:
    """Return whether a passage grants rights of the law: who then speaks of an answer speaks of theirs."""
    granted = set(rights_in(clause)) - {"unsubscribe", "complaint"}
    return bool(granted) and rights_words.RIGHT_MARK.search(clause) is not None


def _later(text: str, times: tuple[Duration, ...], time: Duration) -> bool:
    before = max((other.end for other in times if other.end <= time.start), default=0)
    return says(_LATER, text[before : time.start])


_PERSON: Final = r"\byou\b|affected|concerned\b|everyone|everybody|betroffen|ihnen|\bvous\b|usted|\bte\b|\bu\b|użytkown|\bcię\b|państwa|personnes|afectad|interessat|betrokken|klant|osob[yę]|titular|persoanele|berörda|registrerad|skarto|datu subjekt|érintett|customers"
_PROMPT: Final = r"(?i)without (?:undue|unreasonable) delay|immediately|promptly|unverzüglich|sans délai|meilleurs délais|sin dilación|senza (?:ingiustificato )?ritardo|onverwijld|bez zbędnej zwłoki|niezwłocznie|sem demora|fără întârzier|utan dröjsmål|nekavējoties|haladéktalanul|as soon as|straight away|so schnell wie möglich|le plus rapidement|lo antes posible|quanto prima|zo snel mogelijk|jak najszybciej|o mais rapidamente|cât mai curând|așa repede|så snart"


def breach_notice(sentence: Sentence) -> Iterator[Found]:
    """Read who is told of a breach, and how soon."""
    text = sentence.text
    if not words.NOTIFY.search(text) or not (words.BREACH.search(text) or words.BREACH.search(sentence.heading)):
        return
    if says(
        r"(?:please|you (?:should|must|can)) (?:contact|notify|inform|report)|if you (?:believe|suspect|think)", text
    ):
        return
    for part in _told(text):
        yield from _one_notice(part)


_NEXT_TOLD: Final = re.compile(
    r"(?i);|,? (?:and|while|whereas) (?=(?:we |will |shall )*(?:report|notify|inform|tell|alert)|the |(?:all )?affected |individuals |data subjects |you\b)"
    r"|,? und (?=melden|benachricht|inform|die |der )|,? et (?=nous|la |l.autorit|notif|(?:en )?inform|avert)|,? y (?=la |notific|inform|comunic)|,? e (?=il |la |inform|comunic|notific)|,? en (?=informeren|melden|de betrokken)|,? (?:oraz|a) (?=zawiad|powiad|osob|inform)|,? i (?=zawiad|powiad|inform)|,? och (?=inform|meddel|de )|,? és (?=értesít|az érint)|,? și (?=inform|notific|persoan)|,? un (?=inform|paziņ)"
)


def _told(text: str) -> list[str]:
    """Return the parts of a sentence that tell different readers at different times, else the whole of it."""
    parts = _NEXT_TOLD.split(text)
    heard = [_tells_authority(part) for part in parts]
    timed = [bool(durations(part)) or re.search(_PROMPT, part) is not None for part in parts]
    return parts if len(parts) > 1 and all(timed) and any(heard) and not all(heard) else [text]


def _tells_authority(text: str) -> bool:
    return bool(rights_words.AUTHORITY.search(text)) or says(
        r"\bthe (?:competent )?authority\b|\bthe commission\b|\bdie behörde\b|a hatóság|hatóságnak|l.autorité\b|la autoridad|all.autorità|de toezichthouder|organ(?:u|owi)? nadzor|a autoridade|tillsynsmyndighet|inspekcij",
        text,
    )


def _one_notice(text: str) -> Iterator[Found]:
    times = durations(text)
    authority, person = _tells_authority(text), says(_PERSON, text)
    prompt = re.search(_PROMPT, text)
    to = "person_and_authority" if authority and person else "authority" if authority else "person"
    delay = times[0].value() if times else {"delay": prompt.group().lower()} if prompt else {}
    if authority or person or delay:
        yield PromiseKind.BREACH_NOTICE, {"to": to, **delay}, 0.85 if delay else 0.6


_START: Final = (
    (
        "account_closing",
        r"clos\w+ (?:of )?(?:your|the) account|close your account|(?:account|workspace) (?:is |has been )?(?:clos|delet|terminat)\w*|delete your (?:account|workspace)|kündigung|kontolösch|clôture|fermeture|cierre|chiusura|(?:be[eë]indig|sluit)|zamknięci|encerramento|închider|life of (?:your|the) account plus|stäng\w* (?:ditt )?konto|slēgšan",
    ),
    (
        "last_use",
        r"you last (?:open|use|log|sign|visit|order|contact|buy|bought|shop)|last (?:time you )?(?:use|login|activity|contact|interaction|stay|visit|order|appointment|purchase|rental|booking|payment|donation)\w*|inactiv|letzte\w* (?:nutzung|anmeldung|kontakt|besuch|bestellung|kauf|behandlung)|derni(?:er|ère) (?:contact|usage|séjour|commande|visite|achat|connexion)|última|último|ultim[oaăe]|laatste|ostatni|senaste|sista|pēdēj|utolsó|inactivi|inatividade|sem uso|inutilizad|oanvänd|inte använts|prospects?\b|dernière",
    ),
    (
        "contract_end",
        r"(?:end|expiry|termination) of (?:the |your |our )?(?:contract|agreement|relationship|subscription|membership|charter|hire|tenancy|rental|booking|stay|employment|course|service|project)\b|(?:when|after|once) you(?:.ve| have)? (?:leave|left)|abschluss der |vertragsende|ende (?:des|der) (?:vertrag|geschäftsbeziehung|mitgliedschaft|miet|buchung|nutzung|beschäftigung)|beendigung|fin (?:du contrat|de la relation|de l.adhésion)|fin del contrato|fine del (?:contratto|rapporto)|einde van de overeenkomst|rozwiązani|termo do contrato|încetar|nach (?:dem|ihrem) (?:austritt|ausscheiden)|graduate|finalizad[ao]|beëindiging|avslut|szűn|behandelovereenkomst beëindig",
    ),
    (
        "consent_withdrawal",
        r"withdraw\w* (?:your )?consent|widerruf|retrait du consentement|retir\w+ (?:el|o) consent|wycofaniu zgody",
    ),
    (
        "year_end",
        r"end of (?:the|that|each) (?:following |same )?(?:tax |calendar |financial |business |accounting )?year\b|ende des (?:kalender|geschäfts|steuer)?jahr|końca roku|fin de l.(?:année|exercice)|fin del (?:año|ejercicio)|fine dell.anno|einde van het (?:kalender|boek)?jaar",
    ),
    ("collection", r"(?:date of |after |since )?(?:collect|receipt|submission)\w*|erhebung|collecte|recogida|raccolta"),
)
_UNTIL: Final = r"(?i)\b(?:until|till|bis (?:zu|zum|zur|sie)|jusqu.(?:à|au)|hasta|fino a(?:l|lla|lle)?|tot(?:dat)?|do (?:czasu|momentu|chwili|dnia)|até|până|tills|till dess|līdz)\b\s*(?P<until>[^.;|]{4,60})"
_WHERE: Final = r"\bserve?r|data ?cent|rechenzentr|\bcloud\b|cabinet|locked|encrypt|verschlüssel|serwer|szerver|serveur|servidor|datacent|armadi|schrank|kluis"
"""What tells where something is kept, not how long."""
_ONLY_FOR: Final = r"(?i)\bonly for (?P<until>(?:later|future)[^,.;]{3,40})"
_FOR_EVER: Final = r"in perpetuity|permanently|indefinitely|for ever\b|forever|\bdauerhaft|unbefristet|zeitlich unbegrenzt|indéfiniment|sans limitation de durée|indefinidamente|de forma permanente|a tempo indeterminato|permanentemente|bezterminowo|blijvend|tills vidare|beztermiņa|bezgalīgi|határozatlan ideig|pe termen nelimitat"
"""What is never deleted: said plainly, and still no time."""
_KEEPING_ON: Final = r"\b(?:retain|conserv|aufbewahr|bewar|bewaar|przechow|păstr|lagra|glabā|őriz|őrzi)\w*"


_HOW_LONG: Final = r"how long|\bretention\b|durée|combien de temps|dauer|fristen\b|frist\b|wie lange|aufbewahrung|duration|expir|lifetime|life ?span|validity|gültig|laufzeit|plazo|cuánto tiempo|quanto tempo|hoe lang|termijn|bewaar|okres|jak długo|conservaci|conservation|conservazione|\btempi\b|conservação|armazenamento|guardamos|cât timp|perioad|păstr|hur länge|lagringstid|gallring|radering|cik ilgi|glabāšan|meddig|megőrz|őrzés|hold on|keep"
_ASKS_HOW_LONG: Final = r"how long|for how long|\bkeeping\b|wie lange|aufbewahrungsdauer|speicherung|speicherdauer|combien de temps|cuánto tiempo|quanto tempo|hoe lang|bewaartermijn|jak długo|okres przechow|cât timp|hur länge|cik ilgi|meddig"
"""Headings under which a time is a time of keeping, whatever the verb: "Receipts stick around for seven years"."""
_LIVES: Final = r"lifetime|life ?span|expire|valid for|durée de vie|laufzeit|lebensdauer|gültig|caduc|durata|levensduur|bewaartermijn|ważn"
_WHILE: Final = re.compile(
    r"(?i)\b(?:(?:for )?(?:as|so) long as|solange|tant que|mientras|finché|zolang|dopóki|enquanto) (?P<until>(?:you|your|the|sie|ihr|das|vous|votre|le|su|tu|il|uw|je|masz|você)\b[^.;|]{0,40}?(?:account|konto|compte|cuenta|customer|client|kunde|member|mitglied|subscri|contract|vertrag)[^.;|]{0,30})"
)
"""What a time of keeping depends on, where it is a fact that the person knows: no vague time."""


def retention(sentence: Sentence) -> Iterator[Found]:
    """Read how long something is kept, or when it is deleted."""
    text = sentence.text
    row = sentence.kind is ClauseKind.ROW
    item = sentence.kind is ClauseKind.ITEM
    scope = sentence.around if row or item else text
    deletes, keeps = (
        bool(words.DELETE.search(text)),
        bool(
            words.KEEP.search(scope)
            or (
                (row or item or words.KEEP.search(sentence.heading) or words.DELETE.search(sentence.heading))
                and says_above(_HOW_LONG, sentence.heading + (sentence.lead if row else ""))
            )
            or says_above(_ASKS_HOW_LONG, sentence.heading)
            or (words.COOKIE.search(text) and says(_LIVES, text))
            or says(r"\bback-?ups? (?:live|remain|exist|rotate|expire)", text)
        ),
    )
    if not (deletes or keeps) or (rights_words.REQUEST.search(text) and rights_words.ANSWER.search(text)):
        return
    times = () if says("changed from|geändert von|modifié", text) else durations(text)
    for time in times[:4]:
        since = next((name for name, pattern in _START if says(pattern, _part(text, time))), None)
        value = {**time.value(), "action": _action(text, time, deletes=deletes), **({"from": since} if since else {})}
        before = max((other.end for other in times if other.end <= time.start), default=0)
        if says(r"\bback-?ups?\b|sicherungskopie|sauvegarde", text[before : time.start]):
            value["what"] = "backups"
        elif words.COOKIE.search(scope):
            # Each row of a table of cookies is about its own cookie: two times there are no contradiction.
            value["what"] = f"cookies: {text[before : time.start].strip(' |')[:40]}" if row else "cookies"
        elif row and text[: time.start].strip():
            value["what"] = text[: time.start].strip(" |").split(" | ")[0][:60]
        yield PromiseKind.RETENTION, value, 0.85 if since else 0.7
    if not times:
        yield from _untimed(text, deletes=deletes, row=row)


def _action(text: str, time: Duration, *, deletes: bool) -> str:
    """Return what is done: "we delete orders after six months; invoices are kept for ten years" has two verbs."""
    part = _part(text, time)
    archives = says("archiv", part)
    if words.KEEP.search(part) and not words.DELETE.search(part):
        return "archive" if archives else "keep"
    return "delete" if deletes else "archive" if archives else "keep"


def _part(text: str, time: Duration) -> str:
    """Return what is said of one time, where a sentence or an item speaks of several."""
    begin = max(text.rfind(";", 0, time.start) + 1, text.rfind(". ", 0, time.start) + 1)
    ends = [at for at in (text.find(";", time.end), text.find(". ", time.end)) if at >= 0]
    return text[begin : min(ends, default=len(text))]


def _kept_before(text: str, end: int) -> bool:
    """Return whether something is kept before this place: "stored until you delete your account" deletes nothing."""
    before = text[:end]
    return bool(words.KEEP.search(before)) and not words.DELETE.search(before)


def _untimed(text: str, *, deletes: bool, row: bool) -> Iterator[Found]:
    action = "delete" if deletes else "archive" if says("archiv", text) else "keep"
    if found := re.search(_ONLY_FOR, text):
        yield PromiseKind.RETENTION, {"action": "keep", "until": found["until"].strip()}, 0.6
    elif words.LEGAL_KEEPING.search(text):
        yield PromiseKind.RETENTION, {"action": "keep", "ground": "law"}, 0.6
    elif not deletes and says(_FOR_EVER, text) and not words.NOT.search(text):
        yield PromiseKind.RETENTION, {"action": "keep", "until": "never deleted", "vague": True}, 0.6
    elif found := _WHILE.search(text):
        yield PromiseKind.RETENTION, {"action": "keep", "until": found["until"].strip()}, 0.6
    elif words.NECESSARY.search(text):
        yield PromiseKind.RETENTION, {"action": action, "until": "no longer needed", "vague": True}, 0.7
    elif (found := re.search(_UNTIL, text)) and (not deletes or _kept_before(text, found.start())):
        yield PromiseKind.RETENTION, {"action": "keep", "until": found["until"].strip()}, 0.6
    elif not row and not deletes and says(_KEEPING_ON, text) and not words.NOT.search(text) and not says(_WHERE, text):
        yield PromiseKind.RETENTION, {"action": "keep", "vague": True}, 0.5
