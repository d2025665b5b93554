"""Whose row is it? The one decision that access, erasure and every other right ask of each row that was found.

A row is the person's *own* if it names them, or hangs below a row of theirs. It is *context* if one of their rows
merely points to it and it has no owner: an address, a product. It is a *third* person's if it names somebody else, or
belongs to them. An own row can name a second person too (a message has two ends); those fields are listed, and
withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from services.fulfil.core.maps.model import Person
from services.fulfil.core.strength import strength


class Standing(IntEnum):
    """Whose a row is; a higher standing wins when a row is found twice."""

    THIRD = 0
    CONTEXT = 1
    OWN = 2


class Role(IntEnum):
    """What somebody is to a row that names two people; the higher is the one whose row it rather is."""

    SECOND = 0
    UNKNOWN = 1
    STAMP = 2
    NAMED = 3
    FIRST = 4


# A row with two people was mostly written, bought or opened by one of them. Column names say which; English, and what
# developers write in German, French, Spanish, Italian, Romanian, Polish, Dutch and Latvian schemas.
_FIRST: Final = frozenset(
    """sender from author writer customer client buyer purchaser user member account subscriber patient guest requester
    reporter poster reviewer applicant submitter payer donor person subject initiator caller inviter referrer contact
    lead commenter follower borrower tenant student rater voter holder participant attendee booker traveller traveler
    passenger respondent claimant policyholder insured candidate
    absender verfasser kunde kaeufer käufer nutzer benutzer mitglied patientin gast besteller antragsteller mieter
    expediteur expéditeur auteur client acheteur utilisateur membre abonne abonné locataire
    remitente emisor autor cliente comprador usuario miembro suscriptor huesped huésped paciente inquilino
    mittente autore acquirente utente membro abbonato ospite paziente
    expeditor cumparator cumpărător utilizator membru abonat oaspete pacient
    nadawca klient kupujacy kupujący uzytkownik użytkownik czlonek członek
    afzender auteur klant koper gebruiker lid abonnee
    sutitajs sūtītājs klients pircejs pircējs lietotajs lietotājs""".split()  # noqa: SIM905 - as a list, a page long
)
_SECOND: Final = frozenset(
    """recipient receiver to addressee assignee assigned agent employee staff seller vendor merchant friend followed
    followee target approver handler moderator support operator manager supervisor doctor callee invitee invited
    referred referee beneficiary payee viewer mentioned rep representative cc bcc reviewed rated reported blocked lender
    landlord companion spouse partner relative parent guardian child sibling emergency kin dependent witness provider
    physician
    teacher tutor coach driver courier host
    empfaenger empfänger bearbeiter verkaeufer verkäufer betreuer vorgesetzter arzt begleiter ehepartner vermieter
    destinataire vendeur gestionnaire medecin médecin accompagnant conjoint
    destinatario receptor vendedor gestor medico médico acompanante acompañante conyuge cónyuge
    destinatario venditore medico accompagnatore coniuge
    destinatar vanzator vânzător insotitor însoțitor
    odbiorca sprzedawca opiekun lekarz
    ontvanger verkoper behandelaar begeleider
    sanemejs saņēmējs pardevejs pārdevējs""".split()  # noqa: SIM905 - as above
)
# By these a person's own record is reached when the first way is lost; another's may name a spouse or a friend there.
_SPARE: Final = frozenset(
    """recovery recover backup rescue fallback forward forwarding forwards reset notification notifications notify
    recuperation recuperacion recuperación recupero wiederherstellung benachrichtigung""".split()  # noqa: SIM905
)
# Who entered or owns a record in the software's sense: often the person, and often staff at work on somebody's row.
_STAMP: Final = frozenset({"by", "creator", "created", "owner", "updated", "modified", "editor", "uploader"})


_BARE: Final = frozenset(
    """e email mail emailadresse phone telephone telefon tel mobile handy number no nr address adresse adresa id correo
    courriel email posta telefono téléphone telephone teléfono mobil""".split()  # noqa: SIM905 - as above
)
# A `contact_email` is how to reach somebody, a `contact_id` is somebody.
_MEANS: Final = frozenset({"email", "mail", "phone", "tel", "mobile", "number", "address"})


def role_of(path: Sequence[str]) -> Role:
    """Read a person's role from the column that names them."""
    words = _words(path)
    if words & _MEANS:
        words.discard("contact")
    if words & _SECOND or {word[:-1] for word in words if word.endswith("s")} & _SECOND:
        return Role.SECOND
    if words & _STAMP:
        return Role.STAMP
    return Role.FIRST if words & _FIRST else Role.UNKNOWN


def is_spare(path: Sequence[str]) -> bool:
    """Tell whether a column holds a spare way to reach the one whose row it is."""
    return not _SPARE.isdisjoint(re.split(r"[^\w]+|_|\d", _split("_".join(path))))


def is_bare(path: Sequence[str], kind: str = "") -> bool:
    """Tell whether a column is called by what it holds and nothing else: `email`, `E-Mail`, `phone_number`.

    What it holds may be of a kind with words of its own: an `account_no` that is an `account_id`.
    """
    return not [w for w in _words((path[-1],)) if w not in _BARE and w not in _words((kind,))]


def lists_means(name: str) -> bool:
    """Tell whether a list is called by ways to reach one person: `emails`, `phone_numbers`. Others list people."""
    return is_bare((name,)) or (name.endswith("s") and is_bare((name[:-1],))) or is_bare((name.removesuffix("es"),))


def _split(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Naming:
    """One column (or composite) of a row that names somebody. `ours` is None where it is empty.

    `linked` says that the reference is followed from here as well: what it leads to is judged there, on its own.
    `said` is what the map says of the column, `owning` that the row cannot be without the one named here, `listed`
    that it is one of several whom a list inside the row names.
    """

    path: tuple[str, ...]
    identity: str | None
    ours: bool | None
    to_itself: bool = False
    linked: bool = False
    said: Person | None = None
    owning: bool = False
    listed: bool = False

    @property
    def role(self) -> Role:
        """What the one named here is to the row: the map's word, or the column's."""
        if self.said is not None:
            return Role.FIRST if self.said is Person.SUBJECT else Role.SECOND
        return role_of(self.path)

    def weight(self, *, person_table: bool) -> tuple[int, int, Role]:
        """How much the row is this one's: the map's word comes first, then the structure, then the name."""
        said = 1 if self.said is None else 2 if self.said is Person.SUBJECT else 0
        role = self.role
        if role is Role.UNKNOWN and self.identity is not None and (person_table or is_bare(self.path)):
            # A record with an email is about whoever has that email, not about the staff that it points to.
            role = Role.NAMED
        return said, int(self.owning) - int(self.linked), role


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """Whose a row is, which of its fields name others, and why.

    `named` says that an identity of the person stands in the row itself. `subject` is false where they are only the
    other one in it (the emergency contact, the recipient as the map says), and `guest` where, besides, the row is
    another person's own record: of that they see and erase what is about them, and nothing else.
    """

    standing: Standing
    others: tuple[tuple[str, ...], ...] = ()
    reason: str = ""
    erasable: bool = True
    named: bool = False
    subject: bool = True
    guest: bool = False


IDENTITIES_DISAGREE: Final = "another identity of this row belongs to somebody else"
NAMES_ANOTHER: Final = "this row is about another person"
BELONGS_TO_ANOTHER: Final = "this row belongs to another person"
TWO_PEOPLE: Final = "this row concerns another person as well"
IN_ANOTHERS_RECORD: Final = "this is another person's own record; only what it says of you is yours"
ABOUT_ANOTHER: Final = "the map says that this is about another person"


def judge(namings: Sequence[Naming], *, person_table: bool, names_owner: bool = False) -> Verdict:
    """Decide whose a row is from the columns that name somebody.

    `names_owner` says that the table lists further names of whoever owns the row: their aliases, their addresses.
    """
    identities = [n for n in namings if n.identity is not None]
    owners = [n for n in namings if n.identity is None]
    matched = any(n.ours for n in identities)
    owned = any(n.ours and not n.to_itself for n in owners)
    # Whom the person's own row names as its second (their manager's phone) is in no conflict with the first.
    firsts = [n for n in identities if not ((matched or owned) and n.role is Role.SECOND)]
    conflicts = {n.identity for n in firsts if n.ours is False} - {n.identity for n in identities if n.ours}
    below_own = any(n.ours and n.to_itself for n in owners)
    if matched and not owned and person_table and _guest(identities):
        return _as_guest(namings)
    mine = [n for n in identities if n.ours]
    strangers = tuple(n for n in namings if n.ours is False and not (matched and _alternate(n, mine, person_table)))
    # A telephone is passed on and shared at home. Whom it alone names, while their email or account is another's, is
    # another person; an email or account that was given names its row whatever else the row says of old numbers.
    if matched and _outweighed(identities, conflicts):
        return Verdict(Standing.THIRD, reason=IDENTITIES_DISAGREE, erasable=False)
    if not matched and conflicts and (person_table or not owned):
        return Verdict(Standing.THIRD, reason=NAMES_ANOTHER, erasable=False)
    if owned and not matched:
        strangers = tuple(n for n in strangers if not _further_name(n, names_owner=names_owner))
    if matched or owned:
        return _own(namings, strangers, person_table=person_table)
    if any(n.ours is False and not n.to_itself for n in owners):
        return Verdict(Standing.THIRD, reason=BELONGS_TO_ANOTHER, erasable=False)
    if below_own:
        return _own(namings, strangers, person_table=person_table)
    if strangers:
        return Verdict(Standing.THIRD, reason=BELONGS_TO_ANOTHER, erasable=False)
    return Verdict(Standing.CONTEXT)


def _outweighed(identities: Sequence[Naming], conflicts: Iterable[str | None]) -> bool:
    """Whether a stronger kind of identity says that the row is another person's."""
    ours = max(strength(n.identity) for n in identities if n.ours and n.identity is not None)
    return any(strength(kind) > ours for kind in conflicts if kind is not None)


def _guest(identities: Sequence[Naming]) -> bool:
    """Whether the person stands in a record that is somebody else's own: as their manager, one of their friends."""
    mine = [n for n in identities if n.ours]
    return all(_beside(n) or (n.listed and n.said is None) for n in mine) and any(
        n.ours is False and not _beside(n) and not n.listed for n in identities
    )


def _beside(naming: Naming) -> bool:
    """Whether a column of somebody's record names another one, or is a spare way to reach them."""
    return naming.role is Role.SECOND or (naming.said is None and is_spare(naming.path))


def _further_name(naming: Naming, *, names_owner: bool) -> bool:
    """Whether an identity that was not given is another one of whoever owns the row."""
    if naming.identity is None or naming.said is not None:
        return naming.identity is not None and naming.said is Person.SUBJECT
    return names_owner and naming.role is not Role.SECOND and not is_spare(naming.path)


def _as_guest(namings: Sequence[Naming]) -> Verdict:
    others = tuple(n.path for n in namings if n.ours is False)
    return Verdict(Standing.OWN, others, IN_ANOTHERS_RECORD, erasable=False, named=True, subject=False, guest=True)


def _alternate(naming: Naming, mine: Sequence[Naming], person_table: bool) -> bool:
    """Whether an identity that was not given is another one of the same person: a second email in their own record.

    A buyer's and a holder's email are two people's; a customer's email and telephone are one's.
    """
    if naming.identity is None:
        return naming.linked
    if naming.role is Role.SECOND:
        return False
    rivals = [n for n in mine if n.identity == naming.identity]
    if naming.role is Role.FIRST:
        alike = not rivals or any(n.role is not Role.FIRST or _same_role(n, naming) for n in rivals)
        return alike and (person_table or all(n.role is Role.FIRST for n in mine))
    if person_table or naming.role is not Role.UNKNOWN:
        return person_table
    return not rivals or any(n.role is not Role.FIRST for n in rivals)


def _same_role(one: Naming, other: Naming) -> bool:
    return bool(_words(one.path) & _words(other.path) & _FIRST) or Person.SUBJECT in (one.said, other.said)


def _words(path: Sequence[str]) -> set[str]:
    return {word for name in path for word in re.split(r"[^\w]+|_|\d", _split(name)) if word}


def _own(namings: Sequence[Naming], strangers: Sequence[Naming], *, person_table: bool) -> Verdict:
    others = tuple(n.path for n in strangers)
    named = any(n.ours and n.identity is not None for n in namings)
    mine = [n for n in namings if n.ours and not n.to_itself] or [n for n in namings if n.ours]
    subject = any(n.said is not Person.OTHER for n in mine)
    theirs = [n for n in strangers if not n.to_itself]
    reason = TWO_PEOPLE if others else ""
    # Who wrote, bought or opened it may have it erased; who merely received or handled it may not erase another's words
    # (Art. 17(3)(a), recital 65). In doubt nothing irreversible is done and an officer is shown the row.
    ours_most, theirs_most = (max((n.weight(person_table=person_table) for n in who), default=None)
                              for who in (mine, theirs))  # fmt: skip
    erasable = subject and (theirs_most is None or (ours_most is not None and ours_most > theirs_most))
    return Verdict(Standing.OWN, others, reason, erasable, named, subject)
