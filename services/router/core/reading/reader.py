"""Read a message: which rights it uses, how sure that is, and on what evidence.

The way of a text: cleaned (`normal`), older mail set aside (`stripping`), its language guessed, its words looked up in
the banks that fit (`lexicon`, `repair`), cut into clauses (`sentences`), read by idioms and rules (`evaluate`), each
claim judged by how it stands (`states`), and put into a tier (`tiers`). Nothing here knows a controller by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from services.router.core.language import MODEL_LANGUAGES, UNDETERMINED, Guess, base_code, rank
from services.router.core.reading.arrived import Arrived
from services.router.core.reading.articles import from_articles_alone
from services.router.core.reading.bank import Bank
from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.details import details_of
from services.router.core.reading.evaluate import candidates
from services.router.core.reading.lifting import doubted, is_an_opinion, lifted, lifted_by_passages, refuted
from services.router.core.reading.normal import plain
from services.router.core.reading.opinion import HearsPassages, Opinion, SecondOpinion
from services.router.core.reading.passages import sentences_of
from services.router.core.reading.persons import with_persons
from services.router.core.reading.repair import repaired
from services.router.core.reading.rights import Right, State, Tier
from services.router.core.reading.seen import Seen, look
from services.router.core.reading.signs import signs_of
from services.router.core.reading.stripping import strip
from services.router.core.reading.tiers import ACT_MIN, Found, Tone, judged, tier_of_message
from services.router.core.reading.unheard import UNKNOWN_LANGUAGE, language_read, unheard
from services.router.core.reading.verdict import Claim, Detail, Question, Reading, Span
from services.router.core.reading.words import words_of

SUBJECT_CHARACTERS_MAX: Final = 300
BANKS_MAX: Final = 3
BANK_CONFIDENCE_MIN: Final = 0.12
LANGUAGE_CHARACTERS_MAX: Final = 400
EVERY_LANGUAGE: Final = "any"
"""The bank of what is written the same in every language: laws, places, services."""
TYPO_DOUBT: Final = 0.05
BESIDE_SCORE: Final = 0.45
OPINION_BESIDE_CHARACTERS_MAX: Final = 600
"""A longer message that the rules read is a letter: they read letters better than any second opinion."""
OTHER_LANGUAGE_DOUBT: Final = 0.02
_TONES: Final = (
    mask("about"),
    mask("you", "please", "hereby"),
    mask("they"),
    mask("pitch"),
    mask("thing", "item"),
)


def read(
    text: str,
    *,
    banks: Mapping[str, Bank],
    subject: str = "",
    language: str | None = None,
    opinions: Sequence[SecondOpinion] = (),
) -> Reading:
    """Return what `text` (with its `subject`) asks for.

    `banks` are the phrase banks by language code, officers' phrases already in them; `language` is a hint. `opinions`
    are asked when the rules leave the message open, or it is short, and never act.
    """
    looked = _look(text, subject, language, banks)
    arrived, guesses, chosen, written_in = looked.arrived, looked.guesses, looked.chosen, looked.written_in
    stripped, set_aside, found, tone, seens = looked.own, looked.set_aside, looked.found, looked.tone, looked.seens
    claims = judged(found, tone)
    notes = list(arrived.notes)
    if set_aside and not _settled(claims):
        old = judged(*_found(arrived.plain.text, chosen, "text", arrived.original, written_in)[:2])
        if _settled(old):
            notes.append("only the quoted older mail holds a request; a human should look")
            claims = [*claims, *(replace(claim, tier=Tier.REVIEW, score=0.4) for claim in old if not claim.negated)]
    code = base_code(guesses[0].code) if guesses else UNDETERMINED.code
    told: list[Opinion] = []
    if opinions and (not _settled(claims) or len(stripped) <= OPINION_BESIDE_CHARACTERS_MAX):
        heard = looked.heard()
        told = [one for other in opinions for one in other.opine(heard.text, code, heard.signs)]
        claims = lifted(doubted(claims, told), told, tone, refuted(found))
    claims = lifted_by_passages(claims, _passages_heard(looked, opinions, code), tone, refuted(found))
    own = _own_text(arrived.plain.text, stripped)
    words = seens[0][1].words if own is stripped and seens else words_of(own)
    details, located = details_of(own, words, _vocabularies(chosen, banks), seens, claims)
    claims = _with_correction(claims, details, located, arrived, told)
    if not arrived.is_as_read:
        located = [replace(one, span=Span(*arrived.original(one.span.start, one.span.end))) for one in located]
    claims = with_persons(claims, details, located, text)
    if not claims:
        seens = [*looked.seens[:1], *looked.topics[:1]]
        notes += unheard(arrived.plain.text, seens, guesses, looked.tone, hinted=language is not None)
    # A Basque is not answered in Romanian because that is the likeliest of many.
    unknown = UNKNOWN_LANGUAGE in notes
    code = UNDETERMINED.code if unknown else language_read(code, guesses, looked.seens, looked.found)
    unread = bool(notes) or (code not in banks and bool(text.strip())) or (not text.strip() and not subject.strip())
    return Reading(
        claims=tuple(claims),
        language=Guess(code, guesses[0].confidence if guesses else 0.0),
        tier=tier_of_message(claims, unread=unread),
        details=details,
        found=tuple(located),
        questions=_questions(claims, code, banks),
        notes=tuple(notes),
    )


def _passages_heard(
    looked: _Looked, opinions: Sequence[SecondOpinion], code: str
) -> Iterator[tuple[Span, Sequence[Opinion]]]:
    """Yield where each passage of the text stands, and what it is taken for."""
    hearing = [one for one in opinions if isinstance(one, HearsPassages)]
    if not hearing or not looked.seens:
        return
    bank, seen = looked.seens[0]
    sentences = sentences_of(bank, seen, [one.candidate for one in looked.found if one.span.part == "text"])
    for other in hearing:
        for first, after, told in other.opine_on(sentences, code):
            start, end = looked.arrived.original(seen.words[first].start, seen.words[after - 1].end)
            yield Span(start, end), told


def heard_in(text: str, *, banks: Mapping[str, Bank], subject: str = "", language: str | None = None) -> Heard:
    """Return what second opinions are told of a message: they learn from the very same."""
    return _look(text, subject, language, banks).heard()


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it is put before a second opinion: the writer's own words, and the signs that the rules saw."""

    text: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Looked:
    """A message after every word was looked up and before anything is judged."""

    arrived: Arrived
    guesses: tuple[Guess, ...]
    chosen: list[Bank]
    written_in: tuple[str, ...]
    own: str
    set_aside: bool
    found: list[Found]
    tone: Tone
    seens: list[tuple[Bank, Seen]]
    topic: str
    topics: list[tuple[Bank, Seen]]

    def heard(self) -> Heard:
        signs = signs_of([*self.seens[:1], *self.topics[:1]], [one.candidate for one in self.found])
        return Heard(f"{self.topic}\n{self.own}" if self.topic else self.own, signs)


def _look(text: str, subject: str, language: str | None, banks: Mapping[str, Bank]) -> _Looked:
    arrived = Arrived.of(text)
    guesses = _languages(f"{subject}\n{arrived.plain.text[:LANGUAGE_CHARACTERS_MAX]}", language)
    chosen = _banks(guesses, banks)
    written_in = tuple(base_code(guess.code) for guess in guesses if guess.confidence >= BANK_CONFIDENCE_MIN)
    own, set_aside = strip(arrived.plain.text)
    found, tone, seens = _found(own, chosen, "text", arrived.original, written_in)
    topic = ""
    topics: list[tuple[Bank, Seen]] = []
    if subject.strip():
        plain_subject = plain(subject[:SUBJECT_CHARACTERS_MAX])
        topic = plain_subject.text
        in_subject, subject_tone, topics = _found(topic, chosen, "subject", plain_subject.original, written_in)
        found, tone = [*found, *in_subject], _louder(tone, subject_tone)
    return _Looked(arrived, guesses, chosen, written_in, own, set_aside, found, tone, seens, topic, topics)


def _with_correction(
    claims: list[Claim],
    details: Mapping[str, Any],
    located: Sequence[Detail],
    arrived: Arrived,
    opinions: Sequence[Opinion],
) -> list[Claim]:
    """Add a rectification where a field, its wrong and its right value are told, whatever the verb (GDPR Art. 16)."""
    ruled = [claim for claim in claims if claim.right is Right.RECTIFICATION and not is_an_opinion(claim)]
    told = details["rectify"]
    if told is None or not (told["old"] and told["new"]) or ruled:
        return claims
    claims = [claim for claim in claims if claim.right is not Right.RECTIFICATION]
    spans = tuple(
        Span(*arrived.original(one.span.start, one.span.end))
        for one in sorted(located, key=lambda one: one.span.start)
        if one.kind in ("old_value", "new_value")
    )
    # Beside a right that is asked for in so many words, two values may be anything ("recipients to whom they were …").
    beside = any(claim.tier is Tier.ACT for claim in claims)
    tier, score = (Tier.REVIEW, BESIDE_SCORE) if beside else (Tier.ACT, ACT_MIN)
    correction = Claim(Right.RECTIFICATION, tier, score, spans, "a field with its old and its new value")
    return [*claims, *doubted([correction], opinions, [claim.right for claim in claims if _settled([claim])])]


def _own_text(text: str, stripped: str) -> str:
    """Return the text that details are taken from: what the writer wrote now, their signature included."""
    return text if "\n--" in text and "\n>" not in text else stripped


def _vocabularies(chosen: Sequence[Bank], banks: Mapping[str, Bank]) -> list[Bank]:
    """Return the banks whose words around details are looked up: the languages', English, and that of all."""
    found = {bank.code: bank for bank in chosen}
    for code in ("en", EVERY_LANGUAGE):
        if code in banks:
            found.setdefault(code, banks[code])
    return list(found.values())


def _settled(claims: Sequence[Claim]) -> bool:
    return any(claim.tier in (Tier.ACT, Tier.ASK) for claim in claims)


def _louder(one: Tone, other: Tone) -> Tone:
    return Tone(
        one.about + other.about,
        one.addressed + other.addressed,
        one.others + other.others,
        one.clauses,
        one.pitch + other.pitch,
        one.things + other.things,
    )


def _languages(text: str, hint: str | None) -> tuple[Guess, ...]:
    guesses = rank(text, 4)
    code = base_code(hint or "")
    if code in MODEL_LANGUAGES:  # a hint that names no language we know says nothing
        return (Guess(code, 1.0), *(guess for guess in guesses if base_code(guess.code) != code))
    return guesses


def _banks(guesses: Sequence[Guess], banks: Mapping[str, Bank]) -> list[Bank]:
    chosen: dict[str, Bank] = {}
    for guess in guesses:
        code = base_code(guess.code)
        if code in banks and (not chosen or guess.confidence >= BANK_CONFIDENCE_MIN):
            chosen.setdefault(code, banks[code])
    if "en" in banks:
        chosen.setdefault("en", banks["en"])
    return list(chosen.values())[:BANKS_MAX]


def _found(
    text: str,
    banks: Sequence[Bank],
    part: str,
    original: Callable[[int, int], tuple[int, int]],
    written_in: Sequence[str],
) -> tuple[list[Found], Tone, list[tuple[Bank, Seen]]]:
    """Return what the banks find, most likely language first; another language is asked only for what is left open."""
    words = words_of(text)
    found: list[Found] = []
    seens: list[tuple[Bank, Seen]] = []
    tone = Tone(0, 0, 0)
    for place, bank in enumerate(banks):
        if place and any(one.candidate.score >= ACT_MIN and one.candidate.state is State.ASSERTED for one in found):
            break
        folded, repairs = repaired(words, bank)
        seen = look(text, words, folded, bank)
        seens.append((bank, seen))
        if place == 0:
            tone = _tone(seen)
        foreign = place == len(banks) - 1 and not any(bank.code == code for code in written_in)
        denied = {(one.candidate.right, spot) for one in found for spot in _denied_places(one.candidate)}
        for one in [*candidates(seen, bank), *(from_articles_alone(seen) if foreign else ())]:
            if any((one.right, spot) in denied for spot in range(one.first, one.after)):
                continue  # what the likelier language denies, a neighbouring one does not ask for
            start, end = original(words[one.first].start, words[one.after - 1].end)
            doubt = TYPO_DOUBT if any(one.first <= spot < one.after for spot in repairs) else 0.0
            found.append(Found(one, Span(start, end, part), doubt + OTHER_LANGUAGE_DOUBT * place))
    return found, tone, seens


def _denied_places(candidate: Candidate) -> range:
    return range(candidate.first, candidate.after) if candidate.state is State.NEGATED else range(0)


def _tone(seen: Seen) -> Tone:
    counted = [0] * len(_TONES)
    for clause in seen.clauses:
        for place, bits in enumerate(_TONES):
            if clause.bits & bits:
                counted[place] += len({sense.first for sense in clause.with_bits(bits)})
    about, addressed, others, pitch, things = counted
    return Tone(about, addressed, others, len(seen.clauses), pitch, things)


def _questions(claims: Sequence[Claim], code: str, banks: Mapping[str, Bank]) -> tuple[Question, ...]:
    bank = banks.get(code) or banks.get("en")
    fallback = banks.get("en")
    asked = []
    for claim in claims:
        if claim.tier is not Tier.ASK or bank is None:
            continue
        texts = bank.questions if claim.right.value in bank.questions or fallback is None else fallback.questions
        if claim.right.value in texts:
            asked.append(
                Question(claim.right, texts[claim.right.value], texts.get("yes", "Yes"), texts.get("no", "No"))
            )
    return tuple(asked)
