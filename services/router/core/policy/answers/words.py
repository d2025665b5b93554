"""Words and stems: the smallest things that a question and a clause can have in common.

Folding makes "Löschen", "loschen" and "LÖSCHEN" one word, because people in a hurry leave accents out.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import Final

import Stemmer

ALGORITHMS: Final[dict[str, str]] = {
    "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "et": "estonian",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "lt": "lithuanian", "nl": "dutch",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LETTERS_WITHOUT_DECOMPOSITION: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'", "ʼ": "'", "`": "'"}
)
_CONTRACTIONS: Final = (
    (re.compile(r"\b(can)'?t\b"), "can not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|would|should|could)n'?t\b"), r"\1 not"),
    (re.compile(r"\b(\w{1,40})'(?:s|re|ll|ve|d|m)\b"), r"\1"),
    (re.compile(r"\be-(?=mail)"), "e"),
)
_CHAT: Final[dict[str, str]] = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "info": "information",
    "infos": "information",
    "addr": "address", "pw": "password", "pwd": "password", "acct": "account", "acc": "account", "w": "with",
    "thx": "thanks", "b4": "before", "cuz": "because", "coz": "because", "dont": "do not", "wont": "will not",
    "emails": "email", "mails": "email", "wanna": "want to", "gonna": "going to", "wat": "what", "hw": "how",
    "lawfull": "lawful", "datas": "data", "3rd": "third", "parties": "party",
}  # fmt: skip

_KEPT_APART: Final[dict[str, str]] = {
    "information": "information", "informations": "information", "customs": "customs", "accounting": "accounting",
    "accountable": "accountable", "accountability": "accountable", "location": "location", "locations": "location",
    "important": "important", "importance": "important", "generally": "generally", "generation": "generation",
    "personalise": "tailor", "personalised": "tailor", "personalize": "tailor", "personalized": "tailor",
    "personalisation": "tailor", "personalization": "tailor", "customise": "tailor", "customised": "tailor",
    "customize": "tailor", "customized": "tailor", "customisation": "tailor", "customization": "tailor",
    "organisation": "organisation", "organization": "organisation", "organisations": "organisation",
    "organizations": "organisation", "internet": "internet", "internal": "internal", "updated": "updated",
    "sent": "send", "sold": "sell", "kept": "keep", "told": "tell", "held": "hold", "gave": "give", "given": "give",
    "bought": "buy", "stolen": "steal", "stole": "steal", "left": "leave", "lost": "lose", "got": "get",
    "contacts": "contacts", "children": "child", "wrote": "write", "written": "write", "chose": "choose", "saw": "see",
    "seen": "see",
    "security": "secur", "securely": "secur", "profiling": "profiling",
}  # fmt: skip
"""English words that the stemmer would throw together although they mean different things ("information" with "inform",
"customs" with "customer"), or keep apart although they are one ("sold", "sell")."""

_stemmers = threading.local()  # a Stemmer keeps a cache and must not be shared between threads


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and with one kind of apostrophe."""
    if text.isascii():
        return text.lower().replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark)).translate(
        _LETTERS_WITHOUT_DECOMPOSITION
    )


def words(text: str, language: str = "en") -> list[str]:
    """Return the folded words of `text`; English contractions and chat spellings are written out."""
    folded = fold(text)
    if language != "en":
        return [part for word in _WORD.findall(folded) for part in word.split("'")]
    if "'" in folded or "-" in folded or "nt" in folded:
        for pattern, replacement in _CONTRACTIONS:
            folded = pattern.sub(replacement, folded)
    found: list[str] = []
    for word in _WORD.findall(folded):
        plain = _CHAT.get(word)
        if plain is None:
            found.append(word)
        else:
            found.extend(plain.split())
    return found


def stem(word: str, language: str = "en") -> str:
    """Return the stem of one folded word; a language without a stemmer keeps the word."""
    return stems([word], language)[0]


def stems(folded: list[str], language: str = "en") -> list[str]:
    """Return the stems of folded words, one for one."""
    algorithm = ALGORITHMS.get(language)
    if algorithm is None:
        return folded
    stemmer = getattr(_stemmers, algorithm, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(algorithm)
        setattr(_stemmers, algorithm, stemmer)
    row = list(stemmer.stemWords(folded))
    if language != "en":
        return row
    return [_KEPT_APART.get(word, stemmed) for word, stemmed in zip(folded, row, strict=True)]
