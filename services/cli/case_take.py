"""`habeas case open` and `import`: requests that came by post, on the phone, or from another tool."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from schemas.rights import Channel, Right
from services.cli import case_words
from services.cli.case_common import REFUSED_STATUS, RIGHT, common, officer_id, opened, say
from services.router.api.cases import Asker, Assurance, Desk, Refused, Request, brought, known_laws

CHANNELS: Final = {
    "letter": Channel.LETTER,
    "call": Channel.PHONE,
    "phone": Channel.PHONE,
    "mail": Channel.EMAIL,
    "email": Channel.EMAIL,
    "chat": Channel.CHAT,
}
ASSURANCES = click.Choice([each.value for each in Assurance if each is not Assurance.NONE])
TEXT_BYTES_MAX: Final = 1_000_000


@click.command("open")
@common
@click.option("--controller", required=True, help="Who must answer.")
@click.option("--right", "rights", type=RIGHT, multiple=True, required=True, help="A right that is used; repeat.")
@click.option(
    "--received", required=True, metavar="DATE|MOMENT", help="When it arrived: 2026-03-31, or 2026-03-31T09:00."
)
@click.option("--channel", type=click.Choice(sorted(CHANNELS)), required=True, help="How it came.")
@click.option("--person-email", default="", help="Where the person can be written to.")
@click.option("--name", default="", help="The person's name.")
@click.option("--postal", default="", help="The person's postal address.")
@click.option(
    "--identity", "identities", multiple=True, metavar="KIND=VALUE", help="As your systems know them: customer=4711."
)
@click.option(
    "--text", "text_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="What they wrote or said."
)
@click.option(
    "--scan", "scan_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A file as it came."
)
@click.option("--language", default="", help="Two letters; else told from the text, else en.")
@click.option("--place", default="", help="The place or law that the person names: CCPA, CH, BR.")
@click.option("--law", "laws", multiple=True, help="The law, where you know better than the seat and the place.")
@click.option("--zone", default="", help="The zone that --received is in; else the controller's.")
@click.option("--asker", type=click.Choice([each.value for each in Asker]), default="person", show_default=True)
@click.option("--identified", "ground", default="", metavar="GROUND", help="You are sure who it is, and why: id_seen.")
@click.option(
    "--assurance", type=ASSURANCES, default="document", show_default=True, help="With --identified: how sure."
)
@click.option("--reference", default="", help="The letter's own number; the same number again is the same request.")
@click.option("--assign", default="", metavar="OFFICER", help="Give the case to an officer at once.")
@click.option("--note", default="", help="What else you know; kept with the case.")
@click.option("--separate", is_flag=True, help="A case of its own, even where the person has an open one.")
@click.option("--acknowledged", is_flag=True, help="The person has a receipt already.")
def open_(
    controller: str, rights: tuple[Right, ...], received: str, channel: str, person_email: str,
    identities: tuple[str, ...], text_file: Path | None, scan_file: Path | None, laws: tuple[str, ...], zone: str,
    asker: str, ground: str, assurance: str, assign: str, as_json: bool, home: Any, config: Any, store: Any,
    officer: Any, **plain: Any,
) -> None:  # fmt: skip
    """Open a case for a letter or a call; its deadline counts from the receipt."""
    with opened(home, config, store, officer) as at:
        request = Request(
            controller=controller, rights=rights, channel=CHANNELS[channel], email=person_email.strip(),
            received=at.local_moment(controller, received, "received", zone), identities=_identities(identities),
            text=_text(text_file), scan=brought(scan_file) if scan_file else None, laws=known_laws(at, laws),
            asker=Asker(asker), ground=ground, assurance=Assurance(assurance) if ground else Assurance.NONE,
            assigned=officer_id(assign) if assign else "", **plain,
        )  # fmt: skip
        say(_opened(at, request), as_json, _said)


def _opened(at: Desk, request: Request) -> dict[str, Any]:
    return at.open(request)


def _said(found: dict[str, Any]) -> str:
    how = {
        "opened": "opened",
        "joined": "joined to the person's open case",
        "known": "known already; nothing was changed",
    }[found["how"]]
    return f"{how}\n{case_words.line(found)}"


def _identities(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given:
        kind, equals, value = pair.partition("=")
        if not (equals and kind.strip() and value.strip()):
            raise Refused("an identity is written KIND=VALUE, for example customer=4711", "person")
        found[kind.strip().lower()] = value.strip()
    return found


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    if path.stat().st_size > TEXT_BYTES_MAX:
        raise Refused(f"{path.name} is larger than {TEXT_BYTES_MAX} bytes: give it as --scan", "text")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path.name} is not UTF-8 text: save it as UTF-8, or give it as --scan", "text") from None


@click.command("import")
@common
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--controller", default="", help="Whose cases they are, where no column says so.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=HEADING", help="Which heading holds a column of ours.")
@click.option("--dates", type=click.Choice(["DMY", "MDY"]), default=None, help="Which comes first in 03/04/2026.")
@click.option("--zone", default="", help="The zone that the dates are in; else each controller's.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
def import_(
    file: Path, controller: str, mapped: tuple[str, ...], dates: str | None, zone: str, dry_run: bool, as_json: bool,
    **where: Any,
) -> None:  # fmt: skip
    """Take open cases over from another tool's CSV FILE: all of them, or with any fault none."""
    with opened(**where) as at:
        found = at.import_cases(
            file.read_bytes(), controller=controller, mapped=_mapped(mapped), order=dates or "", zone=zone,
            dry_run=dry_run,
        )  # fmt: skip
        say(found, as_json, _imported)
        if found["faults"]:
            sys.exit(REFUSED_STATUS)


def _mapped(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given:
        column, equals, heading = pair.partition("=")
        if not (equals and column.strip() and heading.strip()):
            raise Refused("a mapping is written COLUMN=HEADING, for example reference='Request ID'", "import")
        found[column.strip().lower()] = heading.strip()
    return found


def _imported(found: dict[str, Any]) -> str:
    lines = [f"line {each['line']}, {each['column']}: {each['fault']}; {each['remedy']}" for each in found["faults"]]
    if lines:
        count = len(lines)
        return "\n".join([*lines, f"nothing was imported: {count} fault{'' if count == 1 else 's'}"])
    lines = [f"line {each['line']}: {each['warning']}" for each in found["warnings"]]
    lines += [
        f"line {each['line']}: {each['reference']} {'would be' if found['dry_run'] else 'is'} {each['habeas']}, "
        f"{each['how']}, due {each['due_day']}"
        for each in found["cases"]
    ]
    would = "would be " if found["dry_run"] else ""
    lines.append(
        f"{found['opened']} {would}opened, {found['known']} known before, "
        f"{found['not_open_any_more']} not open any more, "
        f"{found['letters']} letters {'would go' if found['dry_run'] else 'go'} out"
    )
    if found["headings_not_read"]:
        lines.append(f"not read: {', '.join(found['headings_not_read'])}")
    return "\n".join(lines)


COMMANDS = (open_, import_)
