"""The command line's front page: every command by name, loaded only when it is called.

Each command lives in a module of its own here and calls the services through their public doors. Loading lazily keeps
`habeas --help` and the `--jsonl` commands quick to start, however much the other commands import.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click

from services.runtime.memory import keep_small

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "up": ("services.cli.up:up", "Run the whole product in one process."),
    "run": ("services.cli.up:run", "Run one service; run as many of each as you like."),
    "doctor": ("services.cli.doctor:doctor", "Check that everything is there that habeas needs, and say what to do."),
    "topics": ("services.cli.topics:topics", "List the topics of the bus; show each event as it passes."),
    "case": ("services.cli.case:case", "See cases, and decide what only a human can."),
    "ask": ("services.cli.ask:ask", "Answer a question from a controller's policy, with the clause that says so."),
    "policy": ("services.cli.policy:policy", "Import, compare, lint and explain privacy policies."),
    "match": ("services.cli.match:match", "Read a message: which rights it uses, and on what evidence."),
    "phrases": (
        "services.cli.phrases:phrases",
        "Teach the reader: phrases and counter-examples, tested before accepted.",
    ),
    "backtest": ("services.cli.backtest:backtest", "Read an old inbox in shadow and report what would have happened."),
    "deadline": ("services.cli.deadline:deadline", "Work out a deadline, step by step, with its rule and source."),
    "map": ("services.cli.map:map_", "Draft, check and plan data maps."),
    "fulfil": ("services.cli.fulfil:fulfil", "Carry out rights on real systems, with proof."),
    "reapply": ("services.cli.reapply:reapply", "Carry out again what a restored backup has undone."),
    "packages": ("services.cli.packages:packages", "See how far people's packages are; remove one."),
    "suppressed": ("services.cli.suppressed:suppressed", "Say which addresses must not be written to any more."),
    "connectors": ("services.cli.connectors:connectors", "Test the connections to the controller's systems."),
    "vault": ("services.cli.vault:vault", "Replace the master key; export and apply tombstones."),
    "audit": ("services.cli.audit:audit", "Sign what happened, hand it out, and prove it."),
    "dead-letters": (
        "services.cli.dead_letters:dead_letters",
        "See what failed and waits for a human; replay or discard it.",
    ),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        _keep_what_takes_long()
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _keep_what_takes_long() -> None:
    from services.router.api.language import keep_letter_model

    keep_letter_model()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="habeas")
def habeas() -> None:
    """Answer the people who use their data-protection rights, from the inbox to the proof."""


def main() -> None:
    """Run one command; a fault that has a name becomes one readable message, never a traceback."""
    keep_small()
    try:
        sys.exit(habeas(prog_name="habeas"))
    except UnicodeEncodeError:
        # Bytes of another encoding in an argument: they can neither be looked up nor be printed.
        click.echo("habeas: an argument is no UTF-8 text; write it anew in this terminal", err=True)
        sys.exit(2)
