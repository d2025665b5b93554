"""`habeas fulfil run|retry|skip`: an officer's hand on the steps of a case."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import click

from schemas.rights import Right
from services.cli.case_common import acting, one_right, opened, say
from services.cli.faults import readable
from services.cli.progress import Bar
from services.fulfil.api.engineer import UsageFault
from services.fulfil.api.steps import ClaimSteps, Steps, Wait, steps
from services.router.api.cases import Refused
from services.runtime.settings import load

LOOK_SECONDS: Final = 0.3
NOT_DONE: Final = 1
_OPEN: Final = frozenset({Wait.WAITING, Wait.RUNNING})

waiting = click.option(
    "--wait", "wait_seconds", type=click.FloatRange(0, 3600), default=60.0, show_default=True,
    help="How long to watch a running habeas do it.",
)  # fmt: skip
step_option = click.option("--step", metavar="NAME", help="Only this system or delegate.")


@click.command()
@acting
@one_right
@waiting
def run(name: str, right: Right | None, wait_seconds: float, as_json: bool, **where: Any) -> None:
    """Carry out now what of a CASE only waits for its time: a next try, a next look at a delegate.

    What waits for an officer's yes still does, and so does an erasure that cools off.
    """
    with opened(**where) as at:
        case, claim = at.claim_named(name, right)
        ids = (case.case_id, claim.claim_id if right else None)
    with steps_of(where) as found:
        _refuse_cooling_off(found.of(ids[0]), ids[1])
        moved = found.hasten(*ids)
        _watch(found, ids[0], wait_seconds if moved else 0.0, as_json=as_json)


@click.command()
@acting
@one_right
@step_option
@waiting
def retry(name: str, right: Right | None, step: str | None, wait_seconds: float, as_json: bool, **where: Any) -> None:
    """Try again what of a CASE has failed: its handler, or a delegate that could not be asked."""
    with opened(**where) as at:
        case, claim = at.claim_named(name, right)
        with steps_of(where) as found:
            asked = found.ask_again(claim.claim_id, step)
            if step is not None and not asked:
                _stop(f"no human was called for {step[:64]} in this claim, so there is nothing to ask it again")
            mine = [each for each in found.of(case.case_id) if each.claim_id == claim.claim_id]
            if not any(each.wait is Wait.PARKED for each in mine):
                try:
                    at.retry(name, right)
                except Refused:
                    found.called_again(claim.claim_id, asked)
                    raise
            found.hasten(case.case_id, claim.claim_id)
            _watch(found, case.case_id, wait_seconds, as_json=as_json)


@click.command()
@acting
@one_right
@click.option("--step", required=True, metavar="NAME", help="The system or the delegate that is left out.")
@click.option("--reason", default="", help="Why; the person reads it.")
def skip(name: str, right: Right | None, step: str, reason: str, as_json: bool, **where: Any) -> None:
    """Leave one step of a CASE out. The claim is then fulfilled in part at most, and the person is told why."""
    with opened(**where) as at:
        done = at.skip(name, right, step, reason)
        say(done, as_json, lambda found: f"{found['reference']}: {step} is left out; what remains goes on without it")


@contextmanager
def steps_of(where: dict[str, Any]) -> Iterator[Steps]:
    """Open what is done about cases, in the habeas that the options name."""
    with readable():
        try:
            with steps(load(where["home"], where["config"], {"store": where["store"]})) as found:
                yield found
        except UsageFault as fault:
            raise click.ClickException(str(fault)) from None


def _refuse_cooling_off(found: list[ClaimSteps], claim_id: str | None) -> None:
    meant = [each for each in found if claim_id in {None, each.claim_id}]
    cooling = [each for each in meant if each.wait is Wait.COOLING_OFF]
    if cooling and len(cooling) == len([each for each in meant if each.wait is not Wait.IDLE]):
        until = f"{cooling[0].until:%Y-%m-%d %H:%M} UTC"
        _stop(f"the erasure cools off until {until}; until then it can be called off, and is not hurried")


def _stop(said: str) -> NoReturn:
    raise click.ClickException(f"refused: {said}")


def _line(found: dict[str, Any]) -> str:
    until = f" until {found['until']}" if found["until"] else ""
    asked = "".join(f"\n    {name}: {state}" for name, state in found["delegates"].items())
    return f"{found['right'] or found['claim'][:8]}: {found['state'].replace('_', ' ')}{until}{asked}"


def _watch(found: Steps, case_id: str, wait_seconds: float, *, as_json: bool) -> None:
    """Watch until nothing waits any more, or the time is over."""
    end = time.monotonic() + wait_seconds
    with Bar("claims") as told:
        while True:
            now = found.of(case_id)
            open_still = [each for each in now if each.wait in _OPEN]
            told(len(now) - len(open_still), len(now))
            if not open_still or time.monotonic() >= end:
                break
            time.sleep(LOOK_SECONDS)
    say([each.as_dict() for each in now], as_json, lambda listed: "\n".join(map(_line, listed)) or "nothing waits")
    if open_still and wait_seconds:
        click.echo("not done yet: is a habeas running that carries it out? `habeas doctor` says", err=True)
        sys.exit(NOT_DONE)
