"""Set aside what the writer did not write now: quoted mail, forwarded headers, signatures and legal footers.

Lost text is the worse error, so nothing is deleted: lines set aside are blanked in place, offsets stay, and the reader
reads the whole text too when the two could differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

LINES_MAX: Final = 4_000

_QUOTED = re.compile(r"\s{0,3}(?:>|\|(?=\s))")
_ATTRIBUTION = re.compile(
    r"\s*(?:on\b.{4,120}\bwrote|am\b.{4,120}\bschrieb\b.{0,80}|le\b.{4,120}\ba écrit|el\b.{4,120}\bescribió|"
    r"il\b.{4,120}\bha scritto|op\b.{4,120}\bschreef\b.{0,80}|em\b.{4,120}\bescreveu|w dniu\b.{4,120}\bnapisał.{0,40}|"
    r"den\b.{4,120}\bskrev\b.{0,80}|dne\b.{4,120}\bnapsal.{0,40}|.{4,120}\bezt írta.{0,40}|.{4,120}\bnapisao.{0,40}|"
    r".{4,120}έγραψε|.{4,120}şunu yazdı|.{4,120}a scris|.{4,120}rakstīja)\s*:?\s*$",
    re.IGNORECASE,
)
_ADDRESSED: Final = re.compile(
    r"(?=.*(?:\d{1,2}[:.h]\d{2}|\d{4}))(?=.*[<(\[][^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,120}[>)\]])\S.{8,200}[:：]\s*$"
)
"""A day or an hour, an address in brackets and a colon at the end: what stands above a quotation in any language."""
_WROTE: Final = re.compile(
    r"\s*(?:.{4,120}\b(?:skrev|kirjoitti|kirjutas|raš[ėo]|napísala?|napisala?|пишет|писала?|написала?|пише|написав|"
    r"написа)\b.{0,80}|.{2,120}(?:写道|寫道|のメール|さんは書きました|님이 작성))\s*[:：]\s*$",
    re.IGNORECASE,
)
_ORIGINAL_MESSAGE = re.compile(
    r"\s*(?:[-_=]{2,}\s*)(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|"
    r"message d'origine|message original|message transféré|mensaje original|messaggio originale|oorspronkelijk bericht|"
    r"mensagem original|wiadomość oryginalna|oryginalna wiadomość|ursprungligt meddelande|oprindelig meddelelse|"
    r"původní zpráva|eredeti üzenet|αρχικό μήνυμα|izvorna poruka|mesaj original|özgün ileti)\b.{0,40}",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s*\*?(?:from|von|de|da|van|od|från|fra|feladó|από|kimden|no)\s?:\*?\s.{0,120}(?:@|<|\w).{0,120}$", re.IGNORECASE
)
_HEADER_NEXT = re.compile(
    r"\s*\*?(?:sent|to|date|subject|gesendet|an|datum|betreff|envoyé|à|objet|date|enviado|para|asunto|inviato|a|oggetto|"
    r"verzonden|aan|onderwerp|wysłano|do|temat|skickat|till|ämne|sendt|til|emne|odesláno|komu|předmět|elküldve|címzett|"
    r"tárgy|στάλθηκε|προς|θέμα|poslano|prima|predmet|trimis|către|subiect|gönderildi|kime|konu|cc)\s?:\*?\s",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"--\s*$|__+\s*$|sent from my \w+|von meinem \w+ gesendet|envoyé de mon \w+|enviado desde mi \w+|"
    r"inviato (?:da|dal mio) \w+|verzonden vanaf mijn \w+",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:this (?:e-?mail|message|communication).{0,80}(?:confidential|intended|privileged)|"
    r"(?:diese|die) (?:e-?mail|nachricht).{0,80}vertraulich|(?:ce|cet) (?:e-?mail|message|courriel).{0,80}confidentiel|"
    r"(?:este) (?:mensaje|correo|e-?mail).{0,80}confidencial|(?:questo|questa) (?:messaggio|e-?mail).{0,80}riservat|"
    r"(?:dit|deze) (?:e-?mail|bericht).{0,80}vertrouwelijk|"
    r"you (?:are receiving|received) this (?:e-?mail|message|newsletter)|"
    r"you can unsubscribe|to unsubscribe|unsubscribe at any time|click here to unsubscribe|"
    r"if you (?:have received|are not the intended|no longer wish))",
    re.IGNORECASE,
)  # fmt: skip


_FOOTER_HINTS: Final = (
    "confiden", "intended", "privileged", "vertraulich", "riservat", "vertrouwelijk", "unsubscribe",
    "receiv", "no longer wish",
)  # fmt: skip
_ATTRIBUTION_HINTS: Final = (
    "wrote", "schrieb", "écrit", "escribió", "scritto", "schreef", "escreveu", "napis", "skrev", "napsal", "írta",
    "έγραψε", "yazd", "scris", "rakstīja", "kirjoitti", "kirjutas", "rašė", "rašo", "napís", "пишет", "писал", "пише",
    "написа", "写道", "寫道", "のメール", "書きました", "작성",
)  # fmt: skip
_SIGNATURE_HINTS: Final = ("--", "__", "sent from", "gesendet", "envoyé de", "enviado desde", "inviato da", "verzonden")
_RULES_DRAWN: Final = ("--", "__", "==", "-_", "-=", "_-", "_=", "=-", "=_")
_DATE_OR_ADDRESS: Final = re.compile(r"[\d@]")


@dataclass(frozen=True, slots=True)
class _Hints:
    """What a text may hold: asking for a few letters once spares trying every pattern on every line."""

    quotes: bool
    footers: bool
    signatures: bool
    originals: bool
    headers: bool
    attributions: bool

    @classmethod
    def of(cls, text: str) -> Self:
        lowered = text.lower()
        return cls(
            quotes=">" in text or "|" in text,
            footers=any(hint in lowered for hint in _FOOTER_HINTS),
            signatures=any(hint in lowered for hint in _SIGNATURE_HINTS),
            originals=any(drawn in text for drawn in _RULES_DRAWN),
            headers=":" in text,
            attributions="@" in text or any(hint in lowered for hint in _ATTRIBUTION_HINTS),
        )


def strip(text: str) -> tuple[str, bool]:
    """Return the text with older mail, signature and footers blanked, and whether anything was set aside."""
    if "\n" not in text:
        return text, False
    hints = _Hints.of(text)
    lines = text.split("\n", LINES_MAX)
    kept: list[str] = []
    set_aside = False
    rest_is_old = False
    for place, line in enumerate(lines):
        head = line[:300]
        if not rest_is_old and _starts_old_mail(head, lines, place, hints):
            # A reply written below its quotation follows "… wrote:" and quoted lines; then only those are old.
            rest_is_old = not _reply_below(lines, place)
            kept.append(" " * len(line))
            set_aside = True
        elif (
            rest_is_old
            or (hints.quotes and _QUOTED.match(head))
            or (hints.footers and _is_footer(head))
            or (hints.signatures and place and _SIGNATURE.match(head))
        ):
            rest_is_old = rest_is_old or (head.rstrip() == "--" and place > 0)
            kept.append(" " * len(line))
            set_aside = set_aside or bool(head.strip())
        else:
            kept.append(line)
    stripped = "\n".join(kept)
    return (stripped, True) if set_aside and stripped.strip() else (text, False)


def _is_footer(line: str) -> bool:
    lowered = line.casefold()
    return any(hint in lowered for hint in _FOOTER_HINTS) and _FOOTER.search(line) is not None


def _starts_old_mail(line: str, lines: list[str], place: int, hints: _Hints) -> bool:
    if hints.originals and _ORIGINAL_MESSAGE.match(line):
        return True
    if not (hints.attributions or (hints.headers and ":" in line)):
        return False
    following = next((later[:200] for later in lines[place + 1 : place + 3] if later.strip()), "")
    if _HEADER.match(line) and _HEADER_NEXT.match(following):
        return True
    if not hints.attributions:
        return False
    # An attribution names a date or an address: without either, its many forms need not be tried.
    if not _DATE_OR_ADDRESS.search(line + following):
        return False
    if _ATTRIBUTION.match(line) or _WROTE.match(line) or _ADDRESSED.match(line):
        return True
    # Some programs break the attribution over two lines.
    return (
        bool(following)
        and line[:4].strip() != ""
        and any(found.match(f"{line} {following}") for found in (_ATTRIBUTION, _WROTE, _ADDRESSED))
        and (not line.rstrip().endswith((".", "!", "?")))
    )


def _reply_below(lines: list[str], place: int) -> bool:
    later = [line for line in lines[place + 1 : place + 200] if line.strip()]
    quoted = sum(1 for line in later if _QUOTED.match(line[:20]))
    return quoted > 0 and quoted < len(later)
