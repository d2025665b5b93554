"""Options that take several values after one name: `--map a.yml b.yml` as well as `--map a.yml --map b.yml`.

What comes before every option is a map: `habeas map check a.yml --connect …`.
"""

from __future__ import annotations

from typing import Final

import click

LEADING: Final = "--map"


class SpreadCommand(click.Command):
    """A command whose repeatable options also take every value up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        spread = {
            name for p in self.params if isinstance(p, click.Option) and p.multiple and not p.is_flag for name in p.opts
        }
        return super().parse_args(ctx, _spread(args, spread))


def _spread(args: list[str], names: set[str]) -> list[str]:
    found: list[str] = []
    current, taken = (LEADING, 1) if LEADING in names else ("", 0)
    for arg in args:
        if arg.startswith("-") and arg != "-":
            current, taken = (arg, 0) if arg in names else ("", 0)
            found.append(arg)
            continue
        if current and taken:
            found.append(current)
        taken += 1
        found.append(arg)
    return found
