"""Unsubscribing, objecting, withdrawing a consent: done at once where the maps say how, with an entry that lasts.

Art. 21(3) GDPR leaves nothing to weigh about direct marketing; Art. 7(3) makes withdrawing as easy as giving. What is
meant is read off the person's own words by the names that the maps give to lists and purposes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.rights import Outcome
from services.fulfil.claims.outcome import Asked, Did, Done, ForHuman, Result, faults, label
from services.fulfil.core.acts import Marking
from services.fulfil.core.identities import Identities
from services.fulfil.core.maps.model import Consent, DataMap, Field, MailingList, TableName
from services.fulfil.core.objections import about_marketing, about_more_than_marketing
from services.fulfil.landscape import Landscape
from services.fulfil.ledger import Budget
from services.fulfil.marking import Marks, folded, mark, own_rows

WORD_LETTERS_MIN: Final = 4
ALL: Final = "*"
CONSENT: Final = "a"


def unsubscribe(asked: Asked) -> Result:
    """Take the person off the list that they name, or off all, and never write there again."""
    maps = asked.maps()
    lists = list(_lists(maps))
    if not lists:
        return ForHuman("map_names_no_list")
    with asked.landscape() as (landscape, identities, budget):
        names = _list_names(landscape, identities, budget, lists)
        chosen = [name for name in names if _named_in(asked.said, name)]
        markings = [_leaving(table, entry, chosen) for table, entry in lists if _concerned(entry, chosen)]
        consents = [] if chosen else list(_consent_markings(maps, _every_marketing))
        marks = mark(
            landscape, identities, budget, [*markings, *consents], now=asked.now, cause=asked.event.claim_id,
            salt=asked.salt,
        )  # fmt: skip
    if marks.faults:
        return faults("unsubscribe_incomplete", marks.faults)
    return _stopped(maps, marks, chosen or [ALL])


def objection(asked: Asked) -> Result:
    """Stop direct marketing at once; anything else is restricted and weighed by an officer (Art. 21(1), 18(1)(d))."""
    maps = asked.maps()
    if not about_marketing(asked.said):
        return _weigh(asked, maps)
    lists = [(table, entry) for table, entry in _lists(maps) if entry.marketing]
    markings = [_leaving(table, entry, []) for table, entry in lists] + list(_consent_markings(maps, _every_marketing))
    if not markings:
        return ForHuman("map_names_no_marketing")
    with asked.landscape() as (landscape, identities, budget):
        marks = mark(
            landscape, identities, budget, markings, now=asked.now, cause=asked.event.claim_id, salt=asked.salt
        )
    if marks.faults:
        return faults("objection_incomplete", marks.faults)
    done = _stopped(maps, marks, [ALL])
    if about_more_than_marketing(asked.said):
        return ForHuman(
            "weigh_objection", {"done": list(done.facts.get("receipts", ())), "suppressed": True}, marks.done
        )
    return done


def _weigh(asked: Asked, maps: Sequence[DataMap]) -> Result:
    """While an objection is weighed, the data is not used."""
    markings = list(restrictions(maps, lifted=False))
    if not markings:
        return ForHuman("weigh_objection", {"restricted": False})
    with asked.landscape() as (landscape, identities, budget):
        marks = mark(
            landscape, identities, budget, markings, now=asked.now, cause=asked.event.claim_id, salt=asked.salt
        )
    return ForHuman("weigh_objection", {"restricted": not marks.faults, "faults": list(marks.faults)}, marks.done)


def withdrawal(asked: Asked) -> Result:
    """End one consent: the one that is named, the only one there is, or the one that an officer names."""
    maps = asked.maps()
    consents = list(_consents(maps))
    purposes = list(dict.fromkeys(consent.purpose for _, _, consent in consents))
    if not purposes:
        return ForHuman("map_names_no_consent")
    wanted = str(asked.orders.get("purpose", ""))
    chosen = [p for p in purposes if wanted == ALL or folded(p) == folded(wanted)] if wanted else []
    chosen = chosen or [p for p in purposes if _named_in(asked.said, p)] or (purposes if len(purposes) == 1 else [])
    if not chosen:
        return ForHuman("approve_consent_withdrawal", {"purposes": purposes, "set": "purpose"})
    markings = list(_consent_markings(maps, lambda consent: consent.purpose in chosen))
    with asked.landscape() as (landscape, identities, budget):
        marks = mark(
            landscape, identities, budget, markings, now=asked.now, cause=asked.event.claim_id, salt=asked.salt
        )
        continuing = _continuing(landscape, identities, budget, maps) if not marks.faults else []
    if marks.faults:
        return faults("withdrawal_incomplete", marks.faults)
    marketing = any(consent.marketing for _, _, consent in consents if consent.purpose in chosen)
    did = [Did(m.marking.table, "stop", m.found, digest=m.digest) for m in marks.marked]
    facts: dict[str, Any] = {"receipts": chosen, "notices": ["consent_past"]}
    if continuing:
        facts |= {"notices": ["consent_past", "continues"], "continues": "; ".join(continuing)}
    elif not _says_grounds(maps):
        # The policy may say it, if an officer confirmed what it says; its words are the router's.
        facts["grounds_unsaid"] = True
    return Done(Outcome.FULFILLED, did, facts, lists=chosen if marketing else (), markings=marks.done)


def _says_grounds(maps: Sequence[DataMap]) -> bool:
    """Tell whether the maps say at all what is done on another ground than a consent."""
    return any(t.purpose and t.basis not in {"", CONSENT} for m in maps for t in m.tables)


def _continuing(landscape: Landscape, identities: Identities, budget: Budget, maps: Sequence[DataMap]) -> list[str]:
    """Return what is still done with the person's data, and on which ground: a consent is not all there is.

    Only where the map says both the purpose and the ground, and the person has rows there (Art. 13(1)(c), 7(3) GDPR).
    """
    told = {
        TableName(m.system, t.name): t for m in maps for t in m.tables if t.purpose and t.basis not in {"", CONSENT}
    }
    if not told:
        return []
    with landscape.sessions(write=False) as sessions:
        rows, _ = own_rows(landscape, sessions, identities, budget, dict.fromkeys(told, frozenset()))
    found = [f"{label(maps, n)}: {t.purpose} (Art. 6(1)({t.basis}) GDPR)" for n, t in told.items() if rows.rows[n]]
    return list(dict.fromkeys(found))


def restrictions(maps: Sequence[DataMap], *, lifted: bool) -> Iterator[Marking]:
    """Yield what marks, or no longer marks, a person's rows as restricted."""
    for data_map in maps:
        for table in data_map.tables:
            sets = {
                f.name: f.restriction.off if lifted else f.restriction.on
                for f in table.fields
                if f.restriction is not None and not table.skip
            }
            if sets:
                yield Marking(TableName(data_map.system, table.name), sets)


def _stopped(maps: Sequence[DataMap], marks: Marks, lists: Sequence[str]) -> Done:
    did = [
        Did(m.marking.table, "unsubscribe" if m.marking.delete else "stop", m.found, digest=m.digest)
        for m in marks.marked
    ]
    told = [label(maps, m.marking.table) for m in marks.marked if m.found]
    named = [name for name in lists if name != ALL]
    facts = {"receipts": named or list(dict.fromkeys(told)), "notices": ["suppressed"]}
    return Done(Outcome.FULFILLED, did, facts, lists=tuple(lists), markings=marks.done)


def _lists(maps: Sequence[DataMap]) -> Iterator[tuple[TableName, MailingList]]:
    for data_map in maps:
        for table in data_map.tables:
            if table.mailing_list is not None and not table.skip:
                yield TableName(data_map.system, table.name), table.mailing_list


def _consents(maps: Sequence[DataMap]) -> Iterator[tuple[TableName, Field, Consent]]:
    for data_map in maps:
        for table in data_map.tables:
            for f in table.fields:
                if f.consent is not None and not table.skip:
                    yield TableName(data_map.system, table.name), f, f.consent


def _every_marketing(consent: Consent) -> bool:
    return consent.marketing


def _consent_markings(maps: Sequence[DataMap], which: Any) -> Iterator[Marking]:
    sets: dict[TableName, dict[str, Any]] = {}
    for name, f, consent in _consents(maps):
        if which(consent):
            sets.setdefault(name, {})[f.name] = consent.off
    for name, changes in sets.items():
        yield Marking(name, changes)


def _leaving(table: TableName, entry: MailingList, chosen: Sequence[str]) -> Marking:
    only = (entry.by, frozenset(map(folded, chosen))) if entry.by and chosen else None
    return Marking(table, dict(entry.set), delete=not entry.set, only=only)


def _concerned(entry: MailingList, chosen: Sequence[str]) -> bool:
    return not chosen or entry.by is not None or folded(entry.name) in set(map(folded, chosen))


def _list_names(
    landscape: Landscape, identities: Identities, budget: Budget, lists: Sequence[tuple[TableName, MailingList]]
) -> list[str]:
    """Return the names of the lists: the maps' own, and where a table holds several, those the person is on."""
    names = [entry.name for _, entry in lists if entry.name and entry.by is None]
    wanted: Mapping[TableName, frozenset[str]] = {table: frozenset({e.by}) for table, e in lists if e.by}
    if wanted:
        with landscape.sessions(write=False) as sessions:
            rows, _ = own_rows(landscape, sessions, identities, budget, wanted)
        names += [str(v) for held in rows.rows.values() for row in held.values() for v in row.values() if v is not None]
    return list(dict.fromkeys(names))


def _named_in(said: str, name: str) -> bool:
    """Tell whether the person names this list or purpose: whole, or by its telling words."""
    if folded(name) and re.search(rf"(?<!\w){re.escape(folded(name))}(?!\w)", said):
        return True
    words = [w for w in re.findall(r"\w+", folded(name)) if len(w) >= WORD_LETTERS_MIN and w not in _COMMON]
    return bool(words) and all(re.search(rf"(?<!\w){re.escape(word)}", said) for word in words)


_COMMON: Final = frozenset({"list", "mail", "mails", "email", "emails", "with", "from", "your", "data", "consent"})
"""Words that would find a list or a purpose in any message."""
