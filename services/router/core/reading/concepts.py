"""The lexicon's concepts: what a word can mean for a rights request, whatever the language.

A language's bank lists its words under these names (`knowledge/phrases/`); the rules combine the names and know no
language. A concept is one bit, so that a clause's concepts are one integer and a rule is refused by two operations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

NAMED_MAX: Final = 4_000

MEANING_OF_CONCEPT: Final[dict[str, str]] = {
    # Who
    "me": "the writer: I, me, myself, we",
    "my": "what is the writer's: my, mine, our, 'about me', 'concerning me'",
    "you": "the organisation written to: you, your, the company's own name for itself",
    "they": "somebody else who is not written to: they, he, the company, my employer, a website",
    "relative": "a person the writer speaks for or of: my daughter, my client, my mother",
    # How it is said
    "want": "the writer wants, requests, demands, insists, needs",
    "please": "politeness that turns words into a request: please, kindly, be so kind",
    "can": "can you, could you, would you, is it possible, may I",
    "how": "how do I, how can I, where can I, what must I do to, help me",
    "question": "question words and openings: what, which, who, does, do you, is it true",
    "what": "question words that ask for a content: what, which (list them under `question` too)",
    "practice": "openings that ask how an organisation works: how long, where, why, with whom, on what legal basis",
    "hereby": "formal assertion: hereby, formally, with this letter",
    "if": "a condition: if, unless, in case, should you, whether",
    "not": "negators: not, don't, never, no, without",
    "but": "what opens a contrast: but, only, just, instead, rather",
    "or_else": "a threat: otherwise, I will have to, I reserve the right, or I shall",
    "past": "what is done already: already, have deleted, was, last week (of an event)",
    "reported": "an earlier request told again: I asked you, I wrote, I requested, my email of",
    "about": "talk about rights rather than their use: my thesis, an article, has anyone, hypothetically, webinar",
    "said": "words of others told again: he said, she told me to, they advised me",
    "almost": "what is only thought of: about to, nearly, thinking about, suppose I asked",
    "right_to": "a right named, not used: right to, the existence of a right, rights under",
    "exercise": "using a right: exercise, invoke, make use of, assert",
    "behalf": "acting for somebody: on behalf of, I represent, as her guardian, power of attorney",
    "ago": "a time gone by: two weeks ago, last month, in March",
    # What is done
    "erase": "delete, remove, wipe, forget: imperative, infinitive, noun",
    "erased": "the participle alone: deleted, removed",
    "close": "close, terminate, deactivate, cancel (an account)",
    "give": "give, send me, provide, show, let me see, receive, get, obtain, disclose to me",
    "hold": "have on me, hold, store, keep, know about, record",
    "tell": "tell, inform, confirm, let me know, explain",
    "correct": "correct, change, update, fix, amend, edit",
    "wrong": "wrong, incorrect, misspelled, outdated, has changed",
    "restrict": "restrict, limit, freeze, pause, suspend, block (the use of data)",
    "object": "object, oppose, do not agree, refuse",
    "withdraw": "withdraw, revoke, take back (consent)",
    "stop": "stop, cease, quit, no longer, no more",
    "contact": "sending to the writer: email me, contact, call, write, text, send me (messages)",
    "move": "transfer, move, port, export, migrate, hand over, download",
    "unsubscribe": "unsubscribe, opt out, sign off, off the list",
    "complain": "complain, complaint, lodge, report to the authority",
    "breach": "hacked, leaked, breach, stolen data, phished, unauthorised access",
    "share": "share, sell, pass on, disclose, give away",
    "sell": "sell, sale (of data)",
    "use": "use, process, analyse",
    "collect": "collect, gather, track, record, monitor",
    "see": "see, view, read, look at, have access (of others)",
    "protect": "protect, encrypt, secure, safe",
    "cancel": "cancel, ignore, disregard, take back, drop (a request)",
    "keep": "keep, leave as it is, stay (an account)",
    # What it is done to
    "data": "data, information, details, records, files",
    "personal": "personal data as one expression: personal data, my info, personenbezogene Daten",
    "account": "account, profile, membership, login, registration",
    "everything": "everything, all, anything",
    "database": "system, database, records, servers, files, contacts",
    "from": "where something lies: from my, in my, off the",
    "that": "it, them, this, that: an object named before",
    "field": "what a person can correct: name, address, email, phone, date of birth",
    "marketing": "newsletter, ads, promotions, offers, mailings, spam, marketing",
    "message": "emails, texts, calls, letters, notifications",
    "list": "mailing list, distribution list, list",
    "copy": "copy, overview, printout, extract, disclosure, access",
    "format": "csv, json, xml, excel, machine-readable, structured, common format",
    "provider": "another provider, company, service, bank, competitor",
    "consent": "consent, permission, agreement, opt-in",
    "automated": "profiling, automated decision, algorithm, scoring",
    "processing": "processing, use of data",
    "request": "request, enquiry, application, my email, ticket, case",
    "waiting": "no answer yet, still waiting, status, progress, any news, have you received",
    "proof": "passport, identity card, code, proof of identity, date of birth as proof",
    "here": "attached, enclosed, here is, please find, as requested, you asked for",
    "law": "GDPR, data protection law, CCPA, regulation, article",
    "authority": "data protection authority, supervisory authority, commissioner, ombudsman",
    "privacy": "privacy, data protection, privacy policy",
    "third_party": "third parties, partners, advertisers, other companies",
    "app": "this app, your site, the service",
    "thing": "what is not about personal data: card, PIN, transfer, order, alarm, flight, song, playlist, reminder",
    "before": "what shall come first: before you delete, before anything is erased",
    "item": "one item of content: a photo, a picture, a file, a post, a comment, a review, a listing",
    "record": "a paper or recording about a person: CV, medical file, call recording, passport scan, photo of me",
    "lone": "what unsubscribes only as a whole message, as an answer to a mailing: stop, remove, end",
    "pitch": "words of somebody who sells or advertises: we offer, our software, book a demo, best price, dear winner",
}

CONCEPTS: Final = tuple(MEANING_OF_CONCEPT)
BIT: Final[dict[str, int]] = {name: 1 << place for place, name in enumerate(CONCEPTS)}


def mask(*names: str) -> int:
    """Return the bits of the named concepts."""
    bits = 0
    for name in names:
        bits |= BIT[name]
    return bits


@lru_cache(maxsize=NAMED_MAX)
def names_in(bits: int) -> tuple[str, ...]:
    """Return the names of the concepts in `bits`, in the order they are listed here."""
    return tuple(name for name, bit in BIT.items() if bits & bit)
