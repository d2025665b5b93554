"""`habeas case`: what officers do on the command line, with the same functions that the console calls."""

from __future__ import annotations

import click

from services.cli import case_clock, case_decide, case_export, case_look, case_person, case_take


@click.group()
def case() -> None:
    """See cases, and decide what only a human can."""


for _module in (case_look, case_take, case_decide, case_clock, case_person, case_export):
    for _command in _module.COMMANDS:
        case.add_command(_command)
