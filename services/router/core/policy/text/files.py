"""A file's bytes to the text it publishes, or the reason why it is not a policy."""

from __future__ import annotations

import codecs
import re
from typing import Final

from services.router.core.policy.model import DocumentKind
from services.router.core.policy.record import PolicyError
from services.router.core.policy.text.encodings import guessed

FILE_BYTES_MAX: Final = 10_000_000
WORDS_MIN: Final = 60
DOCUMENT_WORDS_MIN: Final = 12
NAMED_CHARACTERS_MAX: Final = 40_000
"""A schedule of retention may be a table of four rows."""
POLICY_WORDS_MIN: Final = 3
RIGHTS_MIN: Final = 4
MATTERS_MIN: Final = 3
CONTROL_SHARE_MAX: Final = 0.02

_SIGNATURES: Final = (
    (b"%PDF", "a PDF; save its text as Markdown, plain text or HTML first"),
    (b"PK\x03\x04", "a Word or zip file; save its text as Markdown, plain text or HTML first"),
    (b"\xd0\xcf\x11\xe0", "an old Word file; save its text as Markdown, plain text or HTML first"),
    (b"\x89PNG", "a picture; import the policy's text"),
    (b"\xff\xd8\xff", "a picture; import the policy's text"),
    (b"{\\rtf", "an RTF file; save its text as Markdown, plain text or HTML first"),
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ufffd]")
_TITLED: Final = re.compile(
    r"(?i)privacy|data protection|datenschutz|confidentialité|vie privée|privacidad|protección de datos|prywatno"
    r"|integritet|confidențialitat|privātum|adatvédel|ochron\w+ danych|gegevensbescherming"
)
_CHARSET: Final = re.compile(rb"""(?i)<meta[^>]{0,200}charset=["']?\s*([a-z0-9_-]{2,20})""")


def text_of(content: bytes, name: str) -> str:
    """Return a file's text, every character where it stood; refuse what is not text.

    The marks and line ends at its borders stay: offsets count the file as published.
    """
    if not content.strip():
        raise PolicyError(f"{name} is empty; nothing was imported")
    if len(content) > FILE_BYTES_MAX:
        raise PolicyError(
            f"{name} has more than {FILE_BYTES_MAX // 1_000_000} MB; a policy is text of a few hundred kB"
        )
    for signature, what in _SIGNATURES:
        if content.startswith(signature):
            raise PolicyError(f"{name} is {what}")
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = "\x00" if b"\x00" in content and not wide else _decoded(content, name)
    control = len(_CONTROL.findall(text[:100_000]))
    if "\x00" in text or control > CONTROL_SHARE_MAX * min(len(text), 100_000) + 3:
        raise PolicyError(f"{name} is binary, not text; save the policy as Markdown, plain text or HTML first")
    return text


def refuse_other_texts(plain: str, name: str, kind: DocumentKind) -> None:
    """Refuse a text that is no policy: too short to be one, or without the words every one of them uses."""
    # Large patterns, and most texts were imported before.
    from services.router.core.policy.promises.readable import readable
    from services.router.core.policy.promises.words import POLICY_WORDS

    words = len(plain.split())
    if words < (WORDS_MIN if kind is DocumentKind.PRIVACY_POLICY else DOCUMENT_WORDS_MIN):
        raise PolicyError(
            f"{name} holds {words} words of text, too few for a {kind.value.replace('-', ' ')}; is it the right file?"
        )
    plain = readable(plain[:NAMED_CHARACTERS_MAX])
    named = [match.group().lower() for match in POLICY_WORDS.pattern.finditer(plain)]
    # A retention schedule or a cookie page names little but its own matter; a text that calls itself a privacy policy
    # may use a plain person's words in the rest.
    titled = _TITLED.search(plain[:400]) is not None
    least = POLICY_WORDS_MIN if kind is DocumentKind.PRIVACY_POLICY and not titled else 1
    if (len(set(named)) < least or len(named) <= least) and not (
        _grants_rights(plain) or (titled and _tells_of_data(plain))
    ):
        raise PolicyError(f"{name} does not read like a policy: it hardly names personal data; is it the right file?")


def _grants_rights(plain: str) -> bool:
    """Whether a text names most of the rights of Art. 15 to 21 GDPR and who hears complaints: no other text does."""
    from services.router.core.policy.promises.rights_words import AUTHORITY, RIGHTS

    text = plain[:NAMED_CHARACTERS_MAX]
    named = [right for right in ("access", "rectification", "erasure", "objection") if RIGHTS[right].search(text)]
    return len(named) >= RIGHTS_MIN and AUTHORITY.search(text) is not None


def _tells_of_data(plain: str) -> bool:
    """Whether a text that calls itself a privacy policy speaks of what such texts do, in a plain person's words."""
    from services.router.core.policy.promises import rights_words, words

    matters = (rights_words.AUTHORITY, rights_words.RIGHTS["unsubscribe"], words.CHILDREN, words.KEEP, words.DELETE)
    return sum(matter.search(plain[:NAMED_CHARACTERS_MAX]) is not None for matter in matters) >= MATTERS_MIN


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    named = _CHARSET.search(content[:4_000])
    for encoding in (named[1].decode("ascii") if named else "", guessed(content) or "cp1252"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise PolicyError(f"{name} is neither UTF-8 text nor in an encoding it names; save it as UTF-8")
