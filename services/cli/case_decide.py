"""`habeas case`: deciding about claims. Each order needs what the law asks for it, or is refused with the rule."""

from __future__ import annotations

from typing import Any

import click

from schemas.rights import Outcome, Right
from services.cli import case_words
from services.cli.case_common import RIGHT, acting, common, officer_id, one_right, opened, say
from services.router.api.cases import Role

ENDS = click.Choice([Outcome.FULFILLED.value, Outcome.PARTLY_FULFILLED.value, Outcome.REFUSED.value])


@click.command()
@common
@click.argument("review")
@click.option("--right", "rights", type=RIGHT, multiple=True, help="A right that it uses; repeat for several.")
@click.option("--none", "nothing", is_flag=True, help="It uses none.")
def decide(review: str, rights: tuple[Right, ...], nothing: bool, as_json: bool, **where: Any) -> None:
    """Say which rights a message that waits for a human uses."""
    if bool(rights) == nothing:
        raise click.UsageError("say --right for each right that the message uses, or --none")
    with opened(**where) as at:
        at.decide_review(review, rights)
        named = [right.value for right in rights]
        say({"review": review, "rights": named}, as_json, lambda _: f"decided: {', '.join(named) or 'no right'}")


@click.command()
@acting
@one_right
@click.option("--outcome", type=ENDS, default="fulfilled", show_default=True)
@click.option("--note", default="", help="What the person is told about it; the reasons of a refusal.")
@click.option("--ground", help="The ground in law, for a refusal or a part withheld.")
@click.option("--answered", metavar="MOMENT", help="The person was answered outside habeas, then: no letter is sent.")
@click.option("--evidence", default="", help="With --answered: how that can be shown.")
@click.option("--zone", default="", help="The zone that --answered is in; else the controller's.")
def complete(
    name: str, right: Right | None, outcome: str, note: str, ground: str | None, answered: str | None, evidence: str,
    zone: str, as_json: bool, **where: Any,
) -> None:  # fmt: skip
    """Complete what only a human could do; the person gets their letter, or had their answer by hand."""
    if bool(answered) != bool(evidence):
        raise click.UsageError("--answered and --evidence belong together: when the person was answered, and the proof")
    with opened(**where) as at:
        found = (
            at.complete_by_hand(name, right, Outcome(outcome), answered, evidence, ground, zone)
            if answered
            else at.complete(name, right, Outcome(outcome), note, ground)
        )
        say(found, as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--ground", required=True, help="Why it may go on: mandate_seen, checked.")
@click.option("--note", default="", help="What is kept about it.")
@click.option(
    "--set", "sets", multiple=True, metavar="NAME=VALUE",
    help="What the handler is to do: shop.customers.name=Anne for a correction, purpose=newsletter for a consent, "
    "transfer=NAME or transfer=none for a direct transfer.",
)  # fmt: skip
@click.option("--statement", default="", help="What the person adds to their data (Art. 16 GDPR), in their own words.")
@click.option("--old", multiple=True, metavar="NAME=VALUE", help="Correct only where the field holds this value.")
def approve(
    name: str, right: Right | None, ground: str, note: str, sets: tuple[str, ...], statement: str,
    old: tuple[str, ...], as_json: bool, **where: Any,
) -> None:  # fmt: skip
    """Say yes to what waits for a human: the claim goes on where it was. `habeas case show` says what it is."""
    named = pairs(sets, "--set")
    orders: dict[str, Any] = {key: named.pop(key) for key in ("purpose",) if key in named}
    orders |= {"set": named} if named else {}
    orders |= {"old": pairs(old, "--old")} if old else {}
    orders |= {"statement": statement} if statement.strip() else {}
    with opened(**where) as at:
        say(at.approve(name, right, ground, note, orders or None), as_json, case_words.line)


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """Read NAME=VALUE; a value may hold further equals signs."""
    found: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"{option} is written NAME=VALUE, for example shop.customers.name=Anne.")
        found[name.strip()] = value
    return found


@click.command()
@acting
@one_right
@click.option("--ground", required=True, help="The ground in law; `habeas case grounds` lists them.")
@click.option("--reasons", default="", help="What the person reads.")
def deny(name: str, right: Right | None, ground: str, reasons: str, as_json: bool, **where: Any) -> None:
    """Say no to what waits for a human: an authority that was not shown, or the claim itself."""
    with opened(**where) as at:
        say(at.deny(name, right, ground, reasons), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--ground", required=True, help="The ground in law; `habeas case grounds` lists them.")
@click.option("--reasons", default="", help="What the person reads; a refusal without is refused.")
@click.option("--late", is_flag=True, help="Refuse though the first period is over: the deadline stays missed.")
def refuse(name: str, right: Right | None, ground: str, reasons: str, late: bool, as_json: bool, **where: Any) -> None:
    """Refuse a claim, with its ground and reasons, inside the first period (Art. 12(4) GDPR)."""
    with opened(**where) as at:
        say(at.refuse(name, right, ground, reasons, late=late), as_json, case_words.line)


@click.command()
@common
@click.option("--right", type=RIGHT, help="Only the grounds that can limit this right.")
def grounds(right: Right | None, as_json: bool, **where: Any) -> None:
    """List the grounds on which the law lets a claim be refused, with their sources."""
    with opened(**where) as at:
        say(at.grounds(right), as_json, lambda found: "\n".join(map(_ground, found)))


def _ground(found: dict[str, Any]) -> str:
    sources = "; ".join(f"{law}: {source}" for law, source in found["citations"].items())
    part = " (a part; the rest is still given)" if found["partial"] else ""
    return f"{found['ground']}\n    {found['title']}{part}\n    {sources}"


@click.command()
@acting
@click.option(
    "--asker", type=click.Choice(["person", "agent", "parent", "minor", "heir"]), help="Who asks, if corrected."
)
@click.option("--accepted/--denied", required=True, help="Whether they may ask for the person.")
@click.option("--ground", required=True, help="By what: mandate_seen, birth_certificate, no_mandate.")
def authority(name: str, asker: str | None, accepted: bool, ground: str, as_json: bool, **where: Any) -> None:
    """Record whether somebody may ask for the person: a mandate, parental authority, heirs."""
    with opened(**where) as at:
        say(at.authority(name, asker, accepted, ground), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--to", required=True, help="Whom the person can turn to: name and address.")
@click.option("--ground", required=True, help="Why: not_the_controller, processor_only.")
def transfer(name: str, right: Right | None, to: str, ground: str, as_json: bool, **where: Any) -> None:
    """Hand claims to the controller who must answer; the person is told whom to turn to."""
    with opened(**where) as at:
        say(at.transfer(name, right, to, ground), as_json, case_words.line)


@click.command()
@acting
@one_right
def withdraw(name: str, right: Right | None, as_json: bool, **where: Any) -> None:
    """End claims that the person took back, by telling you so."""
    with opened(**where) as at:
        say(at.withdraw(name, right), as_json, case_words.line)


@click.command()
@acting
@one_right
@click.option("--ground", required=True, help="Why: answer_incomplete, complaint_upheld.")
def reopen(name: str, right: Right | None, ground: str, as_json: bool, **where: Any) -> None:
    """Open a completed claim again; its deadline is what it was."""
    with opened(**where) as at:
        say(at.reopen(name, right, ground), as_json, case_words.line)


@click.command()
@acting
@click.option("--add", type=RIGHT, multiple=True, help="A right that was overlooked; it counts from the first receipt.")
@click.option("--drop", type=RIGHT, multiple=True, help="A right that was not used after all.")
@click.option("--ground", required=True, help="Why: misread, not_a_request, duplicate.")
def correct(
    name: str, add: tuple[Right, ...], drop: tuple[Right, ...], ground: str, as_json: bool, **where: Any
) -> None:
    """Say which rights the message really used."""
    with opened(**where) as at:
        say(at.correct(name, add, drop, ground), as_json, case_words.line)


@click.command()
@acting
@one_right
def resend(name: str, right: Right | None, as_json: bool, **where: Any) -> None:
    """Write an answer again whose letter did not arrive."""
    with opened(**where) as at:
        say(at.resend(name, right), as_json, case_words.line)


@click.command()
@acting
@one_right
def replay(name: str, right: Right | None, as_json: bool, **where: Any) -> None:
    """Send a parked claim to its handler again."""
    with opened(**where) as at:
        say(at.replay(name, right), as_json, case_words.line)


@click.command()
@acting
@click.argument("into", metavar="EARLIER_CASE")
def join(name: str, into: str, as_json: bool, **where: Any) -> None:
    """Join CASE to an earlier one of the same person: repeats end, what it adds lives on there."""
    with opened(**where) as at:
        say(at.join(name, into), as_json, case_words.line)


@click.command()
@acting
@click.argument("to", metavar="OFFICER")
def assign(name: str, to: str, as_json: bool, **where: Any) -> None:
    """Give a case to an officer."""
    with opened(**where) as at:
        say(at.assign(name, officer_id(to)), as_json, case_words.line)


@click.command()
@acting
@click.argument("text")
def note(name: str, text: str, as_json: bool, **where: Any) -> None:
    """Keep a note with a case."""
    with opened(**where) as at:
        say(at.note(name, text), as_json, case_words.line)


@click.command()
@acting
@click.argument("which", type=click.Choice([role.value for role in Role]))
@click.option("--customer", default="", metavar="NAME <ADDRESS>", help="Whose data it is; they are told what was done.")
@click.option("--ground", required=True, help="Why: their_list, our_own_data.")
def role(name: str, which: str, customer: str, ground: str, as_json: bool, **where: Any) -> None:
    """Say whether you answer for yourself or process for a customer (Art. 28(3)(e) GDPR)."""
    with opened(**where) as at:
        say(at.role(name, which, customer, ground), as_json, case_words.line)


@click.command()
@acting
@click.option("--reasons", default="", help="What the person reads; without, the restriction stays.")
def lift(name: str, reasons: str, as_json: bool, **where: Any) -> None:
    """End a restriction: the person is told first, then it is taken off the systems (Art. 18(3) GDPR)."""
    with opened(**where) as at:
        say(at.lift(name, reasons), as_json, case_words.line)


COMMANDS = (
    decide, complete, approve, deny, refuse, grounds, authority, role, lift, transfer, withdraw, reopen, correct,
    resend, replay, join, assign, note,
)  # fmt: skip
