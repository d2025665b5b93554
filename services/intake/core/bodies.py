"""A mail's words, from however many parts its program made of them.

Of alternatives the plain one is read, and HTML where that is empty, says no more than "this mail is HTML", or leaves
out most of what the HTML says ("your program cannot show this message"). Pieces that stand one after another are all
read. A mail that was passed on as an attachment is read as quoted mail: whoever
passes it on did not write it. What cannot be decoded is replaced, never dropped.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from services.intake.core.charsets import declared_in_html, decoded, whole
from services.intake.core.headers import addresses, header
from services.intake.core.pages import glanced, readable

PARTS_MAX: Final = 500
STUB_CHARACTERS_MAX: Final = 600
"""A plain part as short as this that speaks of HTML stands there for programs that show none."""
MISSING_WORDS_MIN: Final = 3
STRANGE_WORDS_MAX: Final = 1
GLANCED_BYTES_MAX: Final = 100_000
PASSED_ON: Final = "---------- Forwarded message ----------"
ENCRYPTED: Final = "multipart/encrypted"
_WORDS: Final = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/enriched", "text/richtext"})
_ARMOURED: Final = re.compile(r"^-----BEGIN PGP MESSAGE-----\n(?:.*\n)*?-----END PGP MESSAGE-----\n?", re.MULTILINE)
_SIGNED_HEAD: Final = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: .*\n)*\n?", re.MULTILINE)
_SIGNED_TAIL: Final = re.compile(
    r"^-----BEGIN PGP SIGNATURE-----\n(?:.*\n)*?-----END PGP SIGNATURE-----\n?", re.MULTILINE
)
_ENRICHED: Final = re.compile(r"<[^<>\n]{1,60}>")
_WORD: Final = re.compile(r"\w{2,}")
_BASE64_LINE: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(slots=True)
class Words:
    """What a mail says, and whether some of it is locked with a key that we do not have."""

    pieces: list[str] = field(default_factory=list)
    encrypted: bool = False
    parts: int = 0

    def text(self) -> str:
        """Return the pieces one below the other."""
        return "\n\n".join(piece for piece in self.pieces if piece.strip())


def words_of(message: Message) -> Words:
    """Return what a mail says; where it says nothing itself, what a text attached to it says."""
    words = Words()
    _read(message, words, attached=False)
    if not words.text():
        words.parts = 0
        _read(message, words, attached=True)
    return words


def _read(part: Message, words: Words, *, attached: bool) -> None:
    words.parts += 1
    if words.parts > PARTS_MAX:
        return
    kind = part.get_content_type()
    inner = _inside(part)
    if kind == ENCRYPTED or (
        kind.endswith("pkcs7-mime") and not str(part.get_param("smime-type")).startswith("signed")
    ):
        words.encrypted = True
        return
    if kind == "message/rfc822" and inner:
        words.pieces.append(_passed_on(inner[0], attached=attached))
    elif not inner:
        _read_leaf(part, kind, words, attached=attached)
    elif kind == "multipart/alternative":
        words.pieces.append(_chosen(inner, words, attached=attached))
    else:
        # What a report returns is what somebody else wrote (RFC 3462): its first part alone says something.
        for each in inner[:1] if kind == "multipart/report" else inner:
            _read(each, words, attached=attached)


def _inside(part: Message) -> list[Message]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []


def _chosen(alternatives: list[Message], words: Words, *, attached: bool) -> str:
    """Return the plain one of several ways to say the same, or the next where it says nothing."""
    said: dict[bool, str] = {}
    for each in alternatives:
        plain = each.get_content_type() in _WORDS
        if not plain and _says_it_all(said.get(True, ""), each):
            break  # making text of HTML costs the most, and most mails say it in plain text too
        inside = Words(parts=words.parts)
        _read(each, inside, attached=attached)
        words.parts, words.encrypted = inside.parts, words.encrypted or inside.encrypted
        said[plain] = said.get(plain) or inside.text()
    page, plain_text = said.get(False, ""), said.get(True, "")
    if not page or not plain_text.strip() or _is_of_html(plain_text):
        return page or plain_text
    # The plain words are there in the page too, or they are somebody's: a stub beside a request does no harm.
    return page if _missing(plain_text, page) <= STRANGE_WORDS_MAX else f"{plain_text}\n\n{page}"


def _says_it_all(plain: str, page: Message) -> bool:
    """Tell whether a plain part may be read instead of its page: it is no stub, and leaves out little of it."""
    if not plain.strip() or _is_of_html(plain):
        return False
    return len(plain) > STUB_CHARACTERS_MAX or not _leaves_out_most(plain, page)


def _is_of_html(plain: str) -> bool:
    return len(plain) <= STUB_CHARACTERS_MAX and "html" in plain.lower()


def _leaves_out_most(plain: str, alternative: Message) -> bool:
    """Tell whether most of a page's words are missing in its plain part; tags are cut out roughly, which is cheap."""
    page = next((part for part in alternative.walk() if part.get_content_type() == "text/html"), None)
    if page is None:
        return False
    content = _content(page)[:GLANCED_BYTES_MAX]
    text = decoded(content, page.get_content_charset() or declared_in_html(content))
    words = _words_in(glanced(text))
    missing = len(words - _words_in(plain))
    return missing >= MISSING_WORDS_MIN and 2 * missing > len(words)


def _missing(plain: str, page: str) -> int:
    return len(_words_in(plain) - _words_in(page))


def _words_in(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _read_leaf(part: Message, kind: str, words: Words, *, attached: bool) -> None:
    # A multipart without its boundary is the text that it holds.
    page = kind == "text/html"
    if not (page or kind in _WORDS or kind.startswith("multipart/")):
        return
    if part.get_content_disposition() == "attachment" and not attached:
        return
    content = _content(part)
    declared = part.get_content_charset() or (declared_in_html(content) if page else None)
    text = decoded(content, declared).replace("\r\n", "\n").replace("\x00", "")
    if page:
        words.pieces.append(whole(readable(text)))
        return
    if kind in {"text/enriched", "text/richtext"}:
        text = _ENRICHED.sub("", text)
    elif str(part.get_param("format", "")).lower() == "flowed":
        text = unflowed(text, joined=str(part.get_param("delsp", "")).lower() == "yes")
    if "-----BEGIN PGP MESSAGE-----" in text:
        text, locked = _ARMOURED.subn("", text)
        words.encrypted = words.encrypted or bool(locked)
    if "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        text = _SIGNED_TAIL.sub("", _SIGNED_HEAD.sub("", text))
    words.pieces.append(text)


def _passed_on(message: Message, *, attached: bool) -> str:
    inside = Words()
    _read(message, inside, attached=attached)
    writer = next((address for _, address in addresses(message, "From")), "")
    lines = [PASSED_ON, f"From: {writer}"]
    lines += [f"{name}: {header(message, name)}" for name in ("Date", "Subject") if message.get(name)]
    return "\n".join([*lines, "", inside.text()])


def _content(part: Message) -> bytes:
    """Return a part's bytes. What says that it is base64 and is not, or only at its beginning, is not lost."""
    payload = part.get_payload()
    if isinstance(payload, str) and str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        lines = payload.splitlines()
        count = next((n for n, line in enumerate(lines) if not _is_base64(line)), len(lines))
        rest = "\n".join(lines[count:])
        encoded = "".join(lines[:count]).replace(" ", "").rstrip("=")
        try:
            begun = codecs.decode(f"{encoded[: len(encoded) - (len(encoded) % 4 == 1)]}==".encode("ascii"), "base64")
        except ValueError:
            begun = b""
        return begun + (b"\n" + rest.encode("utf-8", "surrogateescape") if rest.strip() else b"")
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_base64(line: str) -> bool:
    return not line.strip() or _BASE64_LINE.fullmatch(line.strip()) is not None


def unflowed(text: str, *, joined: bool) -> str:
    """Put paragraphs together that were broken for narrow screens (RFC 3676); `joined` where no space was added."""
    lines: list[str] = []
    depth_before, open_before = 0, False
    for line in text.split("\n"):
        unquoted = line.lstrip(">")
        depth = len(line) - len(unquoted)
        words = unquoted.removeprefix(" ")
        flows = words.endswith(" ") and words != "-- "
        kept = words[:-1] if flows and joined else words
        if open_before and depth == depth_before and words != "-- ":
            lines[-1] += kept
        else:
            lines.append(f"{'>' * depth} {kept}" if depth else kept)
        depth_before, open_before = depth, flows
    return "\n".join(lines)
